#include "gateway/crypt/inspect_harvest_openpgp.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gateway/mail/date.h"

namespace siegel::crypt {
namespace {

using pki::HarvestedOpenPgp;
using pki::OpenPgpKey;
using pki::Provenance;
using policy::Summary;

/// What a message says of a key, and when; before it is known which key.
struct Claim {
  const Address& author;
  const Circumstances& where;
};

bool is_fit(const OpenPgpKey& key, const Claim& claim) {
  return key.names(claim.author, claim.where.settings.fold_local_part) &&
         key.encrypting(claim.where.receipt.at) != nullptr;
}

HarvestedOpenPgp make_harvested(const BroughtKey& brought, const Claim& claim,
                                Provenance provenance) {
  return {.address = claim.author,
          .key = brought.key,
          .provenance = provenance,
          .prefers_encryption = brought.prefers_encryption,
          .said_at = claim.where.receipt.at,
          .message_id = claim.where.receipt.message_id,
          .why = {}};
}

/// Who vouches for what is attached to a message that is good.
std::string voucher(const CheckedSignature& signature) {
  if (const auto* const smime = signature.smime(); smime != nullptr && smime->signer)
    return fmt::format("attached to a message signed by {}", printable(smime->signer->subject()));
  const auto* const openpgp = signature.openpgp();
  return fmt::format("attached to a message signed with the OpenPGP key {}",
                     openpgp != nullptr && openpgp->signer ? openpgp->signer->fingerprint() : "");
}

/// The keys attached to what `signature` covers; looked at once.
std::vector<BroughtKey> attached_keys(Peeled& peeled, const CheckedSignature& signature,
                                      const pki::OpenPgpKeys& known) {
  const auto attached = [&] {
    std::vector<BroughtKey> keys;
    for (const BroughtKey& each : peeled.brought.keys) {
      if (each.way == BroughtKey::Way::attached) keys.push_back(each);
    }
    return keys;
  };
  if (attached().empty() && signature.content != nullptr)
    add_attached_keys(peeled.brought, *signature.content, known);
  return attached();
}

/// True if nothing is missing but somebody who vouches for the key that came along.
bool lacks_voucher_only(const Peeled& peeled, const CheckedSignature& signature) {
  const policy::Verdict& verdict = peeled.verdict;
  const auto* const openpgp = signature.openpgp();
  const auto signatures =
      std::ranges::count(verdict.layers, policy::Form::signature, &policy::Layer::form);
  return openpgp != nullptr && openpgp->belief == openpgp::Belief::brought && signatures == 1 &&
         verdict.layers[signature.layer].status == policy::Status::unknown_signer &&
         verdict.signer_is_author && verdict.covers_all;
}

void add_attached(std::vector<HarvestedOpenPgp>& kept, Peeled& peeled,
                  const pki::OpenPgpKeys& known, const Claim& claim) {
  const CheckedSignature* const signature = innermost(peeled);
  if (signature == nullptr || age_of(*signature, claim.where) != Age::fresh) return;
  const bool is_good = is_worth_keeping(peeled.verdict);
  if (!is_good && !lacks_voucher_only(peeled, *signature)) return;
  for (const BroughtKey& each : attached_keys(peeled, *signature, known)) {
    const bool is_signers =
        !is_good && each.key.fingerprint() == signature->openpgp()->signer->fingerprint();
    if ((!is_good && !is_signers) || !is_fit(each.key, claim)) continue;
    HarvestedOpenPgp& one = kept.emplace_back(
        make_harvested(each, claim, is_good ? Provenance::harvested : Provenance::autocrypt));
    one.said_at = *signature->signing_time();
    one.why = is_good
                  ? voucher(*signature)
                  : "attached to a message that it has signed itself; nobody has vouched for it";
  }
}

/// Autocrypt Level 1 §2.3: also from unsigned mail, but not from what is known to be forged.
bool may_say_autocrypt(Summary summary) {
  switch (summary) {
    case Summary::bad:
    case Summary::mismatch:
    case Summary::malformed:
    case Summary::revoked:
    case Summary::expired:
      return false;
    case Summary::good:
    case Summary::untrusted:
    case Summary::unchecked:
    case Summary::weak:
    case Summary::partial:
    case Summary::none:
      break;
  }
  return true;
}

/// What the field Autocrypt brought, among others; looked at once.
const std::vector<BroughtKey>& autocrypt_keys(Peeled& peeled, const mail::Entity& top,
                                              const pki::OpenPgpKeys& known) {
  if (!peeled.has_read_autocrypt) add_autocrypt_key(peeled.brought, top, known);
  peeled.has_read_autocrypt = true;
  return peeled.brought.keys;
}

void add_autocrypt(std::vector<HarvestedOpenPgp>& kept, const std::vector<BroughtKey>& brought,
                   const mail::Entity& top, const Claim& claim) {
  for (const BroughtKey& each : brought) {
    if (each.way != BroughtKey::Way::autocrypt || !is_fit(each.key, claim)) continue;
    HarvestedOpenPgp& one = kept.emplace_back(make_harvested(each, claim, Provenance::autocrypt));
    // §2.3: what is dated in the future was said now.
    one.said_at = std::min(mail::date(top).value_or(claim.where.receipt.at), one.said_at);
    one.why = "said by the sender in the field Autocrypt; nobody has vouched for it";
  }
}

}  // namespace

OpenPgpHarvest harvest_openpgp(Peeled& peeled, const mail::Entity& top,
                               const pki::OpenPgpKeys& known, const Circumstances& where) {
  OpenPgpHarvest kept;
  const KeysToKeep wanted = where.receipt.openpgp;
  if (!peeled.author || wanted == KeysToKeep::none) return kept;
  const Claim claim{*peeled.author, where};
  add_attached(kept.keys, peeled, known, claim);
  if (wanted == KeysToKeep::all && may_say_autocrypt(peeled.verdict.summary()))
    add_autocrypt(kept.keys, autocrypt_keys(peeled, top, known), top, claim);
  kept.trouble = peeled.brought.trouble;
  return kept;
}

}  // namespace siegel::crypt
