#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

/// Where the enrolment of one certificate stands. One request is one (mailbox, purpose); DESIGN
/// §10, the full matrix in docs/FORMATS.md.
namespace siegel::pki::enrol {

enum class State {
  draft,             ///< read from a manifest
  invalid,           ///< the row breaks a rule; the reason lists all of them
  validated,         ///< fits the CA profile
  authorised,        ///< a responsible person has signed it off
  key_ready,         ///< the key pair is in the store or the token
  csr_ready,         ///< the PKCS#10 is made
  exported,          ///< part of a batch for the registration authority
  submitted,         ///< sent to the CA by protocol
  retry,             ///< sending failed for a time
  pending_ra,        ///< the registration authority identifies and approves
  rejected,          ///< the CA said no
  failed,            ///< sending failed too often
  timed_out,         ///< no answer in time
  issued,            ///< a certificate came back
  mismatch,          ///< it does not fit the request
  checked,           ///< it fits
  installed,         ///< certificate and key are in the store
  published,         ///< partners can find the encryption certificate
  active,            ///< in use
  renewal_due,       ///< in use, and a successor is under way
  suspended,         ///< certificateHold
  superseded,        ///< the successor is in use
  revoke_requested,  ///< the CA was asked to revoke
  revoked,
  expired,
  decrypt_only,  ///< the private key opens old mail, nothing else
  archived,      ///< key destroyed, certificate kept
  cancelled,     ///< given up before it was in use; key destroyed
};

enum class Purpose { sign, encrypt, both };

[[nodiscard]] std::span<const State> all_states();
/// As it stands in the database, in lists and on the command line: "pending-ra".
[[nodiscard]] std::string_view name(State state);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);
[[nodiscard]] std::string_view name(Purpose purpose);
[[nodiscard]] std::optional<Purpose> parse_purpose(std::string_view text);

/// The states that may follow. What is used for encryption is published before it is active, and
/// its key outlives its certificate; what only signs skips both.
[[nodiscard]] std::span<const State> followers(State state);
[[nodiscard]] bool is_allowed(State from, State to, Purpose purpose);

/// Nothing follows: the request is history.
[[nodiscard]] bool is_final(State state);
/// The certificate serves mail in this state: signs, or is encrypted to.
[[nodiscard]] bool is_in_service(State state);

/// Who has to act for the request to go on.
enum class Actor { nobody, us, admin, authority };
[[nodiscard]] Actor waits_for(State state);

/// How long a request may stay in a state before it is called late; nothing where time does not
/// count.
[[nodiscard]] std::optional<std::chrono::seconds> patience(State state);

}  // namespace siegel::pki::enrol
