#pragma once

#include "pki/enrol/office.h"

/// Requests that have come to nothing: given up, or tried once more.
namespace siegel::pki::enrol {

/// What becomes of a request whose authority has issued a certificate that does not fit.
enum class Misfit {
  kept,      ///< it has to be revoked first
  given_up,  ///< too, although that certificate stays valid until its authority revokes it
};

/// Gives requests up that are not in service; their keys are destroyed, unless somebody has
/// installed a certificate for one by hand. What is at its authority, or has come back and fits,
/// cannot be given up: that is trouble.
Report cancel(const Office& office, const Filter& filter, const std::string& reason,
              Misfit misfit = Misfit::kept);

/// Begins those anew that are invalid, rejected, failed or timed out: they become drafts, and from
/// there as far as one person can bring them; a new key follows, and the old one is destroyed as by
/// cancel(). A successor goes on renewing what it renews. One that breaks its CA profile again is
/// trouble. A draft, which an interrupted try may have left, goes on too.
Report retry(const Office& office, const Filter& filter, const std::string& reason);

}  // namespace siegel::pki::enrol
