#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <openssl/evp.h>

namespace siegel::portal {

/// One of the algorithms of RFC 7518 §3 that we take for signatures: RSA with PKCS #1 1.5 or PSS,
/// and ECDSA, each with SHA-256, -384 or -512. `none` and what works with a shared secret are none.
struct SignatureAlgorithm;
/// Nothing if it is not one of them.
[[nodiscard]] const SignatureAlgorithm* find_algorithm(std::string_view name);

/// A public key of an issuer (RFC 7517). An immutable value, thread-safe.
class IssuerKey {
 public:
  /// A key that we cannot use (of another kind, for another purpose, malformed, RSA below 2048 or
  /// above 8192 bits) fits no algorithm.
  explicit IssuerKey(const nlohmann::json& jwk);

  /// `kid`; empty if it has none.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] bool fits(const SignatureAlgorithm& algorithm) const;
  /// REQUIRES: it fits.
  [[nodiscard]] bool has_signed(const SignatureAlgorithm& algorithm, std::string_view text,
                                std::string_view signature) const;

 private:
  std::string id_, type_, curve_, only_for_;
  std::shared_ptr<EVP_PKEY> key_;  // null if it is of no use
};

/// RFC 7517 §5. Keys that we do not understand are passed over, as the RFC wants it.
class IssuerKeys {
 public:
  IssuerKeys() = default;
  /// Throws Error{world} if `jwks` is no set of keys, or one of more than 100.
  explicit IssuerKeys(const nlohmann::json& jwks);

  /// The key of that name that fits; without a name the only one that fits (OpenID Connect Core
  /// §10.1). Null if there is none.
  [[nodiscard]] const IssuerKey* find(std::string_view id,
                                      const SignatureAlgorithm& algorithm) const;

 private:
  std::vector<IssuerKey> keys_;
};

/// BASE64URL(SHA256(ASCII(verifier))), RFC 7636 §4.2.
[[nodiscard]] std::string code_challenge(std::string_view verifier);

}  // namespace siegel::portal
