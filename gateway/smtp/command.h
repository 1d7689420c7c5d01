#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "gateway/mail/envelope.h"
#include "gateway/smtp/reply.h"

/// What a client says, taken apart. Pure: no state, no configuration, no network.
namespace siegel::smtp {

/// One command line without its CRLF (RFC 5321 §4.1.1): the verb in upper case and the rest,
/// without blanks at its ends.
struct Command {
  std::string verb;
  std::string argument;
};

constexpr std::size_t command_limit = 512;            // RFC 5321 §4.5.3.1.4
constexpr std::size_t extended_command_limit = 2048;  // MAIL and RCPT: RFC 1870, 3461, 6152, 6531

/// The command, or the reply to a line that is none: a bare CR or LF, a NUL or another control
/// character, too many octets.
[[nodiscard]] std::variant<Command, Reply> parse_command(std::string_view line);

/// The argument of MAIL (RFC 5321 §4.1.1.2).
struct MailArgument {
  std::optional<Address> reverse_path;  ///< nothing for "<>"
  std::optional<std::uint64_t> size;    ///< SIZE= (RFC 1870 §3)
  bool body_8bit = false;
  bool smtputf8 = false;
  bool return_headers_only = false;
  std::string envid;
};

/// `FROM:<path>` and its parameters; or the reply that says what is wrong. Quoted local parts that
/// need their quotes, source routes, `%` and `!` are refused. At most 16 parameters, each
/// once.
[[nodiscard]] std::variant<MailArgument, Reply> parse_mail(std::string_view argument);

/// What RCPT may hold in this transaction.
struct RcptContext {
  std::string postmaster_domain;  ///< `<Postmaster>` without domain is its (RFC 5321 §4.5.1)
  bool smtputf8 = false;          ///< MAIL had SMTPUTF8
};

/// `TO:<path>` and its parameters NOTIFY and ORCPT (RFC 3461 §4.1, §4.2).
[[nodiscard]] std::variant<mail::Recipient, Reply> parse_rcpt(std::string_view argument,
                                                              const RcptContext& context);

/// True if `text` is fit for HELO or EHLO: one word of visible ASCII, at most 255 octets. RFC 5321
/// §4.1.4 forbids to refuse mail because the name is not the client's.
[[nodiscard]] bool is_client_name(std::string_view text);

/// RFC 3461 §4: visible ASCII without '+' and '=', or '+' with two upper-case hexadecimal digits.
[[nodiscard]] bool is_xtext(std::string_view text);

}  // namespace siegel::smtp
