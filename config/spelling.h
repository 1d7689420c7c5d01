#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace siegel::config {

/// Letters to insert, drop, change or swap with their neighbour until `a` is `b`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean "listen"?" if one of `known` is near enough to `written` to be meant, else
/// nothing.
[[nodiscard]] std::string did_you_mean(std::string_view written,
                                       const std::vector<std::string_view>& known);

/// "a, b or c"
[[nodiscard]] std::string one_of(const std::vector<std::string_view>& words);

/// `text` in quotes, fit for a terminal and cut to a length that a line can bear.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace siegel::config
