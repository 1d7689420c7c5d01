#include "pki/loose_keys.h"

#include <algorithm>

#include "pki/recipient_id.h"

namespace siegel::pki {
namespace {

bool is_valid(const Certificate& certificate, Time at) {
  return certificate.not_before() <= at && at <= certificate.not_after();
}

bool names(const Certificate& certificate, const Address& address) {
  return std::ranges::any_of(certificate.addresses(),
                             [&](const Address& each) { return each.equals_folded(address); });
}

}  // namespace

LooseKeys::LooseKeys(Trust::Material trust, std::vector<DecryptionKey> own,
                     std::vector<Certificate> helpers, std::unique_ptr<LooseOpenPgpKeys> openpgp)
    : trust_(std::make_shared<Trust>(std::move(trust))),
      own_(std::move(own)),
      helpers_(std::move(helpers)),
      openpgp_(std::move(openpgp)) {}

std::optional<SigningKey> LooseKeys::signer(const Address& mailbox, Time at) const {
  for (const DecryptionKey& each : own_) {
    if (!names(each.certificate, mailbox) || !each.certificate.may_sign()) continue;
    if (!is_valid(each.certificate, at)) continue;
    return SigningKey{mailbox, each.certificate, {}, each.key, own_encryption(mailbox, at)};
  }
  return std::nullopt;
}

std::string LooseKeys::why_no_signer(const Address& mailbox, Time at) const {
  if (signer(mailbox, at)) return {};
  return "no --key holds a valid signing certificate for " + mailbox.str();
}

std::optional<Certificate> LooseKeys::own_encryption(const Address& mailbox, Time at) const {
  for (const DecryptionKey& each : own_) {
    if (names(each.certificate, mailbox) && each.certificate.may_encrypt() &&
        is_valid(each.certificate, at)) {
      return each.certificate;
    }
  }
  return std::nullopt;
}

std::optional<DecryptionKey> LooseKeys::decryptor(const RecipientId& id) const {
  for (const DecryptionKey& each : own_) {
    if (names(id, each.certificate)) return each;
  }
  return std::nullopt;
}

std::vector<PeerKey> LooseKeys::peers(const Address& address, Time at) const {
  std::vector<PeerKey> found;
  for (const Certificate& each : helpers_) {
    if (!names(each, address) || !each.may_encrypt()) continue;
    if (trust_->validate(each, helpers_, Purpose::encrypt, at).status != PathStatus::trusted)
      continue;
    found.push_back({address, each, {}, Provenance::directory});
  }
  return found;
}

Learned LooseKeys::learn(const Harvested&, Time) {
  return Learned::ignored;
}

void LooseKeys::note_unknown_root(const Certificate&, const Address&, Time) {}

void LooseKeys::note_wanted(std::span<const StatusNeed>, Time) {}

}  // namespace siegel::pki
