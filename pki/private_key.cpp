#include "pki/private_key.h"

#include <algorithm>
#include <array>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/ascii.h"
#include "pki/asn1.h"
#include "pki/token.h"

namespace siegel::pki {
namespace {

constexpr std::size_t der_limit = std::size_t{64} * 1024;

struct KeyTypeName {
  KeyType type;
  std::string_view name;
};
constexpr std::array<KeyTypeName, 5> key_types{{
    {KeyType::rsa_3072, "rsa-3072"},
    {KeyType::rsa_4096, "rsa-4096"},
    {KeyType::p256, "p-256"},
    {KeyType::p384, "p-384"},
    {KeyType::brainpool_p256r1, "brainpoolP256r1"},
}};

EVP_PKEY* generate_key(KeyType type) {
  switch (type) {
    case KeyType::rsa_3072:
      return EVP_RSA_gen(3072);
    case KeyType::rsa_4096:
      return EVP_RSA_gen(4096);
    case KeyType::p256:
      return EVP_EC_gen("P-256");
    case KeyType::p384:
      return EVP_EC_gen("P-384");
    case KeyType::brainpool_p256r1:
      return EVP_EC_gen("brainpoolP256r1");
  }
  return nullptr;
}

}  // namespace

std::optional<KeyType> parse_key_type(std::string_view text) {
  const auto* const found = std::ranges::find_if(
      key_types, [&](const auto& known) { return ascii::equals_ignoring_case(known.name, text); });
  if (found == key_types.end()) return std::nullopt;
  return found->type;
}

std::string_view name(KeyType type) noexcept {
  return std::ranges::find(key_types, type, &KeyTypeName::type)->name;
}

PrivateKey PrivateKey::generate(KeyType type) {
  EVP_PKEY* key = checked(generate_key(type), "key generation");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

std::optional<PrivateKey> PrivateKey::from_der(std::string_view der) {
  if (der.size() > der_limit) return std::nullopt;
  EVP_PKEY* key = from_der_exactly<EVP_PKEY>(der, d2i_AutoPrivateKey, EVP_PKEY_free);
  if (key == nullptr) return std::nullopt;
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

PrivateKey PrivateKey::share(EVP_PKEY* key) {
  checked(EVP_PKEY_up_ref(key), "EVP_PKEY_up_ref");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

/// Where a key lives that is not in memory.
struct PrivateKey::Place {
  const Token& token;
  std::string uri;
};

PrivateKey PrivateKey::in_token(EVP_PKEY* key, const Token& token, std::string uri) {
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free),
                    std::make_shared<const Place>(Place{token, std::move(uri)}));
}

std::string PrivateKey::uri() const {
  return place_ == nullptr ? std::string() : place_->uri;
}

void PrivateKey::demand_ready() const {
  if (place_ != nullptr) place_->token.demand_ready();
}

std::string PrivateKey::pkcs8() const {
  if (!is_exportable()) {
    throw Error(Fault::ours, "this private key lives in a token and cannot leave it; use it there",
                uri());
  }
  const Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      checked(EVP_PKEY2PKCS8(key_.get()), "EVP_PKEY2PKCS8"));
  return to_der(info.get(), i2d_PKCS8_PRIV_KEY_INFO);
}

std::string PrivateKey::key_id() const {
  return sha256_hex(to_der(key_.get(), i2d_PUBKEY));
}

bool PrivateKey::fits(const Certificate& certificate) const {
  const EVP_PKEY* theirs = certificate.public_key();
  const bool equal = theirs != nullptr && EVP_PKEY_eq(theirs, key_.get()) == 1;
  static_cast<void>(drain_openssl_errors());
  return equal;
}

}  // namespace siegel::pki
