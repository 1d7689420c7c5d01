#pragma once

#include <string>
#include <string_view>

#include "gateway/mail/message.h"

/// The little language of the mail tests: messages written as they look, trees read as text.
namespace siegel::tests {

/// A message from text with LF line ends, which become CRLF.
[[nodiscard]] mail::Message message(std::string_view text);
/// `text` with each LF made CRLF.
[[nodiscard]] std::string crlf(std::string_view text);

/// One line per entity, indented by level:
/// `type/subtype encoding octets=N body=N [file=NAME] [!defect …]`
[[nodiscard]] std::string outline(const mail::Entity& entity, std::size_t level = 0);

/// The names of an entity's own defects, in order, joined by blanks.
[[nodiscard]] std::string defects(const mail::Entity& entity);

}  // namespace siegel::tests
