#pragma once

#include "config/key.h"
#include "config/profile.h"
#include "config/values.h"

/// The one description of a CA profile, for the same visitors as config/schema.h.
namespace siegel::config {

template <>
inline constexpr std::array words<Connector>{
    Word{"batch", Connector::batch}, Word{"cmp", Connector::cmp}, Word{"est", Connector::est},
    Word{"local", Connector::local}};
template <>
inline constexpr std::array words<Certificates>{Word{"separate", Certificates::separate},
                                                Word{"joint", Certificates::joint}};
template <>
inline constexpr std::array words<CmpMessage>{Word{"p10cr", CmpMessage::p10cr},
                                              Word{"ir", CmpMessage::ir}};

extern const TextForm line_of_text;
extern const TextForm name_pattern;
extern const TextForm forbidden_text;
extern const TextForm key_type;
extern const TextForm token_uri;
extern const TextForm cmp_url;
extern const TextForm est_url;

template <typename Visitor>
void schema(Visitor& visit, NamingRules& naming) {
  visit(Key{.name = "subject",
            .about = "The name in the certificate, most significant part first (RFC 4514, parts "
                     "divided by commas). {name}, {department} and {address} are the mailbox's, "
                     "{organisation} and {locality} stand below. A part whose words in braces are "
                     "all empty is left out.",
            .form = &line_of_text},
        naming.subject);
  visit(Key{.name = "organisation",
            .about = "What {organisation} stands for.",
            .example = "Stadt Muster",
            .form = &line_of_text},
        naming.organisation);
  visit(Key{.name = "locality",
            .about = "What {locality} stands for.",
            .example = "Muster",
            .form = &line_of_text},
        naming.locality);
  visit(Key{.name = "common_name",
            .about = "A regular expression (ECMAScript) that the whole CN must match.",
            .example = "GRP: [A-Za-z0-9 ]+",
            .form = &name_pattern},
        naming.common_name);
  visit(Key{.name = "length",
            .about = "The most characters that each part may have.",
            .least = 8,
            .most = 64},  // RFC 5280 appendix A.1: ub-common-name and its like
        naming.length);
  visit(Key{.name = "transliterate",
            .about = "true: umlauts are written out (\u00E4 becomes ae, \u00DF becomes ss)."},
        naming.transliterate);
  visit(
      Key{.name = "printable_only",
          .about = "true: only letters A to Z, digits, blanks and '()+,-./:=? (PrintableString)."},
      naming.printable_only);
  visit(Key{.name = "forbidden",
            .about = "Texts that must not occur in the CN, in upper or lower case.",
            .form = &forbidden_text},
        naming.forbidden);
  visit(Key{.name = "network_names",
            .about = "true: mail addresses, host names and IP addresses may stand in the CN."},
        naming.network_names);
}

template <typename Visitor>
void schema(Visitor& visit, KeyRules& keys) {
  visit(Key{.name = "types",
            .about = "Key types that the CA takes: rsa-3072, rsa-4096, p-256, p-384, "
                     "brainpoolP256r1. A mailbox that names none gets the first.",
            .form = &key_type},
        keys.types);
  visit(Key{.name = "certificates",
            .about = "separate: one certificate signs, another is encrypted to. joint: one for "
                     "both."},
        keys.certificates);
  visit(Key{.name = "non_repudiation",
            .about = "true: the signing request asks for nonRepudiation as well."},
        keys.non_repudiation);
  visit(Key{.name = "token",
            .about = "Keys are made and stay in this PKCS#11 token instead of the database. The "
                     "PIN does not stand here: pin-source names a file.",
            .example = "pkcs11:token=siegel?pin-source=file:/etc/siegel/pin",
            .form = &token_uri},
        keys.token);
}

template <typename Visitor>
void schema(Visitor& visit, Deadlines& deadlines) {
  visit(Key{.name = "longest_validity",
            .about = "A certificate that is valid for longer is not what was asked for.",
            .least = 86400,
            .most = 3660ULL * 86400},
        deadlines.longest_validity);
  visit(Key{.name = "answer",
            .about = "How long the registration authority may take before it is late.",
            .least = 3600,
            .most = 366ULL * 86400},
        deadlines.answer);
  visit(Key{.name = "renew_before",
            .about = "A successor is begun this long before a certificate expires.",
            .least = 86400,
            .most = 366ULL * 86400},
        deadlines.renew_before);
  visit(Key{.name = "overlap",
            .about = "The old certificate stays in use beside the new one for this long.",
            .most = 366ULL * 86400},
        deadlines.overlap);
  visit(Key{.name = "keep_decrypting",
            .about = "A key that only decrypts old mail is destroyed after this long; mail that "
                     "was encrypted to it can then never be read again. Without it the key is "
                     "kept for ever.",
            .example = "3653 d",
            .least = 86400,
            .most = 36600ULL * 86400},
        deadlines.keep_decrypting);
}

template <typename Visitor>
void schema(Visitor& visit, CmpSettings& cmp) {
  visit(Key{.name = "message",
            .about = "How a first certificate is asked for. p10cr: with the PKCS#10 request as it "
                     "is. ir: with a certificate template that says the same, for a CA that takes "
                     "nothing else."},
        cmp.message);
  visit(Key{.name = "url",
            .about = "Where the CA listens (RFC 9811).",
            .example = "http://ca.pki.example/pkix/",
            .form = &cmp_url},
        cmp.url);
  visit(Key{.name = "reference",
            .about = "Name of the shared secret, as the CA gave it out.",
            .example = "stadt-muster",
            .form = &line_of_text},
        cmp.reference);
  visit(Key{.name = "secret",
            .about = "File whose first line is the shared secret, 16 characters or more; only its "
                     "owner may read it.",
            .example = "/etc/siegel/cmp-secret"},
        cmp.secret);
  visit(Key{.name = "certificate",
            .about = "Our certificate that signs the messages, instead of the shared secret (PEM).",
            .example = "/etc/siegel/ra.pem"},
        cmp.certificate);
  visit(Key{.name = "key",
            .about = "Its private key (PEM, without a password); only its owner may read it.",
            .example = "/etc/siegel/ra.key"},
        cmp.key);
  visit(Key{.name = "authority",
            .about = "Certificates (PEM) to which the CA's signed answers must chain.",
            .example = "/etc/siegel/cmp-ca.pem"},
        cmp.authority);
  visit(Key{.name = "tls_authority",
            .about = "Certificates (PEM) to which the server's TLS certificate must chain, if url "
                     "begins with https.",
            .example = "/etc/siegel/cmp-tls-ca.pem"},
        cmp.tls_authority);
}

template <typename Visitor>
void schema(Visitor& visit, EstSettings& est) {
  visit(Key{.name = "url",
            .about = "Where the CA listens (RFC 7030), with its label if it has one.",
            .example = "https://ca.pki.example/.well-known/est",
            .form = &est_url},
        est.url);
  visit(Key{.name = "authority",
            .about = "Certificates (PEM) to which the server's TLS certificate must chain.",
            .example = "/etc/siegel/est-ca.pem"},
        est.authority);
  visit(Key{.name = "certificate",
            .about = "Our TLS client certificate (PEM).",
            .example = "/etc/siegel/est.pem"},
        est.certificate);
  visit(Key{.name = "key",
            .about = "Its private key (PEM, without a password); only its owner may read it.",
            .example = "/etc/siegel/est.key"},
        est.key);
  visit(Key{.name = "user",
            .about = "User name for HTTP Basic, instead of or besides the client certificate.",
            .example = "stadt-muster",
            .form = &line_of_text},
        est.user);
  visit(Key{.name = "secret",
            .about = "File whose first line is the user's password; only its owner may read it.",
            .example = "/etc/siegel/est-secret"},
        est.secret);
}

template <typename Visitor>
void schema(Visitor& visit, LocalCaSettings& local) {
  visit(Key{.name = "directory",
            .about = "Folder of the local CA, made by `siegel ca init`.",
            .example = "/var/lib/siegel/ca"},
        local.directory);
}

template <typename Visitor>
void schema(Visitor& visit, CaProfile& profile) {
  visit(Key{.name = "connector",
            .about = "How requests get to the CA. batch: files for the registration authority and "
                     "files that come back. cmp: RFC 9483. est: RFC 7030. local: the small CA in a "
                     "folder of ours."},
        profile.connector);
  visit(Key{.name = "four_eyes",
            .about = "true: another person than the one who started a request must authorise it."},
        profile.four_eyes);
  visit(Key{.name = "naming", .about = "What the CA demands of names."}, profile.naming);
  visit(Key{.name = "keys", .about = "What the CA demands of keys."}, profile.keys);
  visit(Key{.name = "deadlines", .about = "What takes how long."}, profile.deadlines);
  visit(Key{.name = "cmp", .about = "With connector: cmp."}, profile.cmp);
  visit(Key{.name = "est", .about = "With connector: est."}, profile.est);
  visit(Key{.name = "local", .about = "With connector: local."}, profile.local);
}

}  // namespace siegel::config
