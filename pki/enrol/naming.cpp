#include "pki/enrol/naming.h"

#include <algorithm>
#include <array>

#include <unictype.h>

#include "base/utf8.h"
#include "pki/enrol/name_rules.h"

namespace siegel::pki::enrol {
namespace {

/// How a letter is written out: among small letters, and in a word of capitals.
struct WrittenOut {
  char32_t letter;
  std::string_view usual, in_capitals;
};
constexpr std::array written_out{
    WrittenOut{U'\u00E4', "ae", "ae"}, WrittenOut{U'\u00F6', "oe", "oe"},
    WrittenOut{U'\u00FC', "ue", "ue"}, WrittenOut{U'\u00DF', "ss", "ss"},
    WrittenOut{U'\u00C4', "Ae", "AE"}, WrittenOut{U'\u00D6', "Oe", "OE"},
    WrittenOut{U'\u00DC', "Ue", "UE"}, WrittenOut{U'\u1E9E', "SS", "SS"}};

bool is_capital(char32_t character) {
  return uc_is_property_uppercase(static_cast<ucs4_t>(character));
}
bool is_letter(char32_t character) {
  return uc_is_property_alphabetic(static_cast<ucs4_t>(character));
}

/// The next letter tells whether a word is written in capitals, at its end the one before.
bool is_in_capitals(char32_t before, std::string_view rest) {
  const auto next = first_code_point(rest);
  return next && is_letter(next->value) ? is_capital(next->value) : is_capital(before);
}

}  // namespace

std::string transliterated(std::string_view text) {
  std::string result;
  char32_t before = U' ';
  while (!text.empty()) {
    const CodePoint point = first_code_point(text).value_or(CodePoint{U' ', 1});
    const std::string_view rest = text.substr(point.octets);
    const auto* const found = std::ranges::find(written_out, point.value, &WrittenOut::letter);
    if (found == written_out.end()) {
      result += text.substr(0, point.octets);
    } else {
      result += is_in_capitals(before, rest) ? found->in_capitals : found->usual;
    }
    before = point.value;
    text = rest;
  }
  return result;
}

Naming name_by_profile(const Wish& wish, const config::CaProfile& profile) {
  JudgedName judged = judge_name(wish, profile);
  Naming naming{std::move(judged.subject), {}};
  for (const NameProblem& problem : judged.problems)
    naming.problems.push_back(problem.column + ' ' + problem.text);
  return naming;
}

}  // namespace siegel::pki::enrol
