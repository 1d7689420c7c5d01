#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/error.h"

namespace siegel::smtp {

/// An SMTP reply: code (RFC 5321 §4.2), enhanced status code (RFC 3463; empty where none is
/// allowed, as in the greeting and in EHLO) and text of one or more lines.
struct Reply {
  int code = 250;
  std::string enhanced;
  std::vector<std::string> lines;

  [[nodiscard]] bool is_positive() const noexcept { return code < 400; }
  [[nodiscard]] bool is_transient() const noexcept { return code >= 400 && code < 500; }
  [[nodiscard]] bool is_permanent() const noexcept { return code >= 500; }
  /// On the wire: every line with code, enhanced code and CRLF; at most 512 octets a line
  /// (RFC 5321 §4.5.3.1.5), longer ones are wrapped; controls and 8-bit characters replaced
  /// (umlauts by their ASCII spelling).
  [[nodiscard]] std::string wire() const;
  /// "550 5.7.1 text", on one line, for logs and reports.
  [[nodiscard]] std::string str() const;
};

/// All replies that we give, in one table.
namespace replies {
Reply greeting(const std::string& our_name);
Reply closing();
Reply hello(const std::string& our_name);
Reply ehlo(const std::string& our_name, const std::vector<std::string>& extensions);
Reply ready_for_tls();
Reply sender_ok();
Reply recipient_ok();
Reply start_data();
Reply queued(const std::string& id);
Reply ok();
Reply help();
Reply cannot_verify();
Reply syntax_error(std::string_view what);
Reply bad_command_line();
Reply unknown_command();
Reply not_implemented();
Reply bad_sequence(std::string_view what_first);
Reply parameter_not_implemented(std::string_view parameter);
Reply tls_not_available();
Reply bad_sender(std::string_view what);
Reply bad_address(std::string_view what);
Reply needs_smtputf8();
Reply relay_denied();
Reply sender_not_ours();
Reply client_denied();
Reply too_many_recipients();
Reply too_large(std::uint64_t limit);
Reply bare_line_end();
Reply line_too_long();
Reply too_many_errors();
Reply too_many_commands();
Reply too_many_sessions();
Reply timed_out();
Reply shutting_down();
Reply early_talker();
Reply pipelining_error();
Reply loop_detected();
Reply disk_full();
Reply local_error();
/// A refusal by rule: German and English advice on lines of its own.
Reply refused(const std::string& reason, const std::string& advice_de,
              const std::string& advice_en);
/// A message that is larger (552) or more complex (554) than we read; the same form.
Reply header_too_large(const std::string& reason, const std::string& advice_de,
                       const std::string& advice_en);
Reply too_complex(const std::string& reason, const std::string& advice_de,
                  const std::string& advice_en);
/// What the end of a unit of work means to the peer (DESIGN §6): peer → 554, world and ours → 451.
Reply of(const Error& error);
}  // namespace replies

}  // namespace siegel::smtp
