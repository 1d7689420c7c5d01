#pragma once

#include <string>
#include <string_view>

namespace siegel::crypt {

/// A field as a reader sees it, without what servers on the way write differently: folding, encoded
/// words, quotes and capital letters of addresses, comments of a date. Two that read alike are the
/// same field.
[[nodiscard]] std::string field_as_read(std::string_view name, std::string_view body);

}  // namespace siegel::crypt
