#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/profile.h"
#include "pki/enrol/request.h"

namespace siegel::pki::enrol {

/// The name that a certificate will carry.
struct Naming {
  std::string subject;  ///< RFC 4514 order of the template: "C=DE, O=Amt, CN=GRP: Bauamt"
  std::vector<std::string> problems;  ///< each a sentence that says what to change; empty if fit
};

/// Fills the profile's template with the wish's values and holds the result against the profile's
/// rules (STANDARDS §6.2): what the CA would refuse is found before any key is made. Values are
/// escaped (RFC 4514 §2.4), so that a display name can never add a part.
[[nodiscard]] Naming name_by_profile(const Wish& wish, const config::CaProfile& profile);

/// "Straße" → "Strasse", "Öffentlich" → "Oeffentlich", "ÖPNV" → "OEPNV"; other characters stay.
[[nodiscard]] std::string transliterated(std::string_view text);

}  // namespace siegel::pki::enrol
