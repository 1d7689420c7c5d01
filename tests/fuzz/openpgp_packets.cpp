// Packets and armour of OpenPGP, given any octets: no crash, and what was split is whole.

#include "pki/openpgp_packets.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto binary = pki::without_armour({reinterpret_cast<const char*>(data), size});
  if (!binary) return 0;
  pki::PacketReader reader(*binary);
  std::size_t read = 0;
  while (const auto packet = reader.next()) {
    read += packet->octets.size();
    if (packet->body.size() >= packet->octets.size()) std::abort();
  }
  if (read > binary->size() || (!reader.is_broken() && read != binary->size())) std::abort();
  if (const auto keys = pki::split_keys(*binary)) {
    for (const pki::PacketKey& each : *keys) {
      const auto again = pki::split_keys(each.octets);
      if (!again || again->size() != 1 || again->front().user_ids != each.user_ids) std::abort();
    }
    if (pki::read_envelope(*binary) || pki::count_signatures(*binary)) std::abort();
  }
  if (const auto envelope = pki::read_envelope(*binary)) {
    for (const std::string& id : envelope->key_ids)
      if (!id.empty() && id.size() != 16) std::abort();
  }
  return 0;
}
