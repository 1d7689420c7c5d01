#pragma once

#include "base/blob.h"
#include "gateway/mail/message.h"

namespace siegel::mail {

/// The inner entity of a message, made safe to be signed (RFC 8551 §3.1.1–3.1.3, STANDARDS §2.3).
struct Prepared {
  /// Content-* fields, empty line and body: what is signed is what is sent. Parts that were safe
  /// already are slices of the received octets.
  Octets entity;
  /// Rule 9: something inside must not be changed but would not survive transport in clear: sign
  /// opaque.
  bool must_be_opaque = false;
  /// How many octets of `entity` are its head, with the empty line.
  std::size_t head_size = 0;
};

/// All eleven rules. Idempotent: a prepared entity prepared again comes out octet for octet.
[[nodiscard]] Prepared prepare(const Message& message);

}  // namespace siegel::mail
