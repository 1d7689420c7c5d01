#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::pki {

/// One block of a PEM text (RFC 7468), decoded.
struct PemBlock {
  std::string label;   ///< "CERTIFICATE"
  std::string header;  ///< RFC 1421 header lines of an encrypted traditional key, else empty
  std::string octets;
  bool is_broken = false;  ///< it has no end or holds no base64: then it has a label only
};

/// Reads a PEM text block by block; text between blocks is passed over.
class PemReader {
 public:
  /// `pem` must outlive it.
  explicit PemReader(std::string_view pem);
  /// The next block, or nothing at the end.
  [[nodiscard]] std::optional<PemBlock> next();

 private:
  std::string_view rest_;  // begins with a block, or is empty
};

}  // namespace siegel::pki
