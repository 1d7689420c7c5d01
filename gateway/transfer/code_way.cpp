#include "gateway/transfer/code_way.h"

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::transfer {
namespace {

constexpr std::size_t least_digits = 7, most_digits = 15, longest = 320;
constexpr std::string_view between = " -./()", hidden = "•••";

std::optional<std::string> telephone(std::string_view text) {
  std::string number = "+";
  for (const char c : text.substr(1)) {
    if (ascii::is_digit(c))
      number += c;
    else if (between.find(c) == std::string_view::npos)
      return std::nullopt;
  }
  const std::size_t digits = number.size() - 1;
  if (digits < least_digits || digits > most_digits) return std::nullopt;
  return number;
}

}  // namespace

std::optional<CodeWay> CodeWay::parse(std::string_view text) {
  const std::string_view bare = ascii::trim(text);
  if (bare.empty() || bare.size() > longest) return std::nullopt;
  if (bare.front() == '+') {
    auto number = telephone(bare);
    return number ? std::optional(CodeWay(*std::move(number))) : std::nullopt;
  }
  const auto address = Address::parse(bare);
  return address ? std::optional(CodeWay(address->str())) : std::nullopt;
}

std::string CodeWay::masked() const {
  constexpr std::size_t country = 3, last = 2;
  if (is_telephone())
    return text_.substr(0, country) + std::string(hidden) + text_.substr(text_.size() - last);
  const auto first = first_code_point(text_);
  return text_.substr(0, first ? first->octets : 1) + std::string(hidden) +
         text_.substr(text_.rfind('@'));
}

std::optional<Address> CodeWay::address(const std::string& sms_domain) const {
  if (!is_telephone()) return Address::parse(text_);
  if (sms_domain.empty()) return std::nullopt;
  return Address::parse(text_ + '@' + sms_domain);
}

}  // namespace siegel::transfer
