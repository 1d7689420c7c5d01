#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "pki/fetch.h"
#include "pki/lists.h"

/// What a server may tell us: where to go next (Location), and a text of several lists.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  for (const std::string_view block : siegel::pki::lists_in(octets)) {
    if (block.size() > octets.size()) std::abort();
  }
  try {
    const auto place = siegel::pki::parse_list_url(octets);
    // Whatever is accepted must be fit for a request line and a Host field.
    const bool is_clean = place.target.find_first_of("\r\n ") == std::string::npos &&
                          place.host.find_first_of("\r\n @/") == std::string::npos;
    if (!is_clean || place.host.empty() || !place.target.starts_with('/')) std::abort();
  } catch (const siegel::Error&) {  // refused: that is an answer
  }
  return 0;
}
