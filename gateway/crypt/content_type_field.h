#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/mail/message.h"
#include "gateway/mail/parameters.h"

namespace siegel::crypt {

/// The Content-Type field of `entity` with `added` parameters, in place of those of the same names
/// and of those that say how the fields are protected (RFC 9788 §2.1). The field stays as it was
/// written where it can. Nothing if it would not be read as the same type with the same parameters:
/// a type that is not understood can bear no mark.
[[nodiscard]] std::optional<std::string> content_type_field(const mail::Entity& entity,
                                                            const mail::Parameters& added);

/// True if the Content-Type of `entity` says that the fields in its head are protected, whoever
/// wrote it.
[[nodiscard]] bool has_protection_mark(const mail::Entity& entity);

}  // namespace siegel::crypt
