// Whatever a CA delivers, given any octets: a bundle or an Error of the peer's, nothing else, and a
// file that needs no password opens without one.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pki/import.h"

namespace {

using namespace siegel;

bool is_readable(std::string_view octets, const std::string& password) {
  try {
    const pki::Bundle bundle = pki::read_bundle(octets, password);
    if (bundle.certificates.empty() && bundle.keys.empty()) std::abort();
    return true;
  } catch (const Error& error) {
    if (error.fault() != Fault::peer) std::abort();
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  static_cast<void>(is_readable(octets, "geheim"));
  const bool opens = is_readable(octets, "");
  try {
    if (opens && pki::needs_password(octets)) std::abort();
  } catch (const Error&) {
    return 0;  // too large or too dear: said by both
  }
  return 0;
}
