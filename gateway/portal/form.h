#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace siegel::portal {

/// Names and values of a form or a query, decoded, in their order. All of it is UTF-8 without NUL.
class Form {
 public:
  void add(std::string name, std::string value) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  /// The first value of that name.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct FormLimits {
  std::size_t octets = std::size_t{64} * 1024;  ///< of the text as it came
  std::size_t pairs = 256;
};

/// Reads application/x-www-form-urlencoded (WHATWG URL §5.1); a name without "=" has the value "".
/// Nothing if it is above a limit or not well-formed.
[[nodiscard]] std::optional<Form> parse_form(std::string_view text, const FormLimits& limits = {});

}  // namespace siegel::portal
