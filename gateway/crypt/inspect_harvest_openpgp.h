#pragma once

#include <string>
#include <vector>

#include "gateway/crypt/inspect_harvest.h"
#include "gateway/crypt/inspect_peel.h"
#include "pki/openpgp_keys.h"

namespace siegel::crypt {

struct OpenPgpHarvest {
  std::vector<pki::HarvestedOpenPgp> keys;
  std::string trouble;  ///< what was left out unread, and what to do about it
};

/// The OpenPGP keys that a reply may be encrypted to (STANDARDS §4.3.4–5): of those that came along
/// the ones that name the author and can encrypt, each with what it is worth:
///   harvested  attached to a message whose verdict is good, and fresh: a signer whom we
///              believe says that it is his
///   autocrypt  in the field Autocrypt; or attached, where it is the very key of a signature that
///              is right but for nobody having vouched for it
/// Nothing from a message that is wrong in itself (bad, somebody else's, revoked, expired), and
/// no more than Receipt::openpgp says. What is looked at is added to `peeled`. Throws Error if gpg
/// cannot work.
[[nodiscard]] OpenPgpHarvest harvest_openpgp(Peeled& peeled, const mail::Entity& top,
                                             const pki::OpenPgpKeys& known,
                                             const Circumstances& where);

}  // namespace siegel::crypt
