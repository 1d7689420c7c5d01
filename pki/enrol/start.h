#pragma once

#include "pki/enrol/manifest.h"
#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// Makes the requests of a manifest that has no problems: adds the mailboxes, and for each row one
/// request, or one for each purpose where the profile has separate certificates; they are validated
/// and, unless the profile wants four eyes, authorised in the actor's name. What is there already
/// stays as it is: the same manifest twice changes nothing. What cannot be done for one row is
/// trouble that names the row; the others go on.
/// @param evidence  what the authorisation rests on: a ticket, the manifest's hash
Report start(const Office& office, const Manifest& manifest, const std::string& evidence);

/// Signs off validated requests (STANDARDS §6.4 AUTHORISED). Where the profile wants four eyes,
/// whoever started a request cannot authorise it: that is trouble.
Report authorise(const Office& office, const Filter& filter, const std::string& evidence);

/// A draft is validated and, unless its profile wants four eyes, authorised in the actor's name:
/// as far as one person can bring it. A request in any other state stays as it is.
[[nodiscard]] Request bring_forward(const Office& office, Request request,
                                    const std::string& evidence);

/// The purposes for which this wish needs a certificate each.
[[nodiscard]] std::vector<Purpose> purposes(const Wish& wish, const config::CaProfile& profile);

}  // namespace siegel::pki::enrol
