#pragma once

#include "config/config.h"
#include "config/key.h"
#include "config/schema_discovery.h"
#include "config/schema_relay.h"
#include "config/schema_transfer.h"

/// The one description of siegel.yaml. For each struct of config.h there is a function
/// `schema(visit, value)` that names its keys, in the order of the annotated file. A visitor has:
///   visit(Key, member)            one key and the member that it fills
///   visit.section(Key, describe)  a key with keys of its own that is no struct
///   visit.line(number)            where the value stands in the file
/// The loader, the hints for unknown keys and config/siegel.yaml are all made from it.
namespace siegel::config {

template <typename Visitor>
void schema(Visitor& visit, Storage& storage) {
  visit(Key{.name = "directory",
            .about = "Database and spool live here; only the relay's user may read it."},
        storage.directory);
  visit(Key{.name = "key_encryption_key",
            .about = "File with the key that seals the private keys in the database. Keep a copy "
                     "in a safe place: without it all private keys are lost. May be a systemd "
                     "credential: /run/credentials/siegel-relay.service/kek."},
        storage.key_encryption_key);
}

template <typename Visitor>
void schema(Visitor& visit, TokenSettings& token) {
  visit(Key{.name = "module",
            .about = "The library that speaks PKCS#11 for it.",
            .example = "/usr/lib/softhsm/libsofthsm2.so",
            .required = true},
        token.module);
  visit(Key{.name = "pin",
            .about = "File whose first line is the token's PIN, such as a systemd credential; only "
                     "its owner may read it.",
            .example = "/etc/siegel/token.pin",
            .required = true},
        token.pin);
  visit(Key{.name = "label",
            .about = "The token's label; needed where the library has more than one token.",
            .example = "siegel",
            .form = &token_label},
        token.label);
}

/// What is done where the conditions of the rule hold.
template <typename Visitor>
void schema_of_treatment(Visitor& visit, OutgoingRule& rule) {
  visit(Key{.name = "sign",
            .about = "always (or the mail is refused), if-possible or never.",
            .example = "always"},
        rule.sign);
  visit(Key{.name = "encrypt",
            .about = "required, if-possible (a trusted key of the recipient is known) or never.",
            .example = "required"},
        rule.encrypt);
  visit(Key{.name = "without_key",
            .about = "With encrypt: required, for a recipient without a key: refuse (the "
                     "default), hold (an operator decides) or pickup: the mail waits sealed in the "
                     "transfer service, and the recipient gets a link (needs transfer).",
            .example = "pickup"},
        rule.without_key);
  visit(Key{.name = "scheme",
            .about = "Which key is used where a recipient has both an S/MIME certificate and an "
                     "OpenPGP key: last-used (the default), smime or openpgp first, or smime-only, "
                     "openpgp-only.",
            .example = "smime"},
        rule.scheme);
  visit(Key{.name = "replace_signature",
            .about = "true: a signature made by the sender's own program is dropped and the mail "
                     "signed anew. false: such mail is not touched."},
        rule.replace_signature);
  visit(Key{.name = "hide_subject",
            .about = "true: the subject of encrypted mail is \"[...]\" outside; mail programs that "
                     "know protected headers show the true one."},
        rule.hide_subject);
  visit(Key{.name = "invitations",
            .about = "true: calendar invitations are signed and encrypted too; some mail programs "
                     "then show them as text."},
        rule.invitations);
  visit(Key{.name = "offload",
            .about = "Attachments that together are larger leave the mail, the largest first, and "
                     "become a link (needs transfer). Signed and encrypted mail stays as it is.",
            .example = "10 MB"},
        rule.offload);
}

template <typename Visitor>
void schema(Visitor& visit, OutgoingRule& rule) {
  visit.line(rule.line);
  visit(Key{.name = "from",
            .about = "Condition: the sender. anna@stadt.example, *@stadt.example, "
                     "*@*.stadt.example (sub-domains only) or *.",
            .example = "*@stadt.example"},
        rule.from);
  visit(Key{.name = "to",
            .about = "Condition: the recipient, written in the same way.",
            .example = "*@justiz.example"},
        rule.to);
  visit(
      Key{.name = "trigger",
          .about = "Condition: what the message itself asks for, by a subject tag, by Sensitivity: "
                   "Company-Confidential or by an X-Siegel field: encrypt, plain or sign.",
          .example = "encrypt"},
      rule.trigger);
  visit(Key{.name = "subject_tag",
            .about = "Condition: the subject begins or ends with this tag; without brackets.",
            .example = "vertraulich",
            .form = &subject_tag},
        rule.subject_tag);
  schema_of_treatment(visit, rule);
}

template <typename Visitor>
void schema(Visitor& visit, IncomingRule& rule) {
  visit.line(rule.line);
  visit(Key{.name = "from", .about = "Condition: the sender.", .example = "*@bank.example"},
        rule.from);
  visit(Key{.name = "to", .about = "Condition: the recipient.", .example = "*@stadt.example"},
        rule.to);
  visit(Key{.name = "verdict",
            .about = "Condition: what was found out about the signature: good, bad, untrusted, "
                     "expired, revoked, unchecked, weak, partial, mismatch, malformed or none.",
            .example = "bad",
            .form = &verdict_word},
        rule.verdict);
  visit(Key{.name = "action",
            .about = "accept, hold (an operator decides) or refuse.",
            .example = "hold",
            .required = true},
        rule.action);
  visit(Key{.name = "offload", .about = "As for outgoing mail.", .example = "20 MB"}, rule.offload);
}

template <typename Visitor>
void schema(Visitor& visit, Rules& rules) {
  visit(Key{.name = "outgoing",
            .about =
                "What is demanded of mail from inside. Read top down for each recipient; the first "
                "line whose conditions all hold decides. What it leaves open, and mail that no "
                "line matches, is treated with sign: if-possible, encrypt: if-possible."},
        rules.outgoing);
  visit(Key{.name = "incoming",
            .about = "What is demanded of mail from the world, read in the same way. Mail that no "
                     "line matches is accepted."},
        rules.incoming);
}

template <typename Visitor>
void schema(Visitor& visit, Tags& tags) {
  visit(Key{.name = "encrypt", .about = "Ask for encryption.", .form = &subject_tag}, tags.encrypt);
  visit(Key{.name = "plain", .about = "Ask for no encryption.", .form = &subject_tag}, tags.plain);
  visit(Key{.name = "sign", .about = "Ask for a signature.", .form = &subject_tag}, tags.sign);
  visit(Key{.name = "annotate_subject",
            .about = "Show what was found out about incoming mail in its subject. The header "
                     "fields say it in any case."},
        tags.annotate_subject);
  visit(Key{.name = "good", .about = "Shown for a good signature.", .form = &subject_tag},
        tags.good);
  visit(
      Key{.name = "bad", .about = "Shown for a signature that is not good.", .form = &subject_tag},
      tags.bad);
  visit(Key{.name = "decrypted",
            .about = "Shown for mail that came encrypted and was opened.",
            .form = &subject_tag},
        tags.decrypted);
}

template <typename Visitor>
void schema(Visitor& visit, RevocationSettings& revocation) {
  visit(Key{.name = "lists",
            .about = "Certificate revocation lists: paths or http:// addresses, such as "
                     "http://crl.pki.example/ca.crl. A list is signed, so https is not needed.",
            .form = &list_source},
        revocation.lists);
  visit(Key{.name = "hosts",
            .about =
                "Hosts that may be asked by OCSP, and for lists, where the certificates of others "
                "name them: ocsp.pki.example, *.pki.example:8080 (what is below the domain); "
                "without a port, 80. Only certificates that chain to a trust anchor are asked "
                "for. Empty: nothing that a certificate names is ever fetched."},
        revocation.hosts);
  visit(Key{.name = "mode",
            .about = "hard-fail: a signature is not good while the revocation status of its "
                     "certificate is unknown. soft-fail: it counts as good, with a note."},
        revocation.mode);
  visit(Key{.name = "refresh",
            .about = "How often the lists are fetched anew.",
            .least = 60,
            .most = 7ULL * 86400},
        revocation.refresh);
  visit(Key{.name = "grace",
            .about = "How long a list still counts after its nextUpdate.",
            .most = 30ULL * 86400},
        revocation.grace);
}

template <typename Visitor>
void schema(Visitor& visit, SmimeSettings& smime) {
  visit(Key{.name = "strict_x509",
            .about = "Check certificate paths against every demand of RFC 5280; the certificates "
                     "of some old authority CAs fail it."},
        smime.strict_x509);
  visit(Key{.name = "synchronised_clock",
            .about = "true: nothing counts as good while the kernel does not say that the clock is "
                     "synchronised (NTP). In a container it may never say so."},
        smime.synchronised_clock);
  visit(Key{.name = "fold_local_part",
            .about = "Bauamt@stadt.example in a certificate also signs for bauamt@stadt.example."},
        smime.fold_local_part);
  visit(Key{.name = "any_extended_key_usage",
            .about = "A certificate whose extended key usage is anyExtendedKeyUsage is fit for "
                     "mail (RFC 8550, section 4.4.4)."},
        smime.any_extended_key_usage);
  visit(Key{.name = "weak_is_good",
            .about = "Signatures by RSA keys of 2048 to 2999 bits or with SHA-224 count as good, "
                     "with a note."},
        smime.weak_is_good);
  visit(Key{.name = "accept_unauthenticated",
            .about = "Deliver what was encrypted without integrity protection (AES-CBC: most of "
                     "today's S/MIME), with a mark, and with HTML turned into plain text where no "
                     "good signature covers it. false: such mail is refused."},
        smime.accept_unauthenticated);
  visit(Key{.name = "stale_after",
            .about = "A signature whose signing time is older is noted, and no certificate is "
                     "learned from it.",
            .least = 3600,
            .most = 3650ULL * 86400},
        smime.stale_after);
}

template <typename Visitor>
void schema(Visitor& visit, Harvest& harvest) {
  visit(Key{.name = "enabled",
            .about = "Keep the certificates of trustworthy signed mail, to encrypt the reply."},
        harvest.enabled);
  visit(Key{.name = "certificates_per_address",
            .about = "Certificates that are kept for one address.",
            .least = 1,
            .most = 100},
        harvest.certificates_per_address);
  visit(Key{.name = "new_per_domain_and_hour",
            .about = "New certificates that are taken from one sender domain in an hour.",
            .least = 1,
            .most = 100000},
        harvest.new_per_domain_and_hour);
}

template <typename Visitor>
void schema(Visitor& visit, EnrolmentSettings& enrolment) {
  visit(Key{.name = "profiles",
            .about = "CA profiles: files, or folders of *.yaml, such as [/etc/siegel/profiles]. "
                     "Each says what one certification authority demands, and how it is reached."},
        enrolment.profiles);
  visit(Key{.name = "sender",
            .about = "An address of ours: reminders to the owners of certificates come from it. "
                     "Without it the log is told instead.",
            .example = "pki@stadt.example"},
        enrolment.sender);
  visit(Key{.name = "escalate_to",
            .about = "The PKI team: told of certificates that end within a week, and of those that "
                     "nobody owns.",
            .example = "pki-team@stadt.example"},
        enrolment.escalate_to);
  visit(Key{.name = "rounds",
            .about = "The relay does by itself what needs nobody: begins successors, asks the "
                     "authorities, puts certificates into service. false: a timer that calls "
                     "siegel enrol run does."},
        enrolment.rounds);
}

/// Whose keys there are, and how they come to us; and the services beside the relay.
template <typename Visitor>
void schema_of_keys_and_services(Visitor& visit, Config& config) {
  visit(
      Key{.name = "revocation", .about = "How it is found out whether a certificate was revoked."},
      config.revocation);
  visit(Key{.name = "smime", .about = "S/MIME: what counts as good."}, config.smime);
  visit(Key{.name = "harvest", .about = "Learning the certificates of others."}, config.harvest);
  visit(Key{.name = "enrolment", .about = "Certificates for our own mailboxes."}, config.enrolment);
  visit(Key{.name = "openpgp",
            .about = "OpenPGP beside S/MIME, by gpg. A change takes effect when the relay starts "
                     "anew."},
        config.openpgp);
  visit(Key{.name = "discovery",
            .about = "Where keys of recipients are looked for whom none is known. What is found is "
                     "checked like what comes by mail."},
        config.discovery);
  visit(Key{.name = "transfer", .about = "Large files by link: the service siegel-transfer."},
        config.transfer);
}

template <typename Visitor>
void schema(Visitor& visit, Config& config) {
  visit(Key{.name = "name",
            .about = "Our own host name, as the world knows it: for EHLO, Received and "
                     "Authentication-Results.",
            .example = "gateway.stadt.example",
            .required = true,
            .form = &host_name},
        config.name);
  visit(Key{.name = "domains",
            .about = "The mail domains that are ours. Sub-domains are not included.",
            .example = "[stadt.example]",
            .required = true,
            .form = &domain_name},
        config.domains);
  visit(
      Key{.name = "postmaster",
          .about =
              "Whom refusals name for questions. Default: postmaster at the first of our domains.",
          .example = "postmaster@stadt.example",
          .form = &mail_address},
      config.postmaster);
  visit(Key{.name = "relay", .about = "The SMTP relay."}, config.relay);
  visit(Key{.name = "storage", .about = "Where the relay keeps what it must not lose."},
        config.storage);
  visit(Key{.name = "token",
            .about = "A PKCS#11 token (HSM, SoftHSM) in which private keys are made and used; they "
                     "never leave it. A change takes effect when the relay starts anew."},
        config.token);
  visit(Key{.name = "rules", .about = "What is demanded of mail."}, config.rules);
  visit(Key{.name = "tags",
            .about = "Tags at start or end of a subject, without brackets; upper or lower case is "
                     "the same. The first three are honoured in mail from inside and never leave."},
        config.tags);
  schema_of_keys_and_services(visit, config);
  visit(Key{.name = "protect_headers",
            .about = "Signed and encrypted mail carries copies of its header fields inside, so "
                     "that a change on the way is noticed (RFC 9788)."},
        config.protect_headers);
  visit(Key{.name = "keep_decisions",
            .about = "How long siegel explain --id can say why a mail was treated as it was; its "
                     "content is never kept. 0 s: not at all.",
            .most = 365ULL * 86400},
        config.keep_decisions);
  visit(Key{.name = "log_subjects",
            .about = "Write subjects into the log. They are often confidential."},
        config.log_subjects);
}

}  // namespace siegel::config
