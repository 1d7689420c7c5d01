#include "gateway/transfer/receipt.h"

#include "gateway/transfer/spoken_code.h"

namespace siegel::transfer {

std::string receipt_lookup(const pki::Seal& seal, std::string_view code) {
  return seal.authenticate(bare_code(code), "receipt");
}

}  // namespace siegel::transfer
