#include "config/schema_profile.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/name_pattern.h"

namespace siegel::config {
namespace {

using Text = std::optional<std::string>;
using std::filesystem::path;

constexpr std::size_t line_limit = 500;
constexpr std::size_t forbidden_limit = 64;

bool is_line(std::string_view text, std::size_t limit) {
  return !text.empty() && text.size() <= limit && ascii::trim(text) == text &&
         printable(text, limit) == text;
}

Text read_line(std::string_view text, const path&) {
  if (!is_line(text, line_limit)) return std::nullopt;
  return std::string(text);
}

Text read_pattern(std::string_view text, const path&) {
  if (text.empty() || !is_name_pattern(text)) return std::nullopt;
  return std::string(text);
}

Text read_forbidden(std::string_view text, const path&) {
  if (text.empty() || text.size() > forbidden_limit || printable(text) != text) return std::nullopt;
  return std::string(text);
}

Text read_key_type(std::string_view text, const path&) {
  if (std::ranges::find(key_type.choices, text) == key_type.choices.end()) return std::nullopt;
  return std::string(text);
}

/// RFC 7512; the PIN itself would be read by whoever may read the profile.
Text read_token(std::string_view text, const path&) {
  const bool is_right = text.starts_with("pkcs11:") && is_line(text, line_limit) &&
                        text.find(' ') == std::string_view::npos &&
                        text.find("pin-value") == std::string_view::npos;
  if (!is_right) return std::nullopt;
  return std::string(text);
}

/// `scheme` with a host behind it, and no password within.
bool is_url(std::string_view text, std::string_view scheme) {
  const auto is_url_character = [](char c) { return c > ' ' && c < '\x7F'; };
  if (text.size() > line_limit || !ascii::starts_ignoring_case(text, scheme) ||
      !std::ranges::all_of(text, is_url_character))
    return false;
  text.remove_prefix(scheme.size());
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  return !authority.empty() && authority.front() != ':' &&
         authority.find('@') == std::string_view::npos;
}

Text read_cmp_url(std::string_view text, const path&) {
  if (!is_url(text, "http://") && !is_url(text, "https://")) return std::nullopt;
  return std::string(text);
}

Text read_est_url(std::string_view text, const path&) {
  if (!is_url(text, "https://")) return std::nullopt;
  return std::string(text);
}

}  // namespace

const TextForm line_of_text{
    "one line of at most 500 octets, without blanks at its ends and without invisible characters",
    read_line};
const TextForm name_pattern{
    "a regular expression (ECMAScript, no back references) of at most 200 characters, such as "
    "GRP: [A-Za-z0-9 ]+",
    read_pattern};
const TextForm forbidden_text{"a text of at most 64 octets, such as Behoerde", read_forbidden};
const TextForm key_type{"rsa-3072, rsa-4096, p-256, p-384 or brainpoolP256r1",
                        read_key_type,
                        {"rsa-3072", "rsa-4096", "p-256", "p-384", "brainpoolP256r1"}};
const TextForm token_uri{
    "a PKCS#11 URI without the PIN itself, such as "
    "pkcs11:token=siegel?pin-source=file:/etc/siegel/pin",
    read_token};
const TextForm cmp_url{
    "an http:// or https:// address without a password, such as http://ca.pki.example/pkix/",
    read_cmp_url};
const TextForm est_url{
    "an https:// address without a password, such as https://ca.pki.example/.well-known/est",
    read_est_url};

}  // namespace siegel::config
