#include "pki/enrol/cmp_context.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

namespace siegel::pki::enrol {
namespace {

using Store = Handle<X509_STORE, X509_STORE_free>;
using ExtendedUsage = Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

// OpenSSL would write to standard error; what went wrong is told by the answer.
int say_nothing(const char* /*function*/, const char* /*file*/, int /*line*/,
                OSSL_CMP_severity /*level*/, const char* /*message*/) {
  return 1;
}

bool speaks_for_authority(X509* signer) {
  if (X509_check_ca(signer) > 0) return true;
  if ((X509_get_key_usage(signer) & KU_DIGITAL_SIGNATURE) == 0) return false;
  const ExtendedUsage usage(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(signer, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usage && i < sk_ASN1_OBJECT_num(usage.get()); ++i) {
    const int purpose = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), i));
    if (purpose == NID_cmcCA || purpose == NID_cmcRA) return true;
  }
  return false;
}

// Every mailbox has a certificate of the CA; none of them may answer in its name.
int check_signer(int is_fine, X509_STORE_CTX* chain) {
  if (is_fine != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return is_fine;
  const bool is_anchor = sk_X509_num(X509_STORE_CTX_get0_chain(chain)) == 1;
  if (is_anchor || speaks_for_authority(X509_STORE_CTX_get_current_cert(chain))) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

Store store_of(const std::vector<Certificate>& anchors, Time now) {
  Store store(checked(X509_STORE_new(), "X509_STORE_new"));
  for (const Certificate& anchor : anchors)
    checked(X509_STORE_add_cert(store.get(), anchor.x509()), "X509_STORE_add_cert");
  X509_VERIFY_PARAM* rule = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_time(rule, to_unix(now));
  X509_VERIFY_PARAM_set_auth_level(rule, 2);
  // This store is for CMP alone: what the admin put there is an anchor, whoever has signed it.
  checked(X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN), "X509_STORE_set_flags");
  X509_STORE_set_verify_cb(store.get(), check_signer);
  return store;
}

void believe_and_address(OSSL_CMP_CTX* context, const std::vector<Certificate>& anchors, Time now) {
  Store store = store_of(anchors, now);
  checked(OSSL_CMP_CTX_set0_trustedStore(context, store.get()), "set0_trustedStore");
  static_cast<void>(store.release());  // the context's from here on
  // Many a CA signs its answers with the key of its certificates, whose usage is keyCertSign alone;
  // who may speak is for check_signer() to say.
  checked(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_IGNORE_KEYUSAGE, 1), "IGNORE_KEYUSAGE");
  checked(OSSL_CMP_CTX_set1_recipient(context, X509_get_subject_name(anchors.front().x509())),
          "set1_recipient");
}

void sign_as(OSSL_CMP_CTX* context, const Identity& identity) {
  checked(OSSL_CMP_CTX_set1_cert(context, identity.certificate.x509()), "set1_cert");
  checked(OSSL_CMP_CTX_set1_pkey(context, identity.key.get()), "set1_pkey");
  // OpenSSL 3.0 takes an empty chain for a broken context, and fails at the first answer.
  if (identity.chain.empty()) return;
  const X509StackHandle chain(checked(sk_X509_new_null(), "sk_X509_new_null"));
  for (const Certificate& issuer : identity.chain)
    checked(X509_add_cert(chain.get(), issuer.x509(), X509_ADD_FLAG_UP_REF), "X509_add_cert");
  checked(OSSL_CMP_CTX_set1_untrusted(context, chain.get()), "set1_untrusted");
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// RFC 9481 §6.1: OpenSSL's own choice for the MAC is HMAC-SHA-1.
void share_secret(OSSL_CMP_CTX* context, const config::CmpSettings& settings) {
  const Secret secret = read_shared_secret(*settings.secret, "cmp.secret");
  checked(OSSL_CMP_CTX_set1_referenceValue(context, octets(settings.reference),
                                           static_cast<int>(settings.reference.size())),
          "set1_referenceValue");
  checked(OSSL_CMP_CTX_set1_secretValue(context, octets(secret.octets()),
                                        static_cast<int>(secret.octets().size())),
          "set1_secretValue");
  checked(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_OWF_ALGNID, NID_sha256), "OWF");
  checked(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_MAC_ALGNID, NID_hmacWithSHA256), "MAC");
}

}  // namespace

CmpContext bare_cmp_context() {
  CmpContext context(checked(OSSL_CMP_CTX_new(nullptr, nullptr), "OSSL_CMP_CTX_new"));
  checked(OSSL_CMP_CTX_set_log_cb(context.get(), say_nothing), "set_log_cb");
  return context;
}

CmpContext make_cmp_context(const config::CmpSettings& settings, const std::optional<Identity>& own,
                            Time now) {
  CmpContext context = bare_cmp_context();
  if (settings.authority)
    believe_and_address(context.get(), read_certificates(*settings.authority, "cmp.authority"),
                        now);
  if (own && settings.authority && may_speak(own->certificate, now))
    sign_as(context.get(), *own);
  else if (settings.secret)
    share_secret(context.get(), settings);
  else
    sign_as(context.get(), read_identity(*settings.certificate, *settings.key, "cmp"));
  return context;
}

}  // namespace siegel::pki::enrol
