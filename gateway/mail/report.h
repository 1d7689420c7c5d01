#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/time.h"
#include "gateway/mail/envelope.h"

namespace siegel::mail {

/// What is told of one recipient (RFC 3464 §2.3).
struct RecipientReport {
  enum class Action { failed, delayed, delivered, relayed };
  Recipient recipient;
  Action action = Action::failed;
  std::string status{};                  ///< enhanced status code, such as 5.1.1
  std::string remote_host{};             ///< who said so; empty if we did
  std::string diagnostic{};              ///< the remote reply or our own words
  std::string advice_de{}, advice_en{};  ///< what the sender can do
};

/// How much of the message goes back (RFC 3461 §4.3). A message that had to be encrypted or was
/// decrypted by us goes back with its head only.
enum class Returned { message, head };

struct Report {
  std::string our_name;  ///< reporting MTA
  std::string from;      ///< mailer-daemon address in the From field
  Address to;            ///< the reverse-path; a null reverse-path is never answered
  Time now;
  Time arrived;
  std::string envid;  ///< xtext
  std::string id;     ///< of the message that is reported on
  Returned returned = Returned::head;
  std::optional<Time> will_retry_until;  ///< for delayed
  std::vector<RecipientReport> recipients;
};

/// A delivery status notification (RFC 3464, RFC 6522): multipart/report with text in German and
/// English, message/delivery-status, and the returned message or head.
[[nodiscard]] Octets make_report(const Report& report, const Blob& message);

}  // namespace siegel::mail
