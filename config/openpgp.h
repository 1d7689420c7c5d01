#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

/// The part of the configuration that stands under `openpgp:`.
namespace siegel::config {

/// OpenPGP beside S/MIME. Without the section, OpenPGP mail is relayed as it is and reported as
/// `unsupported` (signed) or `no_key` (encrypted).
struct OpenPgpSettings {
  /// gpg's working directory: it holds nothing that is not in the database, and may be in memory.
  std::filesystem::path directory = "/run/siegel/gnupg";
  std::uint32_t processes = 4;  ///< gpg processes at the same time (STANDARDS §1.2)
  std::uint64_t plaintext_octets = 200U << 20U;  ///< of one decrypted message (R-48)
  bool autocrypt = true;                         ///< learn from the field, and send our own
  /// How long a key that `siegel key make` makes is valid.
  std::chrono::seconds life{std::chrono::hours(24 * 1095)};
};

}  // namespace siegel::config
