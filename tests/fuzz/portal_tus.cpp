// Upload-Metadata, Upload-Checksum and Upload-Length, a line each: names come out printable,
// digests as long as their algorithm makes them.

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/portal/tus_request.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& octets) {
  const auto end = octets.find('\n');
  const std::string_view line = octets.substr(0, end);
  octets = end == std::string_view::npos ? std::string_view() : octets.substr(end + 1);
  return line;
}

bool is_printable(const std::string& text) {
  for (const char c : text)
    if (siegel::ascii::is_control(c)) return false;
  return siegel::is_utf8(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view octets(reinterpret_cast<const char*>(data), size);
  using namespace siegel::portal;
  if (const auto metadata = tus::parse_metadata(take_line(octets)))
    demand(is_printable(metadata->file_name) && is_printable(metadata->media_type));
  if (const auto checksum = tus::parse_checksum(take_line(octets)))
    demand(checksum->digest.size() >= 20 && checksum->digest.size() <= 64);
  if (const auto count = tus::parse_count(take_line(octets)))
    demand(*count <= std::numeric_limits<std::int64_t>::max());
  return 0;
}
