#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/portal/form.h"

namespace siegel::portal {

/// What a request is about.
struct Target {
  std::string path;
  Form query;
};

/// Reads a request-target in origin-form or absolute-form (RFC 9112 §3.2.1, §3.2.2). The path is
/// decoded once, and it is refused if that gives anything but UTF-8, a control character, a slash
/// or backslash inside of a segment, or a segment "." or "..": a path here is a name in a table,
/// but what climbs is up to nothing good (CVE-2026-2743, CVE-2026-44127).
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace siegel::portal
