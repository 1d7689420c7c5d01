#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pki/openssl.h"

namespace siegel::pki {

/// One block of a PEM text (RFC 7468), decoded.
struct PemBlock {
  std::string label;   ///< "CERTIFICATE"
  std::string header;  ///< RFC 1421 header lines of an encrypted traditional key, else empty
  std::string octets;
};

/// Reads a PEM text block by block; text between blocks and blocks that are broken are passed over.
class PemReader {
 public:
  /// `pem` must outlive it.
  explicit PemReader(std::string_view pem) : bio_(memory_bio(pem)) {}
  /// The next block, or nothing at the end.
  [[nodiscard]] std::optional<PemBlock> next();

 private:
  BioHandle bio_;
};

}  // namespace siegel::pki
