#include <algorithm>

#include <openssl/x509v3.h>

#include "base/hex.h"
#include "pki/store_names.h"
#include "pki/store_snapshot.h"

namespace siegel::pki {
namespace {

void free_octets(unsigned char* octets) {
  OPENSSL_free(octets);
}

std::string issuer_der(const Certificate& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(X509_get_issuer_name(certificate.x509()), &der);
  checked(size, "i2d_X509_NAME");
  const Handle<unsigned char, free_octets> owner(der);
  return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
}

std::string subject_key_id(const Certificate& certificate) {
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(certificate.x509());
  if (id == nullptr) return {};
  return hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
              static_cast<std::size_t>(ASN1_STRING_length(id))});
}

std::string issuer_and_serial(const std::string& issuer, const std::string& serial) {
  return serial + '/' + issuer;  // a serial holds no '/', so that no two pairs give one text
}

}  // namespace

std::string seal_identity(const std::string& key_id) {
  return "private_key/default/" + key_id;
}

OwnKeys::OwnKeys(std::vector<OwnEntry> entries, Seal seal)
    : entries_(std::move(entries)), seal_(std::move(seal)) {
  std::stable_sort(entries_.begin(), entries_.end(), [](const OwnEntry& a, const OwnEntry& b) {
    return a.certificate.not_before() > b.certificate.not_before();
  });
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const OwnEntry& entry = entries_[i];
    by_mailbox_.emplace(folded(entry.mailbox), i);
    if (entry.sealed.empty()) continue;
    const Certificate& certificate = entry.certificate;
    by_serial_.emplace(issuer_and_serial(issuer_der(certificate), certificate.serial()), i);
    if (const std::string id = subject_key_id(certificate); !id.empty()) by_key_id_.emplace(id, i);
  }
}

std::vector<const OwnEntry*> OwnKeys::of(const Address& mailbox,
                                         const config::SmimeSettings& settings) const {
  std::vector<std::size_t> exact, other_case;
  const auto [first, last] = by_mailbox_.equal_range(folded(mailbox));
  for (auto entry = first; entry != last; ++entry) {
    (entries_[entry->second].mailbox == mailbox ? exact : other_case).push_back(entry->second);
  }
  if (exact.empty() && settings.fold_local_part) exact.swap(other_case);
  std::sort(exact.begin(), exact.end());
  std::vector<const OwnEntry*> found;
  found.reserve(exact.size());
  for (const std::size_t i : exact) found.push_back(&entries_[i]);
  return found;
}

const OwnEntry* OwnKeys::find(const RecipientId& recipient) const {
  const bool by_id = !recipient.subject_key_id.empty();
  const auto& index = by_id ? by_key_id_ : by_serial_;
  const auto found = index.find(by_id ? recipient.subject_key_id
                                      : issuer_and_serial(recipient.issuer_der, recipient.serial));
  return found == index.end() ? nullptr : &entries_[found->second];
}

PrivateKey OwnKeys::key(const OwnEntry& entry) const {
  const std::string& id = entry.certificate.key_id();
  return unsealed_.with([&](auto& unsealed) {
    const auto known = unsealed.find(id);
    if (known != unsealed.end()) return known->second;
    std::string octets = seal_.open(entry.sealed, seal_identity(id));
    auto key = PrivateKey::from_der(octets);
    OPENSSL_cleanse(octets.data(), octets.size());
    if (!key || !key->fits(entry.certificate)) {
      throw Error(Fault::ours, "the set-up is broken",
                  "the stored private key of " + entry.mailbox.str() +
                      " does not fit its certificate; import the key again");
    }
    return unsealed.emplace(id, *std::move(key)).first->second;
  });
}

}  // namespace siegel::pki
