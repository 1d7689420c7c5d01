#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/blob.h"
#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/smtp/reply.h"

namespace siegel::smtp {

/// What becomes of a whole message: the only way from smtp upwards. It may throw Error; the session
/// turns it into a reply. A positive reply means that the mail is durable.
using Accept = std::function<Reply(const mail::Envelope&, Blob)>;

/// One SMTP listener (RFC 5321) on blocking sockets in a bounded pool of threads. Per side:
/// `inside` takes mail of our domains' mailboxes to anybody from the listed client networks;
/// `world` takes mail to our domains from anybody. Announces SIZE, PIPELINING, 8BITMIME,
/// ENHANCEDSTATUSCODES, DSN, SMTPUTF8 and, with a certificate, STARTTLS. Only CRLF.CRLF ends DATA;
/// bare CR and LF are refused.
class Server {
 public:
  /// Binds and listens, but accepts only after start(). Throws Error{ours} if it cannot bind.
  Server(const config::Listener& listener, const Current<config::Config>& config, Accept accept,
         const Clock& clock, const Log& log);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  void start();
  /// No new sessions; sessions in a transaction may finish it within `grace`, others get 421 (RFC
  /// 5321 §3.8).
  void stop(std::chrono::seconds grace);
  /// The port really bound: listeners of port 0 take a free one.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Running;
  std::unique_ptr<Running> running_;
};

}  // namespace siegel::smtp
