#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/policy/verdict.h"
#include "pki/gpg.h"
#include "pki/openpgp_keys.h"

/// OpenPGP signatures and encryptions (RFC 4880) as layers of a verdict: what gpg found, and whom
/// the keys belong to. gpg itself trusts nobody and everybody (STANDARDS §4.2).
namespace siegel::crypt::openpgp {

/// What speaks for a key that a signature is checked with.
enum class Belief {
  vouched,  ///< a usable key of the author that somebody has vouched for, or our own
  known,    ///< known to us, but found, said by the author alone, or not approved yet
  brought,  ///< it came with the message itself
};

struct Candidate {
  pki::OpenPgpKey key;
  Belief belief = Belief::brought;
  /// The key speaks for every address of this domain; empty: for those of its user ids.
  std::string domain{};
};

/// The keys by which a message of `author` may be signed: what we know, and `brought` ones that we
/// do not. Throws Error{world} if `keys` cannot be asked.
[[nodiscard]] std::vector<Candidate> candidates_for(const std::optional<Address>& author,
                                                    const pki::OpenPgpKeys& keys, Time at,
                                                    std::vector<pki::OpenPgpKey> brought);
[[nodiscard]] std::vector<pki::OpenPgpKey> keys_of(std::span<const Candidate> candidates);

/// Everything found out about the signatures of one layer.
struct Verified {
  policy::Layer layer;  ///< signer not yet matched against an author
  /// The addresses that every signer's key has in user ids that are not revoked.
  std::vector<Address> signer_addresses;
  std::optional<pki::OpenPgpKey> signer;  ///< of several, the first
  Belief belief = Belief::brought;
  /// Every signature fits the octets: what it says of itself is the signer's own word.
  bool is_authentic = false;
  std::optional<Time> signing_time;
};

/// the worst of all signatures is the layer's status; several that are all good are still
/// `weak`, for mail programs differ in which one they show. R-12: no signature is `malformed`.
[[nodiscard]] Verified judge(std::span<const pki::OpenPgpSignature> signatures,
                             std::span<const Candidate> candidates, const Address* author,
                             const config::SmimeSettings& settings);

/// The layer of an encryption. R-04: all failures look alike.
[[nodiscard]] policy::Layer layer_of(const pki::OpenPgpDecrypted& decrypted);

}  // namespace siegel::crypt::openpgp
