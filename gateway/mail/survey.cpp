#include "gateway/mail/survey.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "gateway/mail/scan.h"

namespace siegel::mail {
namespace {

/// Counts kept per octet, without branches: the compiler makes vector code of it.
struct Tally {
  std::size_t carriage_returns = 0;
  unsigned char all = 0;
  bool nul = false;
};

Tally tally(std::string_view text) noexcept {
  Tally result;
  constexpr std::size_t block = 128;  // so that a counter of eight bits cannot overflow
  for (std::size_t at = 0; at < text.size(); at += block) {
    unsigned char returns = 0;
    unsigned char nuls = 0;
    for (const char c : text.substr(at, block)) {
      returns = static_cast<unsigned char>(returns + static_cast<unsigned char>(c == '\r'));
      nuls = static_cast<unsigned char>(nuls | static_cast<unsigned char>(c == '\0'));
      result.all = static_cast<unsigned char>(result.all | static_cast<unsigned char>(c));
    }
    result.carriage_returns += returns;
    result.nul = result.nul || nuls != 0;
  }
  return result;
}

void survey_line(std::string_view line, Survey& facts) noexcept {
  facts.has_long_line = facts.has_long_line || line.size() > line_limit;
  if (line.empty()) return;
  facts.has_trailing_blank = facts.has_trailing_blank || ascii::is_blank(line.back());
  facts.has_from_line = facts.has_from_line || (line.front() == 'F' && line.starts_with("From "));
  facts.has_lone_dot = facts.has_lone_dot || (line.front() == '.' && line.size() == 1);
}

}  // namespace

Survey survey(std::string_view text) noexcept {
  const Tally octets = tally(text);
  Survey facts;
  facts.has_nul = octets.nul;
  facts.has_8bit = (octets.all & 0x80U) != 0;
  std::size_t proper_ends = 0;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto content = without_line_end(line);
    const auto end = line.size() - content.size();
    proper_ends += static_cast<std::size_t>(end == 2);
    facts.has_bare_line_end = facts.has_bare_line_end || end == 1;
    survey_line(content, facts);
  }
  facts.has_bare_line_end = facts.has_bare_line_end || proper_ends != octets.carriage_returns;
  return facts;
}

}  // namespace siegel::mail
