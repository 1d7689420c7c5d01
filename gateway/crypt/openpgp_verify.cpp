#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/openpgp.h"

namespace siegel::crypt::openpgp {
namespace {

using pki::OpenPgpKey;
using pki::OpenPgpPeer;
using pki::OpenPgpSignature;
using pki::Provenance;
using pki::Strength;
using policy::Layer;
using policy::Status;
using Outcome = OpenPgpSignature::Outcome;

bool has_same_key(std::span<const Candidate> candidates, const OpenPgpKey& key) {
  return std::ranges::any_of(candidates, [&](const Candidate& each) {
    return each.key.fingerprint() == key.fingerprint();
  });
}

/// STANDARDS §4.3.3: whose word is behind the key.
bool is_vouched(Provenance provenance) {
  return provenance == Provenance::admin || provenance == Provenance::directory ||
         provenance == Provenance::harvested;
}

std::string domain_of(const OpenPgpPeer& peer) {
  return pki::is_domain_wide(peer.address) ? peer.address.domain() : std::string();
}

void add(std::vector<Candidate>& candidates, Candidate candidate) {
  if (!has_same_key(candidates, candidate.key)) candidates.push_back(std::move(candidate));
}

/// Our own keys first, then those that can be used, then the rest of what is known.
void add_known(std::vector<Candidate>& candidates, const Address& author,
               const pki::OpenPgpKeys& keys, Time at) {
  if (auto own = keys.signer(author, at)) add(candidates, {*std::move(own), Belief::vouched});
  for (OpenPgpPeer& peer : keys.peers(author, at)) {
    const Belief belief = is_vouched(peer.provenance) ? Belief::vouched : Belief::known;
    add(candidates, {std::move(peer.key), belief, domain_of(peer)});
  }
  for (OpenPgpPeer& peer : keys.known(author))
    add(candidates, {std::move(peer.key), Belief::known, domain_of(peer)});
}

const Candidate* find(std::span<const Candidate> candidates, const OpenPgpSignature& signature) {
  const auto found = std::ranges::find_if(candidates, [&](const Candidate& each) {
    return !signature.fingerprint.empty() && each.key.holds(signature.fingerprint);
  });
  return found == candidates.end() ? nullptr : &*found;
}

/// STANDARDS §4.1: as for S/MIME; gpg refuses SHA-1 by its own settings, and says so.
Strength judge_digest(std::string_view name) {
  constexpr std::array<std::string_view, 3> strong{"SHA256", "SHA384", "SHA512"};
  if (std::ranges::find(strong, name) != strong.end()) return Strength::ok;
  return name == "SHA224" ? Strength::weak : Strength::refused;
}

Strength strength_of(const OpenPgpKey& key, const OpenPgpSignature& signature) {
  for (const pki::OpenPgpSubkey& subkey : key.subkeys) {
    if (subkey.fingerprint.ends_with(signature.fingerprint))
      return pki::worse(judge_digest(signature.digest),
                        pki::worse(subkey.strength, key.subkeys.front().strength));
  }
  return Strength::refused;
}

/// One signature of a layer, judged by itself.
struct Judged {
  Status status = Status::malformed;
  std::string reason;
  bool accepted_weak = false;
};

Judged judge_right(const OpenPgpSignature& signature, const Candidate& by,
                   const config::SmimeSettings& settings) {
  if (by.belief == Belief::brought)
    return {Status::unknown_signer,
            "the signature is right, but its key came with the message itself: nobody has checked "
            "whose it is"};
  if (by.belief == Belief::known)
    return {Status::untrusted,
            "the signature is right, but nobody has checked yet whether its key is the sender's"};
  const Strength strength = strength_of(by.key, signature);
  if (strength == Strength::ok) return {Status::good, {}};
  const bool is_weak = strength == Strength::weak;
  return {
      Status::weak,
      fmt::format("the signature is right, but {} with {} is {}", printable(signature.algorithm),
                  printable(signature.digest), is_weak ? "weak" : "not accepted any more"),
      is_weak && settings.weak_is_good};
}

Judged judge_one(const OpenPgpSignature& signature, std::span<const Candidate> candidates,
                 const config::SmimeSettings& settings) {
  const Candidate* const by = find(candidates, signature);
  switch (signature.outcome) {
    case Outcome::good:
      if (by != nullptr) return judge_right(signature, *by, settings);
      break;
    case Outcome::bad:
      return {Status::bad, "the signature does not fit the message: one of them was altered"};
    case Outcome::no_key:
      break;
    case Outcome::expired_key:
      return {Status::expired, "the key of the signature has expired"};
    case Outcome::revoked_key:
      return {Status::revoked, "the key of the signature was revoked by its owner"};
    case Outcome::expired:
      return {Status::expired, "the signature was made for a limited time, which is over"};
    case Outcome::refused:
      return {Status::weak, "the signature is by an algorithm that is not accepted any more"};
    case Outcome::unfit:
      return {Status::untrusted, "the signature is by a key that was not made for signing"};
    case Outcome::unreadable:
      return {Status::malformed, "the OpenPGP signature cannot be read"};
  }
  return {Status::no_certificate,
          fmt::format("the OpenPGP key {} is not known: nobody can tell who signed",
                      printable(signature.fingerprint))};
}

/// Worst first; which of two counts when a message has several signatures.
constexpr std::array<Status, 9> worst_first{Status::malformed,
                                            Status::bad,
                                            Status::revoked,
                                            Status::expired,
                                            Status::no_certificate,
                                            Status::unknown_signer,
                                            Status::untrusted,
                                            Status::weak,
                                            Status::good};

bool is_worse(const Judged& a, const Judged& b) {
  const auto place = [](Status status) { return std::ranges::find(worst_first, status); };
  return place(a.status) < place(b.status);
}

Judged worst_of(std::span<const OpenPgpSignature> signatures, std::span<const Candidate> candidates,
                const config::SmimeSettings& settings) {
  Judged worst = judge_one(signatures.front(), candidates, settings);
  for (const OpenPgpSignature& signature : signatures.subspan(1)) {
    Judged next = judge_one(signature, candidates, settings);
    if (is_worse(next, worst)) worst = std::move(next);
  }
  if (signatures.size() > 1 && worst.status == Status::good)
    return {Status::weak, "the message bears several signatures; only one is expected"};
  return worst;
}

std::vector<Address> addresses_of(const Candidate& candidate, const Address* author) {
  std::vector<Address> addresses;
  const bool is_domains = !candidate.domain.empty() && author != nullptr &&
                          author->domain() == candidate.domain &&
                          candidate.belief == Belief::vouched;
  if (is_domains) addresses.push_back(*author);
  // Of a key that is revoked as a whole gpg calls each user id revoked; whose it was is still said.
  const bool is_revoked = candidate.key.subkeys.front().is_revoked;
  for (const pki::OpenPgpUserId& id : candidate.key.user_ids) {
    if (id.address && (is_revoked || !id.is_revoked)) addresses.push_back(*id.address);
  }
  return addresses;
}

bool is_right(Outcome outcome) {
  return outcome == Outcome::good || outcome == Outcome::expired_key ||
         outcome == Outcome::revoked_key || outcome == Outcome::expired;
}

/// Who signed, as far as every signature agrees.
void name_signers(Verified& verified, std::span<const OpenPgpSignature> signatures,
                  std::span<const Candidate> candidates, const Address* author) {
  for (const OpenPgpSignature& signature : signatures) {
    const Candidate* const by = find(candidates, signature);
    std::vector<Address> theirs =
        by == nullptr ? std::vector<Address>() : addresses_of(*by, author);
    if (&signature == &signatures.front()) {
      verified.signer_addresses = std::move(theirs);
      if (by == nullptr) continue;
      verified.signer = by->key;
      verified.belief = by->belief;
    } else {
      std::erase_if(verified.signer_addresses, [&](const Address& each) {
        return std::ranges::find(theirs, each) == theirs.end();
      });
    }
  }
}

}  // namespace

std::vector<Candidate> candidates_for(const std::optional<Address>& author,
                                      const pki::OpenPgpKeys& keys, Time at,
                                      std::vector<OpenPgpKey> brought) {
  std::vector<Candidate> candidates;
  if (author) add_known(candidates, *author, keys, at);
  for (OpenPgpKey& key : brought) add(candidates, {std::move(key), Belief::brought});
  return candidates;
}

std::vector<OpenPgpKey> keys_of(std::span<const Candidate> candidates) {
  std::vector<OpenPgpKey> keys;
  for (const Candidate& each : candidates) keys.push_back(each.key);
  return keys;
}

Verified judge(std::span<const OpenPgpSignature> signatures, std::span<const Candidate> candidates,
               const Address* author, const config::SmimeSettings& settings) {
  Verified verified;
  verified.layer.scheme = policy::Scheme::openpgp;
  if (signatures.empty()) {
    verified.layer.reason = "the part that should be an OpenPGP signature is none";
    return verified;
  }
  const OpenPgpSignature& first = signatures.front();
  Judged worst = worst_of(signatures, candidates, settings);
  verified.layer.status = worst.status;
  verified.layer.reason = std::move(worst.reason);
  verified.layer.accepted_weak = worst.accepted_weak;
  verified.layer.algorithm =
      fmt::format("{} with {}", printable(first.algorithm), printable(first.digest));
  name_signers(verified, signatures, candidates, author);
  verified.layer.serial =
      verified.signer ? verified.signer->fingerprint() : printable(first.fingerprint);
  verified.is_authentic = std::ranges::all_of(
      signatures, [](const OpenPgpSignature& each) { return is_right(each.outcome); });
  verified.signing_time = first.made;
  return verified;
}

Layer layer_of(const pki::OpenPgpDecrypted& decrypted) {
  Layer layer;
  layer.scheme = policy::Scheme::openpgp;
  layer.form = policy::Form::encryption;
  switch (decrypted.outcome) {
    case pki::OpenPgpDecrypted::Outcome::opened:
      layer.status = Status::good;
      layer.algorithm = printable(decrypted.cipher);
      return layer;
    case pki::OpenPgpDecrypted::Outcome::no_key:
      layer.status = Status::no_key;
      layer.reason = "the message is encrypted to an OpenPGP key that is not ours";
      return layer;
    case pki::OpenPgpDecrypted::Outcome::failed:
      layer.status = Status::bad;
      return layer;
    case pki::OpenPgpDecrypted::Outcome::unreadable:
      break;
  }
  layer.reason =
      "the encrypted part is no OpenPGP message, or of a form that is not supported (RFC 9580); "
      "ask the sender to encrypt to a key of version 4";
  return layer;
}

}  // namespace siegel::crypt::openpgp
