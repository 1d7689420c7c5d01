// What a registration authority sends back, given any octets: each file in it is handed on within
// the limits or is trouble whose name can be printed, and is a bundle or an Error of the peer's.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "pki/enrol/returned_files.h"
#include "pki/import.h"

namespace {

using namespace siegel;
using pki::enrol::ReturnedFile;

constexpr std::size_t file_limit = std::size_t{16} << 20U;

void demand(bool holds) {
  if (!holds) std::abort();
}

void take(const ReturnedFile& file) {
  demand(printable(file.name) == file.name && file.octets.size() <= file_limit);
  try {
    static_cast<void>(pki::read_bundle(file.octets, "geheim"));
  } catch (const Error& error) {
    demand(error.fault() == Fault::peer);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  for (const auto& trouble : pki::enrol::unpack(ReturnedFile{"a.zip", octets}, take))
    demand(printable(trouble.about) == trouble.about && !trouble.text.empty());
  return 0;
}
