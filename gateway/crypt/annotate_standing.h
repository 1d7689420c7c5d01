#pragma once

#include "gateway/policy/verdict.h"

namespace siegel::crypt {

/// How a verdict is shown to people who have time for one word.
enum class Standing {
  none,      ///< not signed as a message
  accepted,  ///< good, or less than good by just what the tenant's settings accept
  doubtful,  ///< nothing wrong with the octets, but not vouched for
  rejected,  ///< altered, unreadable, revoked or expired, or somebody else's signature
};
[[nodiscard]] Standing standing_of(const policy::Verdict& verdict);

/// The first signature layer that is as bad as the whole; nullptr if nothing is signed.
[[nodiscard]] const policy::Layer* telling_layer(const policy::Verdict& verdict);

}  // namespace siegel::crypt
