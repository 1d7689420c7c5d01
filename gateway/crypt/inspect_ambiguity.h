#pragma once

#include <optional>
#include <string_view>

#include "gateway/mail/message.h"

/// What lets two readers read a message differently.
namespace siegel::crypt {

/// The first such defect of `entity` itself. On top, a doubled From is left out: it makes the
/// author ambiguous, which is said as such (mail::author).
[[nodiscard]] std::optional<mail::Defect> ambiguity_of(const mail::Entity& entity);
[[nodiscard]] std::optional<mail::Defect> ambiguity_of_top(const mail::Entity& top);

/// The first such defect of any part below `payload`: only what changes how a part is shown. Of an
/// attached message the MIME structure counts; what else its head holds is that message's affair.
[[nodiscard]] std::optional<mail::Defect> ambiguity_below(const mail::Entity& payload);

/// The defect for a clerk: "a field that may stand once stands twice".
[[nodiscard]] std::string_view in_words(mail::Defect defect) noexcept;

}  // namespace siegel::crypt
