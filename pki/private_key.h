#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pki/certificate.h"
#include "pki/openssl.h"

namespace siegel::pki {

enum class KeyType { rsa_3072, rsa_4096, p256, p384, brainpool_p256r1 };

/// "rsa-3072", "p-256", "brainpoolP256r1": the spellings of the CLI and the manifest.
[[nodiscard]] std::optional<KeyType> parse_key_type(std::string_view text);
[[nodiscard]] std::string_view name(KeyType type) noexcept;

/// A private key: immutable, cheap to copy, usable by any number of threads at once. Its octets are
/// cleansed when the last copy goes.
class PrivateKey {
 public:
  static PrivateKey generate(KeyType type);
  /// PKCS#8 PrivateKeyInfo, or a traditional RSA/EC key, DER. Nothing if it is none.
  static std::optional<PrivateKey> from_der(std::string_view der);
  /// Shares `key`. REQUIRES: not null, with a private part.
  static PrivateKey share(EVP_PKEY* key);

  /// PKCS#8 DER, unencrypted: goes nowhere but into Seal.
  [[nodiscard]] std::string pkcs8() const;
  /// The key_id() of a certificate for this key.
  [[nodiscard]] std::string key_id() const;
  [[nodiscard]] bool fits(const Certificate& certificate) const;
  [[nodiscard]] EVP_PKEY* get() const noexcept { return key_.get(); }

 private:
  explicit PrivateKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace siegel::pki
