#include "config/schema.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/values.h"

namespace siegel::config {
namespace {

using Text = std::optional<std::string>;
using std::filesystem::path;

constexpr std::size_t tag_limit = 60;

// RFC 5321 §2.3.5: a host names itself by a fully-qualified domain name.
Text read_host_name(std::string_view text, const path&) {
  auto name = normalise_domain(text);
  if (!name || name->find('.') == std::string::npos) return std::nullopt;
  return name;
}

Text read_domain(std::string_view text, const path&) {
  return normalise_domain(text);
}

Text read_address(std::string_view text, const path&) {
  const auto address = Address::parse(text);
  if (!address) return std::nullopt;
  return address->str();
}

/// A tag is compared with what a person reads in a subject: nothing unseen may stand in it.
Text read_tag(std::string_view text, const path&) {
  const bool is_right = !text.empty() && text.size() <= tag_limit && ascii::trim(text) == text &&
                        text.find_first_of("[]") == std::string_view::npos &&
                        printable(text) == text;
  if (!is_right) return std::nullopt;
  return std::string(text);
}

Text read_verdict(std::string_view text, const path&) {
  if (std::ranges::find(verdict_word.choices, text) == verdict_word.choices.end())
    return std::nullopt;
  return std::string(text);
}

bool is_url_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

Text read_list_source(std::string_view text, const path& folder) {
  constexpr std::string_view http = "http://";
  if (ascii::starts_ignoring_case(text, http) && text.size() > http.size() && is_url_text(text))
    return std::string(text);
  if (text.find("://") != std::string_view::npos) return std::nullopt;
  const auto file = Form<path>::read(text, folder);
  if (!file) return std::nullopt;
  return file->string();
}

// PKCS#11 §3.2: 32 octets, filled up with blanks.
Text read_token_label(std::string_view text, const path&) {
  constexpr std::size_t label_limit = 32;
  const bool is_right = !text.empty() && text.size() <= label_limit && !text.ends_with(' ') &&
                        printable(text) == text;
  if (!is_right) return std::nullopt;
  return std::string(text);
}

// --- what stands under `transfer:`

constexpr std::size_t display_limit = 120;

Text read_display_text(std::string_view text, const path&) {
  const bool is_right = !text.empty() && text.size() <= display_limit &&
                        ascii::trim(text) == text && printable(text) == text;
  if (!is_right) return std::nullopt;
  return std::string(text);
}

/// https everywhere but on this machine itself: there a demo has no certificate.
bool is_web_address(std::string_view text) {
  constexpr std::string_view https = "https://", local = "http://127.0.0.1";
  const bool is_secure = text.starts_with(https) && text.size() > https.size();
  return (is_secure || text.starts_with(local)) && is_url_text(text) &&
         text.find_first_of("\"'<>\\^`{|}") == std::string_view::npos;
}

Text read_web_address(std::string_view text, const path&) {
  if (!is_web_address(text)) return std::nullopt;
  return std::string(text);
}

Text read_web_origin(std::string_view text, const path&) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (!is_web_address(text)) return std::nullopt;
  const auto host = text.substr(text.find("://") + 3);
  if (host.find_first_of("/?#@") != std::string_view::npos) return std::nullopt;
  return ascii::lower(text);
}

/// An LDAP URL (RFC 4516) with nothing but host and port: what to search for stands beside it.
Text read_directory_url(std::string_view text, const path&) {
  const bool is_plain = text.starts_with("ldap://");
  if (!is_plain && !text.starts_with("ldaps://")) return std::nullopt;
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto host = text.substr(text.find("://") + 3);
  const bool is_right = !host.empty() && is_url_text(text) &&
                        host.find_first_of("/?#@\"'<>\\^`{|}%") == std::string_view::npos;
  if (!is_right) return std::nullopt;
  return ascii::lower(text);
}

// RFC 4514: attribute=value, and so on.
Text read_distinguished_name(std::string_view text, const path&) {
  constexpr std::size_t name_limit = 500;
  const bool is_right = text.size() <= name_limit && text.find('=') != std::string_view::npos &&
                        ascii::trim(text) == text && printable(text) == text;
  if (!is_right) return std::nullopt;
  return std::string(text);
}

Text read_colour(std::string_view text, const path&) {
  const bool is_right =
      text.size() == 7 && text.front() == '#' &&
      text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
  if (!is_right) return std::nullopt;
  return ascii::lower(text);
}

Text read_scanner_socket(std::string_view text, const path& folder) {
  constexpr std::string_view by_path = "unix:", by_port = "tcp:";
  if (text.starts_with(by_path) && text.substr(by_path.size()).starts_with('/'))
    return std::string(text);
  if (!text.starts_with(by_port)) return std::nullopt;
  if (!Form<SocketAddress>::read(text.substr(by_port.size()), folder)) return std::nullopt;
  return std::string(text);
}

}  // namespace

const TextForm host_name{"a full host name, such as gateway.stadt.example", read_host_name};
const TextForm domain_name{"a domain, such as stadt.example", read_domain};
const TextForm mail_address{"a mail address, such as postmaster@stadt.example", read_address};
const TextForm subject_tag{
    "a tag of at most 60 octets without brackets and without blanks at its ends, such as "
    "vertraulich",
    read_tag};
const TextForm verdict_word{
    "good, bad, untrusted, expired, revoked, unchecked, weak, partial, mismatch, malformed or none",
    read_verdict,
    {"good", "bad", "untrusted", "expired", "revoked", "unchecked", "weak", "partial", "mismatch",
     "malformed", "none"}};
const TextForm list_source{"a path or an http:// address, such as http://crl.pki.example/ca.crl",
                           read_list_source};
const TextForm token_label{"the label of a token, of at most 32 octets, such as siegel",
                           read_token_label};
const TextForm directory_url{
    "ldap:// or ldaps:// with a host, perhaps a port, and nothing else, such as "
    "ldaps://directory.pki.example",
    read_directory_url};
const TextForm distinguished_name{
    "a distinguished name of at most 500 octets, such as o=PKI-1-Verwaltung,c=DE",
    read_distinguished_name};
const TextForm web_origin{
    "https:// and a host, and nothing else, such as "
    "https://dateien.stadt.example",
    read_web_origin};
const TextForm web_address{"an https:// address, such as https://www.stadt.example/impressum",
                           read_web_address};
const TextForm colour{"a colour as #rrggbb, such as #1d4f91", read_colour};
const TextForm scanner_socket{
    "unix: and a path, or tcp: with an IP address and a port, such as "
    "unix:/run/clamav/clamd.ctl",
    read_scanner_socket};
const TextForm display_text{
    "a text of at most 120 octets without line breaks, such as Stadt "
    "Beispiel",
    read_display_text};

}  // namespace siegel::config
