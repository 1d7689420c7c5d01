#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace siegel::portal {

/// RFC 9110 §5.6.2: what names of fields and methods are made of.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// RFC 9110 §5.5: no control character except the tab; so no CR, LF or NUL.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;

/// Header fields in their order. Names are compared without regard to case (RFC 9110 §5.1).
class Fields {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  /// Appends a field. Throws Error{ours} if it could break the head apart: whoever passes on
  /// foreign text has to encode it first.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name.
  void set(std::string_view name, std::string_view value);
  /// Takes away all fields of that name.
  void remove(std::string_view name);

  /// The value; several fields of that name are one list, joined by ", " (RFC 9110 §5.3), and
  /// cookies by "; " (RFC 6265 §5.4).
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return count(name) != 0; }
  [[nodiscard]] const std::vector<Field>& all() const noexcept { return fields_; }

 private:
  std::vector<Field> fields_;
};

}  // namespace siegel::portal
