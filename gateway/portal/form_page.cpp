#include "gateway/portal/form_page.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::portal {
namespace {

constexpr std::size_t form_limit = std::size_t{256} << 10U;
constexpr std::size_t free_form_limit = std::size_t{8} << 10U;
constexpr FormLimits limits{form_limit, 2048};

}  // namespace

std::optional<Form> read_form(Request& request, const Visitor& visitor) {
  const auto text = request.body.text(form_limit);
  auto form = text ? parse_form(*text, limits) : std::nullopt;
  if (!form || !visitor.has_sent(form->get("csrf").value_or(""))) return std::nullopt;
  return form;
}

Form read_free_form(Request& request) {
  const auto text = request.body.text(free_form_limit);
  return (text ? parse_form(*text) : std::nullopt).value_or(Form());
}

Response notice(const Visitor& visitor, int status, std::string_view flag) {
  nlohmann::json data = nlohmann::json::object();
  for (const char* const known : {"gone", "not_found", "forbidden", "stale", "bad_request", "large",
                                  "busy", "full", "failed", "unavailable"})
    data[known] = flag == known;
  return visitor.page(status, "notice", data);
}

Response stale(const Visitor& visitor) {
  return notice(visitor, 403, "stale");
}

Response gone(const Visitor& visitor) {
  return notice(visitor, 404, "gone");
}

std::string entered_line(const Form& form, std::string_view name, std::size_t limit) {
  std::string line;
  for (const char c : entered_text(form, name, limit)) line += c == '\n' ? ' ' : c;
  return line;
}

std::string entered_text(const Form& form, std::string_view name, std::size_t limit) {
  const std::string text = form.get(name).value_or("");
  std::string kept;
  std::string_view rest = ascii::trim(text);
  while (!rest.empty() && limit > 0) {
    const auto point = first_code_point(rest);
    if (!point) return {};
    const bool is_shown =
        point->value == U'\n' || point->value == U'\t' ||
        (point->value >= 0x20 && point->value != 0x7f &&
         !(point->value >= 0x80 && point->value < 0xa0) && !is_invisible(point->value));
    if (is_shown) {
      kept += rest.substr(0, point->octets);
      --limit;
    }
    rest.remove_prefix(point->octets);
  }
  return kept;
}

std::string days_of(std::chrono::seconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::days>(time).count());
}

std::optional<std::chrono::seconds> days_in(const Form& form, std::chrono::seconds most) {
  const std::string text(ascii::trim(form.get("days").value_or("")));
  int days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  const bool is_number = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!is_number || days < 1 || std::chrono::days(days) > most) return std::nullopt;
  return std::chrono::days(days);
}

}  // namespace siegel::portal
