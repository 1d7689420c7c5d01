#pragma once

#include <string>
#include <unordered_map>

#include "base/guarded.h"
#include "pki/gpg.h"

namespace siegel::pki {

/// The stored octets of keys as gpg reads them. A process of gpg takes some milliseconds: each key
/// is read once and remembered, 2,000 at most. Thread-safe.
class OpenPgpReading {
 public:
  /// Throws Error{ours} if gpg does not read exactly one key in `octets`: someone else wrote there.
  [[nodiscard]] OpenPgpKey read(const Gpg& gpg, const std::string& octets) const;

 private:
  mutable Guarded<std::unordered_map<std::string, OpenPgpKey>> read_;
};

}  // namespace siegel::pki
