#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as people compare it. All functions take well-formed UTF-8.
namespace siegel::pki::enrol {

/// Normalisation Form C: "ü" is one character, also where a file has "u" and two dots (as files
/// from a Mac do).
[[nodiscard]] std::string composed(std::string_view text);
/// Equal for texts that differ only in upper and lower case, composition, or the number of blanks:
/// X.520 caseIgnoreMatch, by which two names are the same.
[[nodiscard]] std::string folded(std::string_view text);
/// Code points.
[[nodiscard]] std::size_t characters_in(std::string_view text);

}  // namespace siegel::pki::enrol
