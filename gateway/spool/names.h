#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace siegel::spool {

/// [0-9a-z]{1,64}: fit to be a file name anywhere.
[[nodiscard]] bool is_envelope_id(std::string_view text) noexcept;

/// <envelope id>.<number>, taken apart.
struct ItemName {
  std::string envelope_id;
  std::size_t number = 0;  ///< from 1
};

[[nodiscard]] std::string item_id(std::string_view envelope_id, std::size_t number);
/// Nothing if it is no id of an item: ids come from people too, and become file names.
[[nodiscard]] std::optional<ItemName> parse_item_id(std::string_view id);

}  // namespace siegel::spool
