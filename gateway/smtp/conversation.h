#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/blob.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/smtp/answer.h"
#include "gateway/smtp/channel.h"
#include "gateway/smtp/features.h"
#include "gateway/smtp/outcome.h"

namespace siegel::smtp {

/// RFC 5321 §4.5.3.2: how long a client waits.
struct ClientTimeouts {
  using seconds = std::chrono::seconds;
  seconds connect{30};
  seconds greeting{300};    // §4.5.3.2.1
  seconds command{300};     // §4.5.3.2.2 and .3
  seconds data_start{120};  // §4.5.3.2.4
  seconds data_block{180};  // §4.5.3.2.5
  seconds data_end{600};    // §4.5.3.2.6
};

/// One delivery of one message to a fixed host: what deliver_smtp promises, with the timeouts
/// given. Used once.
class Conversation {
 public:
  Conversation(const config::Delivery& hop, std::string our_name, const ClientTimeouts& timeouts)
      : hop_(hop), our_name_(std::move(our_name)), timeouts_(timeouts) {}

  [[nodiscard]] std::vector<Outcome> deliver(const mail::Envelope& envelope, const Blob& octets);

 private:
  /// Why the message goes no further.
  struct Failure {
    Outcome::Kind kind = Outcome::Kind::deferred;
    std::string status;
    std::string text;
  };
  using Step = std::optional<Failure>;

  void converse(const mail::Envelope& envelope, const Blob& octets);
  [[nodiscard]] Step open();
  [[nodiscard]] Step connect();
  [[nodiscard]] Step dial();
  [[nodiscard]] Step greet();
  [[nodiscard]] Step hello();
  [[nodiscard]] Step secure();
  [[nodiscard]] Step handshake();
  [[nodiscard]] TlsSettings tls_settings() const;
  [[nodiscard]] Step unfit(const mail::Envelope& envelope, const Needs& needs) const;
  [[nodiscard]] Step send_sender(const mail::Envelope& envelope, const Needs& needs);
  void send_recipients(const mail::Envelope& envelope);
  void send_message(const Blob& octets);
  [[nodiscard]] bool send_text(std::string_view octets);
  void quit();

  [[nodiscard]] Answer ask(const std::string& line, std::chrono::seconds timeout);
  [[nodiscard]] Answer listen(std::chrono::seconds timeout);
  [[nodiscard]] static Failure failure_of(const Answer& answer);
  [[nodiscard]] static Failure not_yet(const Answer& answer);
  void settle(std::size_t recipient, const Failure& failure);
  void settle_rest(const Failure& failure);
  void settle_taken(const Answer& answer);
  [[nodiscard]] bool all_settled() const;

  const config::Delivery& hop_;
  std::string our_name_;
  ClientTimeouts timeouts_;
  std::optional<Channel> channel_;
  bool heard_ = false;  ///< the host has said something
  bool gone_ = true;    ///< the connection is of no further use
  Features features_;
  std::vector<Outcome> outcomes_;
  std::vector<bool> settled_;  ///< same indices
};

}  // namespace siegel::smtp
