#include "base/address.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <idn2.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel {
namespace {

constexpr std::size_t local_limit = 64;    // RFC 5321 §4.5.3.1.1
constexpr std::size_t domain_limit = 255;  // RFC 5321 §4.5.3.1.2

// RFC 5322 §3.2.3 atext, widened by RFC 6531 §3.3 to UTF8-non-ascii; without the routing
// characters '%' and '!'.
bool is_atom_character(char c) {
  constexpr std::string_view marks = "#$&'*+-/=?^_`{|}~";
  return ascii::is_alpha(c) || ascii::is_digit(c) || ascii::is_8bit(c) ||
         marks.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  bool after_dot = true;
  for (const char c : text) {
    if (c == '.' && after_dot) return false;
    if (c != '.' && !is_atom_character(c)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

/// Unicode's white space beyond ASCII, and the C1 controls.
bool is_foreign_blank(char32_t value) {
  return (value >= 0x80 && value <= 0xA0) || value == 0x1680 ||
         (value >= 0x2000 && value <= 0x200A) || value == 0x2028 || value == 0x2029 ||
         value == 0x202F || value == 0x205F || value == 0x3000;
}

/// Well-formed, and each character can be seen: two addresses that look alike must not differ by
/// a blank that one system drops and the other keeps (CVE-2026-2748).
bool is_visible(std::string_view text) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point || is_foreign_blank(point->value) || is_invisible(point->value)) return false;
    text.remove_prefix(point->octets);
  }
  return true;
}

bool is_local_part(std::string_view local) {
  return local.size() <= local_limit && is_dot_atom(local) && is_visible(local);
}

std::string_view without_needless_quotes(std::string_view local) {
  if (local.size() < 2 || local.front() != '"' || local.back() != '"') return local;
  return local.substr(1, local.size() - 2);
}

// RFC 5890 §2.3.1: letters, digits, hyphens, none at the ends. Underscores are no host names.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::ranges::all_of(
      label, [](char c) { return ascii::is_lower(c) || ascii::is_digit(c) || c == '-'; });
}

bool is_domain_name(std::string_view domain) {
  if (domain.empty() || domain.size() > domain_limit) return false;
  while (true) {
    const auto dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (!is_label(label)) return false;
    // RFC 1123 §2.1: the last label of a name is not all digits; 10.0.0.1 is an address.
    if (dot == std::string_view::npos) return !std::ranges::all_of(label, ascii::is_digit);
    domain.remove_prefix(dot + 1);
  }
}

// RFC 5891 §5.4: what claims to be an A-label must be one.
bool needs_idna(std::string_view domain) {
  return std::ranges::any_of(domain, ascii::is_8bit) || domain.starts_with("xn--") ||
         domain.find(".xn--") != std::string_view::npos;
}

std::optional<std::string> to_a_labels(const std::string& domain) {
  char* converted = nullptr;
  const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(domain.c_str(), &converted, flags) != IDN2_OK) return std::nullopt;
  const std::unique_ptr<char, decltype(&idn2_free)> owned(converted, &idn2_free);
  return std::string(converted);
}

}  // namespace

std::optional<std::string> normalise_domain(std::string_view text) {
  if (text.size() > domain_limit * 4 || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::string domain = ascii::lower(text);
  if (needs_idna(domain)) {
    if (!is_utf8(domain)) return std::nullopt;
    auto converted = to_a_labels(domain);
    if (!converted) return std::nullopt;
    domain = ascii::lower(*converted);
  }
  if (!is_domain_name(domain)) return std::nullopt;
  return domain;
}

std::optional<Address> Address::parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view local = without_needless_quotes(text.substr(0, at));
  if (!is_local_part(local)) return std::nullopt;
  auto domain = normalise_domain(text.substr(at + 1));
  if (!domain) return std::nullopt;
  return Address(std::string(local), std::move(*domain));
}

bool Address::is_international() const noexcept {
  return std::ranges::any_of(local_, ascii::is_8bit);
}

bool Address::equals_folded(const Address& other) const {
  return domain_ == other.domain_ && ascii::equals_ignoring_case(local_, other.local_);
}

std::optional<AddressPattern> AddressPattern::parse(std::string_view text) {
  AddressPattern pattern;
  pattern.text_ = text;
  if (text == "*") {
    pattern.local_ = pattern.domain_ = "*";
    return pattern;
  }
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view domain = text.substr(at + 1);
  const bool sub_domains = domain.starts_with("*.");
  if (sub_domains) domain.remove_prefix(2);
  const auto normal = normalise_domain(domain);
  if (!normal) return std::nullopt;
  pattern.domain_ = sub_domains ? "." + *normal : *normal;
  pattern.local_ = ascii::lower(text.substr(0, at));
  if (pattern.local_ == "*") return pattern;
  // "info*" would be taken for a wildcard and match nothing.
  const bool has_star = pattern.local_.find('*') != std::string::npos;
  if (has_star || !is_local_part(pattern.local_)) return std::nullopt;
  return pattern;
}

bool AddressPattern::matches(const Address& address) const {
  if (local_ != "*" && !ascii::equals_ignoring_case(local_, address.local())) return false;
  if (domain_ == "*") return true;
  if (domain_.starts_with('.')) return address.domain().ends_with(domain_);
  return address.domain() == domain_;
}

bool AddressPattern::covers(const AddressPattern& other) const {
  if (local_ != "*" && local_ != other.local_) return false;
  if (domain_ == "*" || domain_ == other.domain_) return true;
  return domain_.starts_with('.') && other.domain_ != "*" && other.domain_.ends_with(domain_);
}

}  // namespace siegel
