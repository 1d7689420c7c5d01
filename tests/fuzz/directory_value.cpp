// Values of a directory, given any octets: no crash, and what is taken is bounded.

#include "pki/discovery/directory_value.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel::pki::discovery;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  Finds finds;
  take_certificate(value, finds);
  const std::size_t plain = finds.certificates.size();
  take_smime_certificates(value, finds);
  if (plain > 1 || finds.certificates.size() > finds_limit || !finds.openpgp.empty()) std::abort();
  return 0;
}
