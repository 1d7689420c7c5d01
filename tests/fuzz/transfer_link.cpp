// What stands in our URLs, and what people type from a receipt: one secret has exactly one form.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/transfer/file_id.h"
#include "gateway/transfer/link_secret.h"
#include "gateway/transfer/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace siegel;
  if (const auto secret = transfer::LinkSecret::parse(text); secret && secret->text() != text)
    std::abort();
  if (const auto file = transfer::FileId::parse(text); file && file->str() != text) std::abort();
  static const pki::Seal seal{std::array<unsigned char, 32>{}};
  if (transfer::receipt_lookup(seal, text).size() != 64) std::abort();
  return 0;
}
