// Data of SMIMEA and OPENPGPKEY records, given any octets: no crash, and what is taken is bounded.

#include "pki/discovery/dns_record.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel::pki::discovery;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  Finds finds;
  take_smimea(octets, finds);
  take_openpgpkey(octets, finds);
  if (finds.certificates.size() > 1 || finds.openpgp.size() > 1) std::abort();
  for (const std::string& key : finds.openpgp)
    if (key.size() > find_octets_limit) std::abort();
  return 0;
}
