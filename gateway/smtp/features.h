#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "gateway/mail/envelope.h"

namespace siegel::smtp {

/// What a remote host offers, from its answer to EHLO (RFC 5321 §4.1.1.1).
struct Features {
  bool starttls = false, dsn = false, eight_bit = false, smtputf8 = false, size = false;
  std::uint64_t size_limit = 0;  ///< RFC 1870 §4; 0: none said

  /// `lines` are those of the answer, the first of which is the host's name.
  static Features parse(const std::vector<std::string>& lines);
};

/// What a message asks of the host.
struct Needs {
  std::uint64_t octets = 0;
  bool eight_bit = false;    ///< somewhere an octet above 127 (RFC 6152)
  bool utf8_header = false;  ///< in the header of a message that came with SMTPUTF8 (RFC 6532)

  static Needs of(const mail::Envelope& envelope, const Blob& octets);
};

/// "MAIL FROM:<…> …" with the parameters that the host offers, without CRLF.
[[nodiscard]] std::string mail_command(const mail::Envelope& envelope, const Needs& needs,
                                       const Features& features);
/// "RCPT TO:<…> …".
[[nodiscard]] std::string rcpt_command(const mail::Recipient& recipient, const Features& features);

}  // namespace siegel::smtp
