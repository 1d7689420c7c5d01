#include "gateway/mail/safe_field.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/parameters.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/survey.h"

namespace siegel::mail {
namespace {

/// Proper line ends, no blanks in front of them; a folded line of blanks alone goes, because
/// without its blanks it would end the head. A CR inside a line becomes a blank: made a line end,
/// it would let a new field begin.
std::string with_clean_lines(std::string_view octets) {
  std::string result;
  while (!octets.empty()) {
    std::string line(without_line_end(take_line(octets)));
    std::ranges::replace(line, '\r', ' ');
    while (!line.empty() && ascii::is_blank(line.back())) line.pop_back();
    if (!line.empty()) result += line + "\r\n";
  }
  return result;
}

bool is_named(const Field& field, std::string_view name) {
  return ascii::equals_ignoring_case(field.name, name);
}

bool is_unstructured(const Field& field) {
  constexpr std::array<std::string_view, 4> names{"Subject", "Comments", "Content-Description",
                                                  "Thread-Topic"};
  return ascii::starts_ignoring_case(field.name, "X-") ||
         std::ranges::any_of(names, [&](std::string_view name) { return is_named(field, name); });
}

/// Content-Type or Content-Disposition from its meaning.
std::optional<std::string> rewrite_parameters(const Field& field) {
  const ParameterList list = read_parameters(field.body);
  if (!list.is_well_formed || list.has_duplicates || !is_utf8(field.body)) return std::nullopt;
  const auto type = parse::media_type(field.body);
  const bool is_type = is_named(field, "Content-Type");
  if (is_type && !type) return std::nullopt;
  std::string value = list.word;
  auto theirs = is_type ? type->parameters : parse::disposition_parameters(field.body);
  for (const auto& [name, text] : decoded_parameters(list, std::move(theirs)))
    value += "; " + make_parameter(name, text);
  return make_structured_field(field.name, value);
}

std::optional<std::string> rewrite(const Field& field) {
  if (is_named(field, "Content-Type") || is_named(field, "Content-Disposition"))
    return rewrite_parameters(field);
  if (is_unstructured(field)) return make_field(field.name, decode_text(field.body));
  // What is left can only be too long: folding at blanks changes no meaning.
  if (field.name.empty() || std::ranges::any_of(field.body, ascii::is_8bit)) return std::nullopt;
  std::string unfolded;
  for (const char c : field.body) {
    if (c != '\r' && c != '\n') unfolded += c == '\t' ? ' ' : c;
  }
  return make_structured_field(field.name, unfolded);
}

}  // namespace

std::optional<std::string> to_safe_field(const Field& field) {
  std::string clean = with_clean_lines(field.octets);
  // What begins with a blank would be read as part of the field before it.
  if (clean.empty() || ascii::is_blank(clean.front())) return std::nullopt;
  const Survey seen = survey(clean);
  if (seen.is_safe()) return clean;
  if (seen.has_nul || seen.has_from_line) return std::nullopt;
  auto rewritten = rewrite(field);
  if (!rewritten || !survey(*rewritten).is_safe()) return std::nullopt;
  return rewritten;
}

}  // namespace siegel::mail
