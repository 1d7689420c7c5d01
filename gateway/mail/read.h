#pragma once

#include <string_view>

#include "gateway/mail/message.h"

namespace siegel::mail {

inline constexpr std::size_t level_limit = 30;   // STANDARDS §2.6, R-47
inline constexpr std::size_t part_limit = 1000;  // in the whole message

/// The tree of views into `octets`: built by our own reading (scan.h), then held against GMime's
/// (parse.h). Where the two differ the entity loses its parts and gains
/// Defect::offset_mismatch; a message that breaks a limit keeps no parts at all.
[[nodiscard]] Entity read_entity_tree(std::string_view octets);

}  // namespace siegel::mail
