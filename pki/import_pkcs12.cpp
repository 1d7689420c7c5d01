#include <openssl/pkcs12.h>

#include "pki/asn1.h"
#include "pki/import_gathering.h"
#include "pki/legacy_context.h"

/// PKCS#12 (RFC 7292), bag by bag: OpenSSL's own PKCS12_parse gives one key only, but a mailbox's
/// file may hold all its old decryption keys.
namespace siegel::pki {
namespace {

constexpr int nesting_limit = 5;  // RFC 7292 §4.2.6 lets SafeContents nest

using Pkcs12 = Handle<PKCS12, PKCS12_free>;
using Pkcs8 = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedPkcs8 = Handle<X509_SIG, X509_SIG_free>;

void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
using Safes = Handle<STACK_OF(PKCS7), free_safes>;
using Bags = Handle<STACK_OF(PKCS12_SAFEBAG), free_bags>;

Pkcs12 parse(std::string_view octets, const LegacyContext& context) {
  const BioHandle bio = memory_bio(octets);
  PKCS12* file = PKCS12_init_ex(NID_pkcs7_data, context.get(), nullptr);
  // On a failure it frees the object it was given and sets the pointer to null, or leaves both.
  const bool read = d2i_PKCS12_bio(bio.get(), &file) != nullptr && BIO_pending(bio.get()) == 0;
  Pkcs12 owner(file);
  if (!read) owner.reset();
  static_cast<void>(drain_openssl_errors());
  return owner;
}

class Pkcs12Reader {
 public:
  Pkcs12Reader(PKCS12* file, const LegacyContext& context, Gathering& gathering)
      : file_(file), context_(context), gathering_(gathering) {}

  void read() {
    if (!unlock()) {
      gathering_.lock();
      return;
    }
    const Safes safes(PKCS12_unpack_authsafes(file_));
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) read_safe(sk_PKCS7_value(safes.get(), i));
  }

 private:
  // RFC 7292 §5.1: the MAC tells a wrong password from a damaged file. An absent password is
  // written as no octets by some programs and as an empty string by others.
  bool unlock() {
    if (PKCS12_mac_present(file_) != 1) {
      password_ = gathering_.password().c_str();
      return true;
    }
    const ASN1_INTEGER* rounds = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, file_);
    std::uint64_t count = 1;  // RFC 7292 §4: DEFAULT 1
    if (rounds != nullptr && ASN1_INTEGER_get_uint64(&count, rounds) != 1) count = UINT64_MAX;
    gathering_.pay(count);
    if (gathering_.password().empty() && PKCS12_verify_mac(file_, nullptr, 0) == 1) return true;
    password_ = gathering_.password().c_str();
    return PKCS12_verify_mac(file_, password_, length()) == 1;
  }

  [[nodiscard]] int length() const {
    return password_ == nullptr ? 0 : static_cast<int>(gathering_.password().size());
  }

  void read_safe(PKCS7* safe) {
    if (PKCS7_type_is_data(safe)) {
      read_bags(Bags(PKCS12_unpack_p7data(safe)).get(), 0);
    } else if (PKCS7_type_is_encrypted(safe)) {
      gathering_.pay(safe->d.encrypted->enc_data->algorithm);
      const Bags bags(PKCS12_unpack_p7encdata(safe, password_, length()));
      if (!bags) gathering_.lock();
      read_bags(bags.get(), 0);
    }
  }

  void read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
    if (depth > nesting_limit) return;
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i)
      read_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth);
  }

  void read_bag(const PKCS12_SAFEBAG* bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_certBag:
        read_certificate(bag);
        break;
      case NID_keyBag:
        gathering_.add_key(PKCS12_SAFEBAG_get0_p8inf(bag));
        break;
      case NID_pkcs8ShroudedKeyBag:
        read_shrouded_key(bag);
        break;
      case NID_safeContentsBag:
        read_bags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
        break;
      default:
        break;  // lists and secrets are no business of ours
    }
  }

  void read_certificate(const PKCS12_SAFEBAG* bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return;
    if (const X509Handle x509{PKCS12_SAFEBAG_get1_cert(bag)}) gathering_.add(x509.get());
  }

  void read_shrouded_key(const PKCS12_SAFEBAG* bag) {
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
    gathering_.pay(algorithm);
    const Pkcs8 key(PKCS12_decrypt_skey_ex(bag, password_, length(), context_.get(), nullptr));
    if (!key || !gathering_.add_key(key.get())) gathering_.lock();
  }

  PKCS12* file_;
  const LegacyContext& context_;
  Gathering& gathering_;
  const char* password_ = nullptr;
};

}  // namespace

bool read_pkcs12(std::string_view octets, Gathering& gathering) {
  const LegacyContext context;
  const Pkcs12 file = parse(octets, context);
  if (!file) return false;
  gathering.recognise();
  Pkcs12Reader(file.get(), context, gathering).read();
  static_cast<void>(drain_openssl_errors());
  return true;
}

bool read_encrypted_key(std::string_view octets, Gathering& gathering) {
  const EncryptedPkcs8 sealed(from_der_exactly<X509_SIG>(octets, d2i_X509_SIG, X509_SIG_free));
  if (!sealed) return false;
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(sealed.get(), &algorithm, nullptr);
  gathering.recognise();
  gathering.pay(algorithm);
  const LegacyContext context;
  const std::string& password = gathering.password();
  const Pkcs8 key(PKCS8_decrypt_ex(sealed.get(), password.c_str(),
                                   static_cast<int>(password.size()), context.get(), nullptr));
  if (!key || !gathering.add_key(key.get())) gathering.lock();
  static_cast<void>(drain_openssl_errors());
  return true;
}

}  // namespace siegel::pki
