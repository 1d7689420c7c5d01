#include <algorithm>

#include "pki/recipient_id.h"
#include "pki/store_names.h"
#include "pki/store_snapshot.h"
#include "pki/token_secret.h"

namespace siegel::pki {
namespace {

// Both kinds of identifier in one index. A serial holds no '/', a key identifier's entry begins
// with one: no two identifiers give one text.
std::string index_text(const RecipientId& id) {
  return id.serial + '/' + id.issuer_der + id.subject_key_id;
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
    by_identifier_.emplace(index_text(issuer_and_serial(certificate)), i);
    if (const RecipientId id = subject_key_id(certificate); !id.subject_key_id.empty())
      by_identifier_.emplace(index_text(id), i);
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
  const auto found = by_identifier_.find(index_text(recipient));
  return found == by_identifier_.end() ? nullptr : &entries_[found->second];
}

PrivateKey OwnKeys::key(const OwnEntry& entry,
                        const std::optional<config::TokenSettings>& token) const {
  const std::string& id = entry.certificate.key_id();
  return unsealed_.with([&](auto& unsealed) {
    const auto known = unsealed.find(id);
    if (known != unsealed.end()) return known->second;
    std::string octets = seal_.open(entry.sealed, seal_identity(id));
    auto key = open_secret(octets, token);
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
