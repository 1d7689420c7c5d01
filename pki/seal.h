#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "pki/secret.h"

namespace siegel::pki {

/// The key-encryption key: seals private keys at rest (AES-256-GCM, random nonce, the row's
/// identity as associated data, so that sealed keys cannot be swapped in the database).
/// Thread-safe.
///
/// A sealed text is `v1.` and base64 of nonce (12) ‖ ciphertext ‖ tag (16); see docs/FORMATS.md.
class Seal {
 public:
  /// Reads 32 octets, as 64 hexadecimal digits, from a file that only its owner may read.
  /// Throws Error{ours} with what to do if the file is missing, too open, or not of this form.
  static Seal from_file(const std::filesystem::path& path);
  /// Writes a new random key to `path` (mode 0600); an existing file is an error.
  static void make_file(const std::filesystem::path& path);

  explicit Seal(const std::array<unsigned char, 32>& key) : key_(key) {}
  /// REQUIRES: `key` has 32 octets, such as those of hkdf().
  static Seal from_octets(const Secret& key);
  Seal(const Seal&) = default;
  Seal& operator=(const Seal&) = default;
  ~Seal();  // cleanses

  [[nodiscard]] std::string seal(std::string_view secret, std::string_view identity) const;
  /// Throws Error{ours} if the text was sealed under another key or identity, or altered.
  [[nodiscard]] std::string open(std::string_view sealed, std::string_view identity) const;
  /// The same where another key is no fault, such as one made from a password that may be wrong.
  [[nodiscard]] std::optional<std::string> try_open(std::string_view sealed,
                                                    std::string_view identity) const;
  /// HMAC-SHA256 of `text` in hexadecimal, under a key of its own for each `label`, which
  /// HKDF-SHA256 (RFC 5869, no salt) derives from the key-encryption key.
  [[nodiscard]] std::string authenticate(std::string_view text, std::string_view label) const;

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace siegel::pki
