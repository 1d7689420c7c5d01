// Revocation lists, given any octets: no crash, texts bounded, and what was accepted reads the same
// again and does not supersede itself.

#include "pki/crl.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pki/algorithms.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto crl = pki::Crl::parse({reinterpret_cast<const char*>(data), size});
  if (!crl) return 0;
  const auto again = pki::Crl::parse(crl->der());
  if (!again || again->number() != crl->number() || again->supersedes(*crl)) std::abort();
  if (again->issuer() != crl->issuer() || crl->issuer().size() > 210) std::abort();
  if (crl->number().size() > 40) std::abort();
  if (pki::judge_signature(crl->x509_crl()).name.empty()) std::abort();
  return 0;
}
