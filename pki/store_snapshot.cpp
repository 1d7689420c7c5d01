#include "pki/store_snapshot.h"

#include <algorithm>

#include "pki/peers.h"

namespace siegel::pki {
namespace {

constexpr std::chrono::minutes standing_lasts{1};

bool is_for(const OwnEntry& entry, Purpose purpose) {
  const auto other = purpose == Purpose::sign ? CertificateUse::encrypt : CertificateUse::sign;
  return entry.use != other;
}

}  // namespace

const OwnEntry* Snapshot::best(const Address& mailbox, Purpose purpose, Time at) const {
  for (const OwnEntry* entry : parts_.own->of(mailbox, parts_.config->smime)) {
    if (is_for(*entry, purpose) && is_usable(*entry, at)) return entry;
  }
  return nullptr;
}

bool Snapshot::is_usable(const OwnEntry& entry, Time at) const {
  const Certificate& certificate = entry.certificate;
  // RFC 5280 §4.1.2.5: from notBefore through notAfter, inclusive
  if (at < certificate.not_before() || at > certificate.not_after()) return false;
  return !entry.sealed.empty() && !entry.is_retired && !standing(entry, at)->revoked;
}

std::shared_ptr<const Snapshot::Standing> Snapshot::standing(const OwnEntry& entry, Time at) const {
  const std::string& id = entry.certificate.fingerprint();
  auto known = standings_.with([&](const auto& standings) -> std::shared_ptr<const Standing> {
    const auto found = standings.find(id);
    return found == standings.end() ? nullptr : found->second;
  });
  if (known && std::chrono::abs(known->judged - at) <= standing_lasts) return known;
  auto judged = judge(entry, at);
  standings_.with([&](auto& standings) { standings[id] = judged; });
  return judged;
}

std::shared_ptr<const Snapshot::Standing> Snapshot::judge(const OwnEntry& entry, Time at) const {
  const auto purpose = entry.use == CertificateUse::encrypt ? Purpose::encrypt : Purpose::sign;
  const PathResult path = parts_.trust->validate(entry.certificate, {}, purpose, at);
  // STANDARDS §5.4, own certificate: revoked stops; a status that cannot be known does not, nor
  // does an anchor that only the outside world has.
  return std::make_shared<const Standing>(
      Standing{at, path.status == PathStatus::revoked, between(path.chain)});
}

std::optional<SigningKey> Snapshot::signer(const Address& mailbox, Time at) const {
  const OwnEntry* entry = best(mailbox, Purpose::sign, at);
  if (entry == nullptr) return std::nullopt;
  return SigningKey{entry->mailbox, entry->certificate, standing(*entry, at)->chain,
                    parts_.own->key(*entry, parts_.config->token), encryption(mailbox, at)};
}

std::optional<Certificate> Snapshot::encryption(const Address& mailbox, Time at) const {
  const OwnEntry* entry = best(mailbox, Purpose::encrypt, at);
  // Sent copies are read in-house: the key of the whole domain will do.
  if (const auto whole = domain_wide(mailbox); entry == nullptr && whole)
    entry = best(*whole, Purpose::encrypt, at);
  if (entry == nullptr) return std::nullopt;
  return entry->certificate;
}

std::optional<DecryptionKey> Snapshot::decryptor(const RecipientId& recipient) const {
  const OwnEntry* entry = parts_.own->find(recipient);
  if (entry == nullptr) return std::nullopt;
  return DecryptionKey{entry->certificate, parts_.own->key(*entry, parts_.config->token)};
}

std::string Snapshot::why_no_signer(const Address& mailbox, Time at) const {
  const auto entries = parts_.own->of(mailbox, parts_.config->smime);
  if (entries.empty()) return "no certificate is installed for " + mailbox.str();
  const auto newest = std::find_if(entries.begin(), entries.end(), [](const OwnEntry* entry) {
    return is_for(*entry, Purpose::sign);
  });
  if (newest == entries.end()) {
    return "the certificate of " + mailbox.str() + " is for encryption only";
  }
  return why_unusable(**newest, at);
}

std::string Snapshot::why_unusable(const OwnEntry& entry, Time at) const {
  const Certificate& certificate = entry.certificate;
  const std::string subject = "the certificate of " + entry.mailbox.str();
  if (entry.sealed.empty() && !entry.is_retired)
    return subject + " is here without its private key";
  if (at > certificate.not_after())
    return subject + " expired on " + rfc3339_date(certificate.not_after());
  if (at < certificate.not_before()) {
    return subject + " is not valid before " + rfc3339_date(certificate.not_before());
  }
  if (entry.is_retired) return subject + " was taken out of service";
  if (standing(entry, at)->revoked) return subject + " was revoked by its authority";
  return {};
}

}  // namespace siegel::pki
