#pragma once

#include "base/blob.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/message.h"

namespace siegel::crypt {

/// `outer` with the content of `entity` in place of its own: the fields of `outer` that do not
/// describe content, the Content-* fields of `entity` (the first of each name), and the body of
/// `entity`. No other field of `entity` gets out: whoever wrote an encrypted entity must not write
/// our header fields (CVE-2026-27443). Nothing is copied; the result shares the memory of both.
[[nodiscard]] Octets with_content(const mail::Message& outer, const mail::Message& entity);
/// The same, with changes to the fields of `outer`.
[[nodiscard]] Octets with_content(const mail::Message& outer, mail::HeadEdit head,
                                  const mail::Message& entity);

/// The fields of `outer` that stay outside when its content is wrapped, and MIME-Version if there
/// was none (RFC 2045 §4).
[[nodiscard]] Octets outer_fields(const mail::Message& outer);

}  // namespace siegel::crypt
