#include "tools/siegel/loose_keys.h"

#include <algorithm>

#include "pki/recipient_id.h"

namespace siegel::tools {
namespace {

bool is_valid(const pki::Certificate& certificate, Time at) {
  return certificate.not_before() <= at && at <= certificate.not_after();
}

bool names(const pki::Certificate& certificate, const Address& address) {
  return std::ranges::any_of(certificate.addresses(),
                             [&](const Address& each) { return each.equals_folded(address); });
}

}  // namespace

LooseKeys::LooseKeys(pki::Trust::Material trust, std::vector<pki::DecryptionKey> own,
                     std::vector<pki::Certificate> helpers)
    : trust_(std::make_shared<pki::Trust>(std::move(trust))),
      own_(std::move(own)),
      helpers_(std::move(helpers)) {}

std::optional<pki::SigningKey> LooseKeys::signer(const Address& mailbox, Time at) const {
  for (const pki::DecryptionKey& each : own_) {
    if (!names(each.certificate, mailbox) || !each.certificate.may_sign()) continue;
    if (!is_valid(each.certificate, at)) continue;
    return pki::SigningKey{mailbox, each.certificate, {}, each.key, own_encryption(mailbox, at)};
  }
  return std::nullopt;
}

std::string LooseKeys::why_no_signer(const Address& mailbox, Time at) const {
  if (signer(mailbox, at)) return {};
  return "no --key holds a valid signing certificate for " + mailbox.str();
}

std::optional<pki::Certificate> LooseKeys::own_encryption(const Address& mailbox, Time at) const {
  for (const pki::DecryptionKey& each : own_) {
    if (names(each.certificate, mailbox) && each.certificate.may_encrypt() &&
        is_valid(each.certificate, at)) {
      return each.certificate;
    }
  }
  return std::nullopt;
}

std::optional<pki::DecryptionKey> LooseKeys::decryptor(const pki::RecipientId& id) const {
  for (const pki::DecryptionKey& each : own_) {
    if (pki::names(id, each.certificate)) return each;
  }
  return std::nullopt;
}

std::vector<pki::PeerKey> LooseKeys::peers(const Address& address, Time at) const {
  std::vector<pki::PeerKey> found;
  for (const pki::Certificate& each : helpers_) {
    if (!names(each, address) || !each.may_encrypt()) continue;
    if (trust_->validate(each, helpers_, pki::Purpose::encrypt, at).status !=
        pki::PathStatus::trusted)
      continue;
    found.push_back({address, each, {}, pki::Provenance::directory});
  }
  return found;
}

pki::Learned LooseKeys::learn(const pki::Harvested&, Time) {
  return pki::Learned::ignored;
}

void LooseKeys::note_unknown_root(const pki::Certificate&, const Address&, Time) {}

void LooseKeys::note_wanted(std::span<const pki::StatusNeed>, Time) {}

}  // namespace siegel::tools
