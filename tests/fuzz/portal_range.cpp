// Range and If-Range, a line each: whatever they say, the part lies within the file.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/portal/range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  using namespace siegel;
  const auto line = octets.find('\n');
  portal::RangeRequest asked{std::string(octets.substr(0, line)), {}};
  if (line != std::string_view::npos) asked.if_range = octets.substr(line + 1);
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}}) {
    const auto choice = portal::choose_range(asked, length, "\"e\"");
    if (choice.kind != portal::RangeChoice::Kind::part) continue;
    if (choice.range.first > choice.range.last || choice.range.last >= length) std::abort();
  }
  return 0;
}
