#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "gateway/policy/verdict.h"

/// What is kept of a decision, so that a question of next week can be answered. Words and reason
/// codes, addresses and fingerprints; nothing of the content, and no subject. All texts are
/// printable, and none is longer than is read.
namespace siegel::relay {

struct RecordedLayer {
  std::string scheme, form, status;
  std::string signer;  ///< empty: nobody is known
  std::string reason;
};

struct RecordedRecipient {
  std::string address;
  std::string key;    ///< fingerprint of what it was encrypted to; empty: it was not
  std::string clear;  ///< why not (policy::ClearReason); empty: it was
};

struct RecordedRoute {
  std::string action;
  std::string signed_by, signing_key;  ///< scheme and fingerprint; empty: not signed
  std::string encrypted_by;            ///< scheme; empty: not encrypted
  bool hides_subject = false;
  std::string reason;
  std::vector<RecordedRecipient> recipients;
};

struct RecordedDecision {
  std::string id;          ///< ours, as in the log
  std::string message_id;  ///< without its angle brackets; empty if there was none
  Time at{};
  std::string side;    ///< where it came from: "inside" or "world"
  std::string sender;  ///< the reverse-path; empty for reports
  std::string verdict;
  bool is_encrypted = false, is_decrypted = false;  ///< as it came
  std::vector<RecordedLayer> layers;
  std::vector<RecordedRoute> routes;
};

/// All that a decision was made from, and what it is.
struct Decided {
  const config::Config& config;
  const mail::Envelope& envelope;
  const mail::Entity& top;
  const policy::Verdict& verdict;
  const policy::Decision& decision;
};

[[nodiscard]] RecordedDecision record_of(const Decided& decided);

/// A Message-ID as it is kept and asked for: without blanks, brackets and what is no text.
[[nodiscard]] std::string bare_message_id(std::string_view text);

}  // namespace siegel::relay
