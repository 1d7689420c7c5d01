#pragma once

#include <string>
#include <string_view>

#include "gateway/mail/message.h"

namespace siegel::crypt {

/// What a mail program would do with a part, and so what has to be done to it.
enum class PartKind {
  passive,    ///< shows it as it is, or offers to save it
  text,       ///< a text whose head can be read in two ways
  html,       ///< renders it as the message
  active,     ///< renders or runs it, or nobody can tell what it would do
  opaque,     ///< opens a signature and shows what is inside
  composite,  ///< looks at its parts
};
[[nodiscard]] PartKind kind_of_part(const mail::Entity& entity);

/// True if a head can be read in two ways, so that a reader may take the entity for something else
/// than we do. A line that is too long, a missing end and stray characters in base64 are not of
/// that kind, nor is a doubled field that says nothing about content.
[[nodiscard]] bool has_doubtful_head(const mail::Entity& entity);

/// The name under which an active part is set aside: its own, with `.txt` behind it where it would
/// open in anything but an editor.
[[nodiscard]] std::string passive_name(const mail::Entity& entity);

/// The text of a leaf as UTF-8, by its declared character set; without one by what its octets are,
/// by what an HTML text says of itself, or as Windows-1252.
[[nodiscard]] std::string utf8_text(const mail::Entity& leaf);

/// True for octets that can be a text of ISO-8859-1: no controls but those of text.
[[nodiscard]] bool looks_like_latin1(std::string_view octets);

}  // namespace siegel::crypt
