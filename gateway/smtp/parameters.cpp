#include "gateway/smtp/parameters.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace siegel::smtp {
namespace {

constexpr std::size_t parameter_limit = 16;

// RFC 5321 §4.1.2 esmtp-keyword.
bool is_keyword(std::string_view text) {
  if (text.empty() || text.front() == '-') return false;
  return std::ranges::all_of(
      text, [](char c) { return ascii::is_alpha(c) || ascii::is_digit(c) || c == '-'; });
}

// RFC 5321 §4.1.2 esmtp-value, widened by RFC 6531 §3.3 to UTF-8. "=" is let through: ORCPT values
// of UTF-8 form (RFC 6533 §3) may hold it, and every value has its own check.
bool is_value(std::string_view text) {
  return !text.empty() &&
         std::ranges::none_of(text, [](char c) { return c == ' ' || ascii::is_control(c); });
}

bool repeats(const std::vector<Parameter>& parameters, std::string_view keyword) {
  return std::ranges::any_of(parameters, [&](const Parameter& known) {
    return ascii::equals_ignoring_case(known.keyword, keyword);
  });
}

std::optional<Reply> append_parameter(std::vector<Parameter>& parameters, std::string_view word) {
  const auto equals = word.find('=');
  const std::string_view keyword = word.substr(0, equals);
  const bool has_value = equals != std::string_view::npos;
  const std::string_view value = has_value ? word.substr(equals + 1) : std::string_view{};
  if (!is_keyword(keyword) || (has_value && !is_value(value)))
    return replies::syntax_error("a parameter is KEYWORD or KEYWORD=value");
  if (repeats(parameters, keyword)) return replies::syntax_error("a parameter is given twice");
  if (parameters.size() == parameter_limit) return replies::syntax_error("too many parameters");
  parameters.push_back({keyword, value});
  return std::nullopt;
}

// The '>' that ends the path: one within a quoted local part does not (RFC 5321 §4.1.2).
std::size_t path_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '>' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::variant<PathArgument, Reply> parse_path_argument(std::string_view argument,
                                                      std::string_view keyword) {
  const std::string form = std::string(keyword) + ":<address>";
  if (argument.size() <= keyword.size() || !ascii::starts_ignoring_case(argument, keyword) ||
      argument[keyword.size()] != ':')
    return replies::syntax_error(form);
  argument.remove_prefix(keyword.size() + 1);
  // RFC 5321 §3.3 allows no blank here; too many honest clients send one to refuse their mail.
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  if (!argument.starts_with('<')) return replies::syntax_error(form);
  argument.remove_prefix(1);
  const auto end = path_end(argument);
  if (end == std::string_view::npos) return replies::syntax_error(form);

  PathArgument result{argument.substr(0, end), {}};
  argument.remove_prefix(end + 1);
  while (!argument.empty()) {
    if (argument.front() != ' ') return replies::syntax_error("blank before each parameter");
    argument.remove_prefix(std::min(argument.find_first_not_of(' '), argument.size()));
    if (argument.empty()) break;
    const std::string_view word = argument.substr(0, argument.find(' '));
    if (auto wrong = append_parameter(result.parameters, word)) return std::move(*wrong);
    argument.remove_prefix(word.size());
  }
  return result;
}

}  // namespace siegel::smtp
