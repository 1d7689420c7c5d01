#include "gateway/portal/form.h"

#include <algorithm>

#include "gateway/portal/percent.h"

namespace siegel::portal {

std::optional<std::string> Form::get(std::string_view name) const {
  const auto found =
      std::ranges::find_if(pairs_, [&](const auto& pair) { return pair.first == name; });
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Form::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [known, value] : pairs_) {
    if (known == name) values.push_back(value);
  }
  return values;
}

std::optional<Form> parse_form(std::string_view text, const FormLimits& limits) {
  if (text.size() > limits.octets) return std::nullopt;
  Form form;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto sign = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, sign), Plus::space);
    const auto value = percent_decoded(
        sign == std::string_view::npos ? std::string_view{} : pair.substr(sign + 1), Plus::space);
    if (!name || !value || form.size() == limits.pairs) return std::nullopt;
    form.add(*name, *value);
  }
  return form;
}

}  // namespace siegel::portal
