#include "pki/enrol/network_names.h"

#include <algorithm>

#include "base/address.h"
#include "base/ascii.h"
#include "config/network.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::string_view between_words = " (),;<>\"'/";

/// "stadt.example", but not "St.Martin" or "z.B.": what ends in a word of one case.
bool is_host_name(std::string_view word) {
  const auto dot = word.rfind('.');
  if (dot == std::string_view::npos || !normalise_domain(word)) return false;
  const std::string_view last = word.substr(dot + 1);
  return last.size() >= 2 &&
         (std::ranges::all_of(last, ascii::is_lower) || std::ranges::all_of(last, ascii::is_upper));
}

std::optional<std::string_view> kind_of(std::string_view word) {
  if (word.find('@') != std::string_view::npos) return "a mail address";
  if (config::IpAddress::parse(word)) return "an IP address";
  if (is_host_name(word)) return "a host name";
  return std::nullopt;
}

/// "ca.example:" and "ca.example." are "ca.example".
std::string_view without_marks(std::string_view word) {
  while (!word.empty() && std::string_view(".:?!").find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  return word;
}

}  // namespace

std::optional<NetworkName> network_name_in(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(between_words), text.size());
    const std::string_view word = without_marks(text.substr(0, end));
    if (const auto kind = kind_of(word)) return NetworkName{std::string(word), *kind};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace siegel::pki::enrol
