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

}  // namespace siegel::config
