#include "pki/token_uri.h"

#include <cstdlib>
#include <cstring>

#include <p11-kit/uri.h>

#include "base/handle.h"
#include "base/utf8.h"
#include "pki/openssl.h"

namespace siegel::pki {
namespace {

using UriHandle = Handle<P11KitUri, p11_kit_uri_free>;
using CText = Handle<char, std::free>;

constexpr std::size_t uri_limit = 1024;

UriHandle new_uri() {
  return UriHandle(checked(p11_kit_uri_new(), "p11_kit_uri_new"));
}

// A refused URI may hold a PIN: it is not repeated.
Error refused(const std::string& why) {
  return {Fault::ours, "this does not name a private key in the token: " + why};
}

UriHandle parse(const std::string& text) {
  UriHandle uri = new_uri();
  const bool is_uri =
      text.size() <= uri_limit &&
      p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get()) == P11_KIT_URI_OK &&
      p11_kit_uri_any_unrecognized(uri.get()) == 0;
  if (!is_uri) throw refused("write pkcs11:token=LABEL;id=%01%02;type=private (RFC 7512)");
  const bool brings_pin = p11_kit_uri_get_pin_value(uri.get()) != nullptr ||
                          p11_kit_uri_get_pin_source(uri.get()) != nullptr;
  if (brings_pin) throw refused("it brings a PIN; take it out, `token.pin` in siegel.yaml has it");
  // RFC 7512 §2.4: a query can name a library to be loaded; ours is in siegel.yaml.
  const bool names_module = p11_kit_uri_get_module_name(uri.get()) != nullptr ||
                            p11_kit_uri_get_module_path(uri.get()) != nullptr;
  if (names_module) throw refused("it names a library; take it out, siegel.yaml has it");
  return uri;
}

// The class of a private key, as PKCS#11 holds it.
cryptoki::Attribute private_class() {
  return {CKA_CLASS, cryptoki::octets_of(CKO_PRIVATE_KEY)};
}

}  // namespace

std::string key_uri(const CK_TOKEN_INFO& token, const std::string& id) {
  const UriHandle uri = new_uri();
  CK_TOKEN_INFO* const place = p11_kit_uri_get_token_info(uri.get());
  std::memcpy(place->label, token.label, sizeof token.label);
  for (const cryptoki::Attribute& attribute : {cryptoki::Attribute{CKA_ID, id}, private_class()}) {
    CK_ATTRIBUTE raw{attribute.type, const_cast<char*>(attribute.octets.data()),
                     attribute.octets.size()};
    p11_kit_uri_set_attribute(uri.get(), &raw);
  }
  char* text = nullptr;
  if (p11_kit_uri_format(uri.get(), P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) != P11_KIT_URI_OK)
    throw refused("its id or the token's label cannot be written as a URI");
  return CText(text).get();
}

std::string id_in(const std::string& uri) {
  const UriHandle parsed = parse(uri);
  const CK_ATTRIBUTE* const found = p11_kit_uri_get_attribute(parsed.get(), CKA_ID);
  if (found == nullptr) return {};
  return {static_cast<const char*>(found->pValue), found->ulValueLen};
}

cryptoki::Attributes key_named(const std::string& uri, const CK_TOKEN_INFO& token) {
  const UriHandle parsed = parse(uri);
  if (p11_kit_uri_match_token_info(parsed.get(), &token) != 1)
    throw refused("it is in another token than `token.label` in siegel.yaml names");
  cryptoki::Attributes named{private_class()};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_CLASS, CKA_ID, CKA_LABEL}) {
    const CK_ATTRIBUTE* const found = p11_kit_uri_get_attribute(parsed.get(), type);
    if (found == nullptr) continue;
    std::string octets(static_cast<const char*>(found->pValue), found->ulValueLen);
    if (type != CKA_CLASS) {
      named.push_back({type, std::move(octets)});
    } else if (octets != named.front().octets) {
      throw refused("its type is not private");
    }
  }
  if (named.size() == 1) throw refused("it has neither an id nor an object (a label)");
  return named;
}

}  // namespace siegel::pki
