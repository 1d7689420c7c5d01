#include "tests/crypt/smime_world.h"

#include <map>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/clock.h"

namespace siegel::tests {

namespace {

pki::PrivateKey own(EVP_PKEY* made) {
  const pki::KeyHandle key(pki::checked(made, "key generation"));
  return pki::PrivateKey::share(key.get());
}

pki::Issue about(const std::string& mail, pki::Usage usage, Time now) {
  return {"Test " + mail, {mail}, usage, now - 30 * one_day, now + 300 * one_day};
}

}  // namespace

const pki::PrivateKey& shared_key(pki::KeyType type) {
  static std::map<pki::KeyType, pki::PrivateKey> keys;
  const auto known = keys.find(type);
  return known != keys.end() ? known->second
                             : keys.emplace(type, pki::PrivateKey::generate(type)).first->second;
}

pki::PrivateKey rsa_key(unsigned int bits) {
  return own(EVP_RSA_gen(bits));
}

pki::PrivateKey pss_key() {
  const pki::KeyContextHandle context(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, nullptr));
  pki::checked(EVP_PKEY_keygen_init(context.get()), "EVP_PKEY_keygen_init");
  pki::checked(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 3072), "3072 bits");
  EVP_PKEY* made = nullptr;
  pki::checked(EVP_PKEY_keygen(context.get(), &made), "EVP_PKEY_keygen");
  return own(made);
}

World::World(Time now)
    : now_(now),
      root_(
          pki::LocalCa::make("Siegel Test", "Test Root", pki::KeyType::p256, now - 1000 * one_day)),
      office_(root_.subordinate("Test Office", pki::KeyType::p256, now - 900 * one_day)),
      trust_(material()) {}

Party World::person(const std::string& mail, pki::KeyType type, pki::Usage usage) const {
  return person(about(mail, usage, now_), shared_key(type));
}

Party World::person(const std::string& mail, const pki::PrivateKey& key) const {
  return person(about(mail, pki::Usage::both, now_), key);
}

Party World::person(const pki::Issue& issue, const pki::PrivateKey& key) const {
  return {*Address::parse(issue.addresses.front()),
          key,
          office_.issue(issue, key),
          {office_.certificate()}};
}

pki::Trust::Material World::material(const std::vector<pki::Certificate>& revoked) const {
  pki::Trust::Material material;
  material.anchors.push_back({root_.certificate(), config::RevocationMode::hard_fail, "test"});
  material.crls.push_back(root_.revoke({}, 1, now_ - one_day, now_ + one_day));
  material.crls.push_back(office_.revoke(revoked, 1, now_ - one_day, now_ + one_day));
  return material;
}

const World& world() {
  static const World only;
  return only;
}

const World& present() {
  static const World only(SystemClock().now());
  return only;
}

pki::Certificate altered(const pki::Certificate& original, void (*change)(X509*)) {
  const pki::X509Handle copy(pki::checked(X509_dup(original.x509()), "X509_dup"));
  change(copy.get());
  pki::checked(X509_sign(copy.get(), world().office().key().get(), EVP_sha256()), "X509_sign");
  // Its DER, so that nothing of the copy's past is cached.
  return *pki::Certificate::from_der(pki::Certificate::share(copy.get()).der());
}

}  // namespace siegel::tests
