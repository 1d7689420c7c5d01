#include "config/checks_profile.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"
#include "config/schema_profile.h"
#include "config/spelling.h"
#include "config/subject_template.h"

namespace siegel::config {
namespace {

using Problems = std::vector<Problem>;

/// A section, found by its key; where it is left out, `node` is the profile itself.
struct Section {
  std::string_view name;
  const TreeNode& node;
  Problems& problems;

  void complain(std::string_view key, const std::string& text) const {
    report(problems, place_of(node, key),
           in_quotes(std::string(name) + '.' + std::string(key)) + text);
  }
};

// --- naming --------------------------------------------------------------------------------------

/// The fixed texts of the CN: a forbidden one among them would refuse every name.
void check_forbidden(const NamingRules& naming, const TemplatePart& cn, const Section& section) {
  for (const std::string& text : naming.forbidden) {
    const auto holds = [&](const TemplatePiece& piece) {
      return ascii::lower(piece.text).find(ascii::lower(text)) != std::string::npos;
    };
    if (std::ranges::any_of(cn.pieces, holds))
      section.complain("forbidden", " names " + in_quotes(text) +
                                        ", which the CN of \"subject\" holds itself, so that no "
                                        "name would be right; take it out of one of them");
  }
}

/// So would an address in the CN where none may be.
void check_address(const NamingRules& naming, const TemplatePart& cn, const Section& section) {
  if (!cn.holds(Placeholder::address)) return;
  if (!naming.network_names)
    section.complain("network_names",
                     " forbids mail addresses in the CN, but \"subject\" puts {address} there; "
                     "write true, or take {address} out");
  if (naming.printable_only)
    section.complain("printable_only",
                     " knows no @, but \"subject\" puts {address} into the CN; "
                     "write false, or take {address} out");
}

void check_naming(const NamingRules& naming, const Section& section) {
  const SubjectTemplate subject = parse_subject_template(naming.subject);
  for (const std::string& problem : subject.problems) section.complain("subject", ": " + problem);
  if (!subject.problems.empty()) return;
  const auto cn = std::ranges::find(subject.parts, "CN", &TemplatePart::type);
  check_forbidden(naming, *cn, section);
  check_address(naming, *cn, section);
}

// --- keys and deadlines --------------------------------------------------------------------------

void check_keys(const KeyRules& keys, const Section& section) {
  if (keys.types.empty())
    section.complain("types", " is empty; write at least one, such as [rsa-3072]");
  std::set<std::string> seen;
  for (const std::string& type : keys.types) {
    if (!seen.insert(type).second)
      section.complain("types", " names " + type + " twice; take one of them out");
  }
}

void check_deadlines(const Deadlines& deadlines, const Section& section) {
  if (deadlines.overlap > deadlines.renew_before)
    section.complain("overlap",
                     " is longer than \"renew_before\", but the old certificate is valid no longer "
                     "than that; make it as long or shorter");
  if (deadlines.renew_before >= deadlines.longest_validity)
    section.complain("renew_before",
                     " is not shorter than \"longest_validity\", so that every certificate would "
                     "be renewed at once; make it shorter");
}

// --- connectors ----------------------------------------------------------------------------------

/// Two keys of which one means nothing without the other.
struct Pair {
  std::string_view first;
  bool has_first;
  std::string_view second;
  bool has_second;
};

void check_pair(const Pair& pair, const Section& section) {
  if (pair.has_first == pair.has_second) return;
  const std::string_view there = pair.has_first ? pair.first : pair.second;
  const std::string_view missing = pair.has_first ? pair.second : pair.first;
  section.complain(there, " means nothing without " + in_quotes(missing) + "; write both, or none");
}

void check_cmp_tls(const CmpSettings& cmp, const Section& section) {
  const bool is_https = ascii::starts_ignoring_case(cmp.url, "https://");
  if (is_https && !cmp.tls_authority)
    section.complain("tls_authority",
                     " is missing; name the certificates to which the server's TLS certificate "
                     "must chain");
  if (!is_https && !cmp.url.empty() && cmp.tls_authority)
    section.complain("tls_authority",
                     " counts only if \"url\" begins with https; write that, or take it out");
}

void check_cmp(const CmpSettings& cmp, const Section& section) {
  if (cmp.url.empty())
    section.complain("url",
                     " is missing; write where the CA listens, such as "
                     "http://ca.pki.example/pkix/");
  check_pair({"reference", !cmp.reference.empty(), "secret", cmp.secret.has_value()}, section);
  check_pair({"certificate", cmp.certificate.has_value(), "key", cmp.key.has_value()}, section);
  if (!cmp.secret && !cmp.certificate)
    section.complain("secret",
                     " is missing: the CA must know who asks; write reference and "
                     "secret, or certificate and key");
  if (cmp.secret && cmp.certificate)
    section.complain("certificate",
                     " and \"secret\" exclude each other: a message is protected in "
                     "one way; take one of them out");
  if (cmp.certificate && !cmp.authority)
    section.complain("authority",
                     " is missing: signed answers must chain to somebody; name the "
                     "CA's certificates");
  check_cmp_tls(cmp, section);
}

void check_est(const EstSettings& est, const Section& section) {
  if (est.url.empty())
    section.complain("url",
                     " is missing; write where the CA listens, such as "
                     "https://ca.pki.example/.well-known/est");
  if (est.authority.empty())
    section.complain("authority",
                     " is missing; name the certificates to which the server's TLS "
                     "certificate must chain");
  check_pair({"certificate", est.certificate.has_value(), "key", est.key.has_value()}, section);
  check_pair({"user", !est.user.empty(), "secret", est.secret.has_value()}, section);
  if (!est.certificate && est.user.empty())
    section.complain("certificate",
                     " is missing: the CA must know who asks; write certificate and "
                     "key, or user and secret");
}

void check_local(const LocalCaSettings& local, const Section& section) {
  if (local.directory.empty())
    section.complain("directory",
                     " is missing; write the folder of the CA, such as "
                     "/var/lib/siegel/ca");
}

void check_connector(const CaProfile& profile, const Section& section) {
  if (profile.connector == Connector::cmp) check_cmp(profile.cmp, section);
  if (profile.connector == Connector::est) check_est(profile.est, section);
  if (profile.connector == Connector::local) check_local(profile.local, section);
}

/// Settings of another connector than the chosen one would be ignored without a word.
void check_unused(Connector chosen, const TreeNode& root, Problems& problems) {
  for (const auto& [word, connector] : words<Connector>) {
    const TreeNode* const node = root.find(word);
    if (connector == chosen || node == nullptr || node->children.empty()) continue;
    report(problems, node->key_at,
           in_quotes(word) + " counts only with connector: " + std::string(word) +
               "; write that, or take the section out");
  }
}

}  // namespace

void check_profile(const CaProfile& profile, const TreeNode& root, Problems& problems) {
  const Problems before = problems;
  const auto check = [&](std::string_view name, const auto& judge) {
    const TreeNode* const node = root.find(name);
    if (node == nullptr || !node->is_touched_by(before))
      judge(Section{name, node == nullptr ? root : *node, problems});
  };
  check("naming", [&](const Section& section) { check_naming(profile.naming, section); });
  check("keys", [&](const Section& section) { check_keys(profile.keys, section); });
  check("deadlines", [&](const Section& section) { check_deadlines(profile.deadlines, section); });
  const TreeNode* const connector = root.find("connector");
  if (connector != nullptr && connector->is_touched_by(before)) return;
  check(Form<Connector>::write(profile.connector),
        [&](const Section& section) { check_connector(profile, section); });
  check_unused(profile.connector, root, problems);
}

}  // namespace siegel::config
