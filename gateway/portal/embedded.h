#pragma once

#include <map>
#include <string_view>

/// Files that are part of the program, by their names; written by cmake/embed.cmake.
namespace siegel::portal {

/// The templates and words of `pages/`: "download.mustache", "de.json".
[[nodiscard]] const std::map<std::string_view, std::string_view>& embedded_pages();
/// What the pages load: "portal.css", "portal.js" and its licences.
[[nodiscard]] const std::map<std::string_view, std::string_view>& embedded_assets();

}  // namespace siegel::portal
