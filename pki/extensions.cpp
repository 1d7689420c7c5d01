#include "pki/extensions.h"

#include <algorithm>

#include "base/ascii.h"

namespace siegel::pki {
namespace {

bool is_elliptic(const EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
}

void set_other_name(GENERAL_NAME* name, const std::string& address) {
  ASN1_TYPE* value = checked(ASN1_TYPE_new(), "ASN1_TYPE_new");
  ASN1_UTF8STRING* text = checked(ASN1_UTF8STRING_new(), "ASN1_UTF8STRING_new");
  checked(ASN1_STRING_set(text, address.data(), static_cast<int>(address.size())),
          "ASN1_STRING_set");
  ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
  checked(GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_id_on_SmtpUTF8Mailbox), value),
          "GENERAL_NAME_set0_othername");
}

void push_address(GENERAL_NAMES* names, const std::string& address) {
  GENERAL_NAME* name = checked(GENERAL_NAME_new(), "GENERAL_NAME_new");
  checked(sk_GENERAL_NAME_push(names, name), "sk_GENERAL_NAME_push");
  if (std::ranges::any_of(address, ascii::is_8bit)) return set_other_name(name, address);
  ASN1_IA5STRING* text = checked(ASN1_IA5STRING_new(), "ASN1_IA5STRING_new");
  checked(ASN1_STRING_set(text, address.data(), static_cast<int>(address.size())),
          "ASN1_STRING_set");
  GENERAL_NAME_set0_value(name, GEN_EMAIL, text);
}

}  // namespace

GeneralNamesHandle alternative_names(const std::vector<std::string>& addresses) {
  GeneralNamesHandle names(checked(GENERAL_NAMES_new(), "GENERAL_NAMES_new"));
  for (const std::string& address : addresses) push_address(names.get(), address);
  return names;
}

std::string key_usage(Usage usage, const EVP_PKEY* key) {
  std::string text = "critical";
  if (usage != Usage::encrypt) text += ",digitalSignature";
  if (usage != Usage::sign) text += is_elliptic(key) ? ",keyAgreement" : ",keyEncipherment";
  return text;
}

const EVP_MD* digest_for(const EVP_PKEY* key) {
  return is_elliptic(key) && EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
}

}  // namespace siegel::pki
