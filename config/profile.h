#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/load.h"

/// A CA profile: what one certification authority demands of names, keys and requests, and how it
/// is reached. Data, one YAML file each; config/profiles/ holds commented ones to start from.
namespace siegel::config {

/// How requests get to the CA.
enum class Connector {
  batch,  ///< a folder or ZIP of PKCS#10 for the registration authority, and files that come back
  cmp,    ///< RFC 9483
  est,    ///< RFC 7030
  local,  ///< the small CA in a folder of ours
};

enum class Certificates {
  separate,  ///< one that signs and one that is encrypted to
  joint,     ///< one for both
};

struct NamingRules {
  /// RFC 4514, most significant part first as people write it: "C=DE, O={organisation},
  /// OU={department}, CN=GRP: {name}". {name} is the display name; {department}, {address},
  /// {organisation} and {locality} are known besides. A part that turns out empty is left out.
  std::string subject = "C=DE, O={organisation}, OU={department}, CN=GRP: {name}";
  std::string organisation, locality;
  std::optional<std::string> common_name;  ///< regular expression (ECMAScript) for the whole CN
  std::uint32_t length = 64;               ///< of each part, in characters (RFC 5280 appendix A.1)
  bool transliterate = true;               ///< ä → ae, ß → ss
  bool printable_only = false;             ///< PrintableString of X.680 only
  std::vector<std::string> forbidden;      ///< texts that must not occur in the CN, in any case
  bool network_names = false;  ///< mail addresses, host names and IP addresses may stand in the CN
};

struct KeyRules {
  std::vector<std::string> types{"rsa-3072"};  ///< the first is taken where a row names none
  Certificates certificates = Certificates::separate;
  bool non_repudiation = false;      ///< the signing request asks for it as well
  std::optional<std::string> token;  ///< PKCS#11 URI of the token that makes and keeps the keys
};

struct Deadlines {
  std::chrono::seconds longest_validity{std::chrono::hours(24) * (3 * 366)};
  std::chrono::seconds answer{std::chrono::hours(24) * 21};  ///< of the registration authority
  std::chrono::seconds renew_before{std::chrono::hours(24) * 90};  ///< a successor is begun
  std::chrono::seconds overlap{std::chrono::hours(24) * 30};  ///< the old one stays beside the new
  std::optional<std::chrono::seconds> keep_decrypting;  ///< what only decrypts; nothing: for ever
};

/// What a first certificate is asked for with (RFC 9483 §4.1).
enum class CmpMessage {
  p10cr,  ///< §4.1.4, the PKCS#10 as it is
  ir,     ///< §4.1.1, a certificate template (CRMF) that says the same
};

struct CmpSettings {
  CmpMessage message = CmpMessage::p10cr;
  std::string url;                              ///< http://ca.example:80/pkix/, or https
  std::string reference;                        ///< of the shared secret (PBM)
  std::optional<std::filesystem::path> secret;  ///< file; its first line is the shared secret
  std::optional<std::filesystem::path> certificate, key;  ///< signature protection instead
  std::optional<std::filesystem::path> authority;  ///< PEM: certificate(s) that the CA's answers
                                                   ///< must chain to
  std::optional<std::filesystem::path> tls_authority;  ///< PEM, with https: whom TLS believes
};

struct EstSettings {
  std::string url;  ///< https://ca.example/.well-known/est, or with a label behind it
  std::filesystem::path authority;  ///< PEM: whom TLS believes (RFC 7030 §3.3.1, explicit TA)
  std::optional<std::filesystem::path> certificate, key;  ///< TLS client certificate
  std::string user;                                       ///< HTTP Basic; empty: none
  std::optional<std::filesystem::path> secret;            ///< file; its first line is the password
};

struct LocalCaSettings {
  std::filesystem::path directory;  ///< made by `siegel ca init`
};

struct CaProfile {
  std::string name;  ///< the file's name without .yaml
  Connector connector = Connector::batch;
  bool four_eyes = false;  ///< another person must authorise what was started
  NamingRules naming;
  KeyRules keys;
  Deadlines deadlines;
  CmpSettings cmp;
  EstSettings est;
  LocalCaSettings local;
};

/// Either `profile` is set and `problems` is empty, or the other way round.
struct LoadedProfile {
  std::optional<CaProfile> profile;
  std::vector<Problem> problems;
};

/// Reads YAML text with the limits of parse(). Relative paths count from `file`'s folder.
[[nodiscard]] LoadedProfile parse_profile(std::string_view yaml, const std::filesystem::path& file);

/// The profiles that can be used, and one `file:line:column: text` line for each problem of the
/// others.
struct Profiles {
  std::vector<CaProfile> usable;
  std::string problems;
};
/// As load_profiles(), for what must go on although one file is broken.
[[nodiscard]] Profiles load_usable_profiles(const Config& config);

/// All profiles that `config.enrolment.profiles` names (files, or folders of *.yaml). Throws
/// Error{ours} with one `file:line:column: text` line per problem; two of one name are a problem.
[[nodiscard]] std::vector<CaProfile> load_profiles(const Config& config);

}  // namespace siegel::config
