#pragma once

#include <string>
#include <string_view>

namespace siegel {

/// `text` as HTML shows it, between tags and in double quotation marks.
[[nodiscard]] std::string escaped_html(std::string_view text);

}  // namespace siegel
