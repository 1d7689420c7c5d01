#include "pki/import_gathering.h"

#include <algorithm>

#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "pki/asn1.h"

namespace siegel::pki {
namespace {

constexpr std::size_t objects_limit = 1000;

using Pbe = Handle<PBEPARAM, PBEPARAM_free>;
using Pbe2 = Handle<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2 = Handle<PBKDF2PARAM, PBKDF2PARAM_free>;
using Scrypt = Handle<SCRYPT_PARAMS, SCRYPT_PARAMS_free>;

template <typename T>
T unpack(const ASN1_ITEM* item, const ASN1_TYPE* parameter) {
  return T(static_cast<typename T::pointer>(ASN1_TYPE_unpack_sequence(item, parameter)));
}

// A number that does not fit is as good as the largest: nobody can pay it.
std::uint64_t value_of(const ASN1_INTEGER* number) {
  std::uint64_t value = 0;
  if (number == nullptr || ASN1_INTEGER_get_uint64(&value, number) != 1) return UINT32_MAX;
  return std::min<std::uint64_t>(value, UINT32_MAX);
}

// RFC 8018 §A.4, RFC 7914 §7.
std::uint64_t pbes2_rounds(const X509_ALGOR* algorithm) {
  const auto scheme = unpack<Pbe2>(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
  if (!scheme) return 0;  // OpenSSL will refuse it
  const X509_ALGOR* derivation = scheme->keyfunc;
  if (OBJ_obj2nid(derivation->algorithm) == NID_id_scrypt) {
    const auto scrypt = unpack<Scrypt>(ASN1_ITEM_rptr(SCRYPT_PARAMS), derivation->parameter);
    if (!scrypt) return 0;
    const std::uint64_t per_lane = value_of(scrypt->costParameter) * value_of(scrypt->blockSize);
    return std::min<std::uint64_t>(per_lane, UINT32_MAX) *
           value_of(scrypt->parallelizationParameter);
  }
  const auto pbkdf2 = unpack<Pbkdf2>(ASN1_ITEM_rptr(PBKDF2PARAM), derivation->parameter);
  return pbkdf2 ? value_of(pbkdf2->iter) : 0;
}

std::uint64_t rounds_of(const X509_ALGOR* algorithm) {
  if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) return pbes2_rounds(algorithm);
  const auto old = unpack<Pbe>(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
  return old ? value_of(old->iter) : 0;
}

}  // namespace

void Gathering::count() {
  if (++objects_ > objects_limit)
    throw Error(Fault::peer,
                "this file holds more than 1,000 certificates and keys; please split it");
}

bool Gathering::add(std::string_view certificate_der) {
  count();
  const auto certificate = Certificate::from_der(certificate_der);
  if (!certificate) return false;
  if (std::ranges::find(bundle_.certificates, *certificate) == bundle_.certificates.end())
    bundle_.certificates.push_back(*certificate);
  return true;
}

// By way of its DER: what a file says besides (a friendly name, trust settings) is not taken over.
void Gathering::add(const X509* certificate) {
  static_cast<void>(add(to_der(certificate, i2d_X509)));
}

bool Gathering::add_key(std::string_view key_der) {
  count();
  const auto key = PrivateKey::from_der(key_der);
  if (!key) return false;
  const std::string id = key->key_id();
  const bool known = std::ranges::any_of(
      bundle_.keys, [&](const PrivateKey& other) { return other.key_id() == id; });
  if (!known) bundle_.keys.push_back(*key);
  return true;
}

bool Gathering::add_key(const PKCS8_PRIV_KEY_INFO* key) {
  std::string der = to_der(key, i2d_PKCS8_PRIV_KEY_INFO);
  const bool added = add_key(der);
  OPENSSL_cleanse(der.data(), der.size());
  return added;
}

void Gathering::pay(std::uint64_t rounds) {
  if (rounds > rounds_left_)
    throw Error(Fault::peer,
                "this file demands unreasonably much work to be opened; please export it anew with "
                "usual settings");
  rounds_left_ -= rounds;
}

void Gathering::pay(const X509_ALGOR* password_based_encryption) {
  pay(rounds_of(password_based_encryption));
}

}  // namespace siegel::pki
