#include "pki/token_secret.h"

#include "pki/token.h"

namespace siegel::pki {

std::string secret_of(const PrivateKey& key) {
  return key.is_exportable() ? key.pkcs8() : key.uri();
}

// DER begins with 0x30, "0".
bool is_in_token(std::string_view secret) {
  return secret.starts_with("pkcs11:");
}

std::optional<PrivateKey> open_secret(std::string_view secret,
                                      const std::optional<config::TokenSettings>& token) {
  if (is_in_token(secret)) return Token::of(token).open(std::string(secret));
  return PrivateKey::from_der(secret);
}

}  // namespace siegel::pki
