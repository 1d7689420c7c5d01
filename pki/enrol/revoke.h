#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "pki/enrol/connect.h"

namespace siegel::pki::enrol {

/// Has certificates revoked. Each is taken out of service first: from then on it neither signs nor
/// is encrypted to, whatever its authority says and when; its key still decrypts. Then the
/// authority is asked: one that answers by itself has revoked it; where a person has to act, the
/// request stays revoke-requested, and what is to be done is its reason and trouble in the report;
/// keep_up() sees when a list or an OCSP answer shows it. The same again asks again.
/// Only what is or was in service, or does not fit its request, can be revoked.
Report revoke(const Office& office, const Connect& connect, const Filter& filter,
              RevocationReason reason);

/// What an authority has revoked as somebody there has said: revoke-requested becomes revoked.
/// @param evidence  number of a ticket, a letter or a call
Report confirm_revocation(const Office& office, const Filter& filter, const std::string& evidence);

/// Those that may be given for good, as RFC 5280 §5.3.1 writes them: "keyCompromise".
[[nodiscard]] std::span<const RevocationReason> final_reasons();
[[nodiscard]] std::string_view name(RevocationReason reason);
/// Nothing if it is not one of final_reasons().
[[nodiscard]] std::optional<RevocationReason> parse_reason(std::string_view word);

}  // namespace siegel::pki::enrol
