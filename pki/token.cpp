#include "pki/token.h"

#include <algorithm>

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/rand.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "pki/asn1.h"
#include "pki/key_kind.h"
#include "pki/token_engine.h"
#include "pki/token_uri.h"

namespace siegel::pki {
namespace {

using cryptoki::Attributes;
using cryptoki::no;
using cryptoki::octets_of;
using cryptoki::Session;
using cryptoki::yes;

/// What PKCS#11 calls a kind of key.
struct Recipe {
  CK_MECHANISM_TYPE mechanism;
  Attributes open;          ///< of the public half
  CK_ATTRIBUTE_TYPE opens;  ///< what a private key must be allowed, to decrypt
};

Recipe rsa(CK_ULONG bits) {
  return {CKM_RSA_PKCS_KEY_PAIR_GEN,
          {{CKA_MODULUS_BITS, octets_of(bits)},
           {CKA_PUBLIC_EXPONENT, std::string("\x01\x00\x01", 3)},
           {CKA_ENCRYPT, yes()}},
          CKA_DECRYPT};
}

// RFC 5753 §3.1: mail is decrypted by key agreement.
Recipe elliptic(int curve) {
  return {CKM_EC_KEY_PAIR_GEN,
          {{CKA_EC_PARAMS, to_der(OBJ_nid2obj(curve), i2d_ASN1_OBJECT)}},
          CKA_DERIVE};
}

Recipe recipe(KeyType type) {
  switch (type) {
    case KeyType::rsa_3072:
      return rsa(3072);
    case KeyType::rsa_4096:
      return rsa(4096);
    case KeyType::p256:
      return elliptic(NID_X9_62_prime256v1);
    case KeyType::p384:
      return elliptic(NID_secp384r1);
    case KeyType::brainpool_p256r1:
      break;
  }
  return elliptic(NID_brainpoolP256r1);
}

std::string random_id() {
  std::string id(16, '\0');
  checked(RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())),
          "RAND_bytes");
  return id;
}

// The one private key that is like this.
CK_OBJECT_HANDLE find_one(const Session& session, const Attributes& like, const std::string& uri) {
  const auto found = session.find(like);
  if (found.size() == 1) return found.front();
  throw Error(Fault::ours,
              found.empty() ? "the token has no such private key; check that it is the token in "
                              "which the key was made"
                            : "several private keys in the token are named alike; name one by id",
              uri);
}

std::string curve_in(const std::string& parameters) {
  const auto* at = reinterpret_cast<const unsigned char*>(parameters.data());
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> curve(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(parameters.size())));
  static_cast<void>(drain_openssl_errors());
  return curve ? curve_kind(OBJ_obj2nid(curve.get())) : std::string();
}

// The kind of a private key, from what a token tells of it without giving it away.
std::string type_of(const Session& session, CK_OBJECT_HANDLE key) {
  const std::string type = session.read(key, CKA_KEY_TYPE);
  if (type == octets_of(CKK_RSA)) return rsa_kind(session.read(key, CKA_MODULUS).size() * 8);
  return type == octets_of(CKK_EC) ? curve_in(session.read(key, CKA_EC_PARAMS)) : std::string();
}

}  // namespace

PrivateKey Token::generate(KeyType type, const std::string& label) {
  const std::string id = random_id();
  Recipe how = recipe(type);
  Attributes hidden{{CKA_TOKEN, yes()},      {CKA_PRIVATE, yes()}, {CKA_SENSITIVE, yes()},
                    {CKA_EXTRACTABLE, no()}, {CKA_SIGN, yes()},    {how.opens, yes()},
                    {CKA_UNWRAP, no()},      {CKA_LABEL, label},   {CKA_ID, id}};
  Attributes open{{CKA_TOKEN, yes()}, {CKA_VERIFY, yes()}, {CKA_LABEL, label}, {CKA_ID, id}};
  open.insert(open.end(), how.open.begin(), how.open.end());
  // Never while another thread loads one: the engine lists all keys of the token for that, and
  // gives up when it meets one that is half made.
  opened_.with(
      [&](auto&) { Session(token_.module, token_.slot.id).generate(how.mechanism, open, hidden); });
  return load(id);
}

PrivateKey Token::open(const std::string& uri) {
  return load(id_of(uri));
}

bool Token::destroy(const std::string& uri) {
  const Session session(token_.module, token_.slot.id);
  const Attributes like = key_named(uri, token_.slot.about);
  if (session.find(like).empty()) return false;
  const auto hidden = find_one(session, like, uri);
  const std::string id = session.read(hidden, CKA_ID);
  // Never while another thread loads a key, as in generate().
  opened_.with([&](auto& opened) {
    opened.erase(id);
    // The private half last: as long as it is there, what was interrupted can go on.
    for (const CK_OBJECT_HANDLE half : session.find({{CKA_ID, id}}))
      if (half != hidden) session.destroy(half);
    session.destroy(hidden);
  });
  return true;
}

std::vector<Token::Held> Token::list() const {
  const Session session(token_.module, token_.slot.id);
  std::vector<Held> found;
  for (const CK_OBJECT_HANDLE key :
       session.find({{CKA_CLASS, octets_of(CKO_PRIVATE_KEY)}, {CKA_TOKEN, yes()}})) {
    const std::string id = session.read(key, CKA_ID);
    if (id.empty()) continue;
    found.push_back(
        {hex(id), uri_of(id), printable(session.read(key, CKA_LABEL)), type_of(session, key)});
  }
  std::ranges::sort(found, {}, &Held::id);
  return found;
}

void Token::demand_ready() const {
  if (token_.login->is_logged_in()) return;
  throw Error(Fault::world, "the gateway cannot reach its keys at present; try again later",
              "the token \"" + token_.slot.label() +
                  "\" does not answer or has ended the login; check it and start the relay anew");
}

std::string Token::uri_of(const std::string& id) const {
  return key_uri(token_.slot.about, id);
}

std::string Token::id_of(const std::string& uri) const {
  const Attributes like = key_named(uri, token_.slot.about);
  const Session session(token_.module, token_.slot.id);
  return session.read(find_one(session, like, uri), CKA_ID);
}

PrivateKey Token::load(const std::string& id) {
  return opened_.with([&](auto& opened) {
    const auto known = opened.find(id);
    if (known != opened.end()) return known->second;
    const std::string uri = uri_of(id);
    const PrivateKey key = PrivateKey::in_token(load_token_key(uri), *this, uri);
    return opened.emplace(id, key).first->second;
  });
}

}  // namespace siegel::pki
