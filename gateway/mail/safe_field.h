#pragma once

#include <optional>
#include <string>

#include "gateway/mail/message.h"

namespace siegel::mail {

/// `field` written so that every hop lets it through (STANDARDS §2.3 rules 1, 4, 5, 8), with its
/// line end, and with the same meaning: raw UTF-8 becomes RFC 2047 or RFC 2231 where the grammar of
/// the field allows it. Nothing if it cannot be done. A field that is safe comes back as it is.
[[nodiscard]] std::optional<std::string> to_safe_field(const Field& field);

}  // namespace siegel::mail
