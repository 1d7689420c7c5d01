#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace siegel::pki::enrol {

enum class Column { address, display_name, department, owner, deputy, profile, key_type, purposes };
inline constexpr std::size_t column_count = 8;

/// "display_name"
[[nodiscard]] std::string_view name(Column column);
/// By its name or a German one. Upper and lower case, umlauts or not, blank or hyphen instead of an
/// underscore are the same.
[[nodiscard]] std::optional<Column> column_of(std::string_view heading);

/// All names, for a hint at the nearest.
[[nodiscard]] std::vector<std::string_view> column_headings();
/// The first name of each column.
[[nodiscard]] std::vector<std::string_view> column_names();

}  // namespace siegel::pki::enrol
