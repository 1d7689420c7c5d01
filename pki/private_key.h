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

class Token;

/// A private key: immutable, cheap to copy, usable by any number of threads at once. Its octets are
/// cleansed when the last copy goes; or they live in a token, which works with them and never gives
/// them away.
class PrivateKey {
 public:
  static PrivateKey generate(KeyType type);
  /// PKCS#8 PrivateKeyInfo, or a traditional RSA/EC key, DER. Nothing if it is none.
  static std::optional<PrivateKey> from_der(std::string_view der);
  /// Shares `key`. REQUIRES: not null, with a private part.
  static PrivateKey share(EVP_PKEY* key);
  /// A key in `token`, which outlives it: for Token itself. Takes over `key`.
  static PrivateKey in_token(EVP_PKEY* key, const Token& token, std::string uri);

  /// False if the key lives in a token.
  [[nodiscard]] bool is_exportable() const noexcept { return place_ == nullptr; }
  /// PKCS#8 DER, unencrypted: goes nowhere but into Seal. Throws Error{ours} if the key lives in a
  /// token.
  [[nodiscard]] std::string pkcs8() const;
  /// Where in its token the key lives (RFC 7512, never with a PIN); empty for a key in memory.
  [[nodiscard]] std::string uri() const;
  /// Throws Error{world} if the key lives in a token that does not answer: what has just failed
  /// says nothing about the message then.
  void demand_ready() const;
  /// The key_id() of a certificate for this key.
  [[nodiscard]] std::string key_id() const;
  [[nodiscard]] bool fits(const Certificate& certificate) const;
  [[nodiscard]] EVP_PKEY* get() const noexcept { return key_.get(); }

 private:
  struct Place;
  explicit PrivateKey(std::shared_ptr<EVP_PKEY> key, std::shared_ptr<const Place> place = nullptr)
      : key_(std::move(key)), place_(std::move(place)) {}

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<const Place> place_;  // null for a key in memory
};

}  // namespace siegel::pki
