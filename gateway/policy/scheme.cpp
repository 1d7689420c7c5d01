#include "gateway/policy/scheme.h"

#include <tuple>

#include <fmt/format.h>

namespace siegel::policy {
namespace {

using config::EncryptDemand;
using config::SchemeChoice;
using config::SignDemand;
using pki::Provenance;

/// How far somebody has vouched for a key.
enum class Standing { vouched, found, said };

Standing standing_of(Provenance provenance) {
  switch (provenance) {
    case Provenance::admin:
    case Provenance::directory:
    case Provenance::harvested:
      return Standing::vouched;
    case Provenance::foreign_directory:
    case Provenance::dns:
      return Standing::found;
    case Provenance::autocrypt:
      break;
  }
  return Standing::said;
}

template <typename Peer>
const Peer* find(const std::map<Address, Peer>& peers, const Address& recipient) {
  const auto found = peers.find(recipient);
  return found == peers.end() ? nullptr : &found->second;
}

/// What there is, without what the rule rules out.
KeyChoice allowed(const ChoiceOfKey& from) {
  KeyChoice choice;
  if (from.demand.scheme != SchemeChoice::openpgp_only)
    choice.smime = find(from.ring.peers, from.recipient);
  if (from.demand.scheme != SchemeChoice::smime_only && from.ring.openpgp)
    choice.openpgp = find(from.ring.openpgp->peers, from.recipient);
  return choice;
}

/// Autocrypt Level 1 §2.4: a key that came by Autocrypt recommends encryption only if its owner
/// prefers it.
void pass_over_unasked(KeyChoice& choice, const ChoiceOfKey& from) {
  if (choice.openpgp == nullptr || choice.openpgp->provenance != Provenance::autocrypt) return;
  if (from.demand.encrypt == EncryptDemand::required || choice.openpgp->prefers_encryption) return;
  choice.openpgp = nullptr;
  choice.remark = fmt::format(
      "the OpenPGP key of {} is known by Autocrypt alone, and its owner does not ask for "
      "encryption",
      from.recipient.str());
}

/// Where a signature is demanded, a key whose scheme the mailbox cannot sign by gives way to the
/// other one, and to clear text where encryption is not demanded.
void pass_over_unsigned(KeyChoice& choice, const ChoiceOfKey& from) {
  if (!from.must_be_signed) return;
  const bool is_required = from.demand.encrypt == EncryptDemand::required;
  const bool has_both = choice.smime != nullptr && choice.openpgp != nullptr;
  const bool by_smime = can_sign(from.ring, Scheme::smime);
  const bool by_openpgp = can_sign(from.ring, Scheme::openpgp);
  if (by_smime == by_openpgp || (is_required && !has_both)) return;
  const bool had_any = !choice.is_none();
  if (by_smime) {
    choice.openpgp = nullptr;
  } else {
    choice.smime = nullptr;
  }
  if (had_any && choice.is_none())
    choice.remark = fmt::format(
        "the key of {} is of the other scheme than the one that the mailbox signs with, and a "
        "signature is required",
        from.recipient.str());
}

/// Smaller is better: see choose_key.
auto order_of(Provenance provenance, Time last_seen) {
  return std::tuple(standing_of(provenance), -last_seen.time_since_epoch(), provenance);
}

bool is_openpgp_better(const KeyChoice& choice, SchemeChoice scheme) {
  if (scheme == SchemeChoice::openpgp || scheme == SchemeChoice::openpgp_only) return true;
  if (scheme == SchemeChoice::smime || scheme == SchemeChoice::smime_only) return false;
  return order_of(choice.openpgp->provenance, choice.openpgp->last_seen) <
         order_of(choice.smime->provenance, choice.smime->last_seen);
}

std::string why_of_two(const KeyChoice& choice, SchemeChoice scheme) {
  if (scheme != SchemeChoice::last_used) return "the rule prefers it";
  const Standing smime = standing_of(choice.smime->provenance);
  const Standing openpgp = standing_of(choice.openpgp->provenance);
  if (smime != openpgp) return "it is better vouched for";
  if (choice.smime->last_seen != choice.openpgp->last_seen) return "it was used last";
  return "both were seen at the same time";
}

void keep_better(KeyChoice& choice, const ChoiceOfKey& from) {
  if (choice.smime == nullptr || choice.openpgp == nullptr) return;
  const bool is_openpgp = is_openpgp_better(choice, from.demand.scheme);
  choice.remark =
      fmt::format("{} has keys of both schemes, {} is taken because {}", from.recipient.str(),
                  is_openpgp ? "OpenPGP" : "S/MIME", why_of_two(choice, from.demand.scheme));
  if (is_openpgp) {
    choice.smime = nullptr;
  } else {
    choice.openpgp = nullptr;
  }
}

/// Whoever reads why a mail went out so shall know that nobody has vouched for this key.
void note_unvouched(KeyChoice& choice, const ChoiceOfKey& from) {
  if (choice.openpgp == nullptr || choice.openpgp->provenance != Provenance::autocrypt) return;
  if (!choice.remark.empty()) choice.remark += "; ";
  choice.remark += fmt::format(
      "the OpenPGP key of {} is known by Autocrypt alone, nobody has checked that it is theirs",
      from.recipient.str());
}

}  // namespace

KeyChoice choose_key(const ChoiceOfKey& from) {
  KeyChoice choice = allowed(from);
  pass_over_unasked(choice, from);
  pass_over_unsigned(choice, from);
  keep_better(choice, from);
  note_unvouched(choice, from);
  return choice;
}

bool can_sign(const pki::Ring& ring, Scheme scheme) {
  if (scheme == Scheme::smime) return ring.signer.has_value();
  return ring.openpgp && ring.openpgp->signer.has_value();
}

Scheme signing_scheme(const KeyChoice& choice, const pki::Ring& ring) {
  if (choice.openpgp != nullptr) return Scheme::openpgp;
  if (choice.smime != nullptr || can_sign(ring, Scheme::smime)) return Scheme::smime;
  return can_sign(ring, Scheme::openpgp) ? Scheme::openpgp : Scheme::smime;
}

}  // namespace siegel::policy
