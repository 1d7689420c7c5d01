#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pki/openssl.h"

namespace siegel::tests {

/// A key of an issuer, or of somebody who would like to be one.
class SigningKey {
 public:
  static SigningKey rsa(unsigned int bits = 2048);
  static SigningKey ec(const std::string& curve);

  /// Its public part as a JWK.
  [[nodiscard]] nlohmann::json jwk(const std::string& id) const;
  /// As a PEM text: what is taken for a shared secret where algorithms are confused.
  [[nodiscard]] std::string public_pem() const;
  /// A JWS in compact form.
  [[nodiscard]] std::string sign(const nlohmann::json& header, const nlohmann::json& claims) const;

 private:
  explicit SigningKey(pki::KeyHandle key, std::string curve = {})
      : key_(std::move(key)), curve_(std::move(curve)) {}

  [[nodiscard]] std::string number(const char* name, std::size_t octets) const;
  [[nodiscard]] std::string signature(const std::string& algorithm, const std::string& text) const;

  pki::KeyHandle key_;
  std::string curve_;  // empty for RSA
};

/// Header and claims in base64url, joined: what is signed.
std::string signing_input(const nlohmann::json& header, const nlohmann::json& claims);
/// A token whose signature is an HMAC (HS256) with a "secret" that everybody knows.
std::string sign_by_hmac(const nlohmann::json& header, const nlohmann::json& claims,
                         const std::string& secret);

}  // namespace siegel::tests
