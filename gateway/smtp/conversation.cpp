#include "gateway/smtp/conversation.h"

#include <algorithm>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>

#include "base/ascii.h"
#include "base/error.h"
#include "gateway/smtp/dot_stuffer.h"

namespace siegel::smtp {
namespace {

using config::TlsDemand;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t addresses_limit = 6;
constexpr std::size_t chunk_size = 65536;
constexpr seconds quit_timeout{5};

// RFC 5321 §5.1: a host may have several addresses, all are tried in their order.
std::vector<Poco::Net::IPAddress> addresses_of(const std::string& host) {
  Poco::Net::IPAddress literal;
  if (Poco::Net::IPAddress::tryParse(host, literal)) return {literal};
  auto found = Poco::Net::DNS::hostByName(host).addresses();
  if (found.size() > addresses_limit) found.resize(addresses_limit);
  return found;
}

}  // namespace

// --- the fate of the recipients --------------------------------------------------------------

void Conversation::settle(std::size_t recipient, const Failure& failure) {
  Outcome& outcome = outcomes_[recipient];
  outcome.kind = failure.kind;
  outcome.status = failure.status;
  outcome.remote_host = heard_ ? hop_.to.host : "";
  outcome.text = failure.text;
  settled_[recipient] = true;
}

void Conversation::settle_rest(const Failure& failure) {
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (!settled_[i]) settle(i, failure);
  }
}

// RFC 3461 §5.2.2: beyond a host without DSN nobody will tell of the delivery.
void Conversation::settle_taken(const Answer& answer) {
  const auto kind = features_.dsn ? Outcome::Kind::delivered : Outcome::Kind::relayed;
  settle_rest({kind, answer.enhanced, answer.text()});
}

bool Conversation::all_settled() const {
  return std::ranges::all_of(settled_, [](bool settled) { return settled; });
}

Conversation::Failure Conversation::failure_of(const Answer& answer) {
  const bool expected = answer.code == 0 || answer.code >= 400;
  return {answer.kind_of_failure(), expected ? answer.enhanced : "4.5.0", answer.text()};
}

// A host that does not let us in at all says nothing of this mail and its recipients: a wrong
// setting there must not bounce everything.
Conversation::Failure Conversation::not_yet(const Answer& answer) {
  Failure failure = failure_of(answer);
  failure.kind = Outcome::Kind::deferred;
  if (!failure.status.empty()) failure.status.front() = '4';
  return failure;
}

// --- asking ----------------------------------------------------------------------------------

Answer Conversation::listen(seconds timeout) {
  Answer answer = read_answer(*channel_, steady_clock::now() + timeout);
  heard_ = heard_ || answer.code != 0;
  gone_ = answer.ends_connection();
  return answer;
}

Answer Conversation::ask(const std::string& line, seconds timeout) {
  // Addresses and parameters were parsed; should one ever hold a line end, it goes no further.
  if (std::ranges::any_of(line, ascii::is_control))
    return Answer::none("4.5.0", "a command with control characters was not sent");
  channel_->write(line + "\r\n");
  return listen(timeout);
}

// --- from nothing to EHLO, with TLS as demanded ------------------------------------------------

Conversation::Step Conversation::dial() {
  std::string why = "no address";
  try {
    for (const auto& address : addresses_of(hop_.to.host)) {
      try {
        Poco::Net::StreamSocket socket;
        socket.connect({address, hop_.to.port}, Poco::Timespan(timeouts_.connect.count(), 0));
        socket.setNoDelay(true);
        channel_.emplace(std::move(socket));
        return std::nullopt;
      } catch (const Poco::Exception& failed) {
        why = address.toString() + ": " + failed.displayText();
      }
    }
  } catch (const Poco::Exception& failed) {  // RFC 3463 §3.5: X.4.3, directory server failure
    return Failure{Outcome::Kind::deferred, "4.4.3", failed.displayText()};
  }
  return Failure{Outcome::Kind::deferred, "4.4.1", "cannot connect to " + why};
}

Conversation::Step Conversation::greet() {
  const Answer greeting = listen(timeouts_.greeting);
  if (greeting.is(220)) return std::nullopt;
  return not_yet(greeting);
}

Conversation::Step Conversation::hello() {
  features_ = {};
  Answer answer = ask("EHLO " + our_name_, timeouts_.command);
  if (answer.is(250)) {
    features_ = Features::parse(answer.lines);
    return std::nullopt;
  }
  // RFC 5321 §3.2: a host that does not know EHLO is asked by HELO
  if (answer.code >= 500) answer = ask("HELO " + our_name_, timeouts_.command);
  if (answer.is(250)) return std::nullopt;
  return not_yet(answer);
}

Conversation::Step Conversation::connect() {
  if (auto failed = dial()) return failed;
  if (auto failed = greet()) return failed;
  return hello();
}

Conversation::Step Conversation::open() {
  if (auto failed = connect()) return failed;
  if (hop_.tls == TlsDemand::none) return std::nullopt;
  auto failed = secure();
  if (!failed || hop_.tls == TlsDemand::verified) return failed;
  // RFC 7435: opportunistic means that mail without TLS is better than no mail
  return gone_ ? connect() : std::nullopt;
}

TlsSettings Conversation::tls_settings() const {
  if (hop_.tls != TlsDemand::verified) return TlsSettings::opportunistic_client();
  if (!hop_.ca_file)
    throw Error(Fault::ours, "TLS to this host must be verified, but no CA file is set for it");
  return TlsSettings::verifying_client(*hop_.ca_file);
}

Conversation::Step Conversation::secure() {
  if (!features_.starttls)  // RFC 3463 §3.8: X.7.4, security features not supported
    return Failure{Outcome::Kind::deferred, "4.7.4", "TLS is demanded, but the host offers none"};
  const Answer answer = ask("STARTTLS", timeouts_.command);
  if (!answer.is(220)) return not_yet(answer);
  if (auto failed = handshake()) return failed;
  return hello();  // RFC 3207 §4.2: what was said before is forgotten
}

Conversation::Step Conversation::handshake() {
  gone_ = true;
  const auto failed = [](const std::string& why) {  // X.7.5, cryptographic failure
    return Failure{Outcome::Kind::deferred, "4.7.5", "TLS failed: " + why};
  };
  if (channel_->has_more_input())  // somebody has put answers behind the 220
    return failed("the host sent octets in clear text after its reply to STARTTLS");
  try {
    Tls tls = Tls::connecting(tls_settings(), hop_.to.host);
    const auto why = channel_->start_tls(std::move(tls), {steady_clock::now() + timeouts_.command});
    if (why) return failed(*why);
  } catch (const Error& error) {
    return failed(error.what());
  }
  gone_ = false;
  return std::nullopt;
}

// --- the transaction ---------------------------------------------------------------------------

Conversation::Step Conversation::unfit(const mail::Envelope& envelope, const Needs& needs) const {
  const auto refused = [](std::string status, std::string text) {
    return Failure{Outcome::Kind::refused, std::move(status), std::move(text)};
  };
  if (features_.size_limit != 0 && needs.octets > features_.size_limit)  // RFC 1870 §6.3
    return refused("5.3.4", "the host takes messages of at most " +
                                std::to_string(features_.size_limit) + " octets");
  const bool international = envelope.reverse_path && envelope.reverse_path->is_international();
  if (international && !features_.smtputf8)  // RFC 6531 §3.5
    return refused("5.6.7", "the host takes no international addresses (SMTPUTF8)");
  if (needs.utf8_header && !features_.smtputf8)
    return refused("5.6.9", "the host takes no UTF-8 in header fields (SMTPUTF8)");
  if (needs.eight_bit && !features_.eight_bit)  // RFC 6152 §3
    return refused("5.6.3", "the host takes no 8-bit content (8BITMIME)");
  return std::nullopt;
}

Conversation::Step Conversation::send_sender(const mail::Envelope& envelope, const Needs& needs) {
  const Answer answer = ask(mail_command(envelope, needs, features_), timeouts_.command);
  if (answer.is_positive()) return std::nullopt;
  return failure_of(answer);
}

void Conversation::send_recipients(const mail::Envelope& envelope) {
  for (std::size_t i = 0; i < envelope.recipients.size() && !gone_; ++i) {
    const mail::Recipient& recipient = envelope.recipients[i];
    if (recipient.address.is_international() && !features_.smtputf8) {
      settle(i, {Outcome::Kind::refused, "5.6.7",
                 "the host takes no international addresses (SMTPUTF8)"});
      continue;
    }
    const Answer answer = ask(rcpt_command(recipient, features_), timeouts_.command);
    if (answer.is_positive()) continue;
    Failure failure = failure_of(answer);
    // RFC 5321 §4.5.3.1.10: old hosts say 552 where they mean 452, too many recipients
    if (answer.is(552)) failure = not_yet(answer);
    if (gone_) return settle_rest(failure);
    settle(i, failure);
  }
}

bool Conversation::send_text(std::string_view octets) {
  DotStuffer stuffer;
  std::string wire;
  for (std::size_t start = 0; start < octets.size(); start += chunk_size) {
    wire.clear();
    stuffer.append(octets.substr(start, chunk_size), wire);
    channel_->write(wire);
    const auto until = steady_clock::now() + timeouts_.data_block;
    if (channel_->flush({until}) != Channel::State::ready) return false;
  }
  wire.clear();
  stuffer.finish(wire);
  channel_->write(wire);
  return true;
}

void Conversation::send_message(const Blob& octets) {
  const Answer ready = ask("DATA", timeouts_.data_start);
  if (!ready.is(354)) return settle_rest(failure_of(ready));
  if (!send_text(octets.view())) {
    gone_ = true;
    return settle_rest(
        failure_of(Answer::none("4.4.2", "the connection broke while the message was being sent")));
  }
  const Answer answer = listen(timeouts_.data_end);
  if (answer.is_positive()) return settle_taken(answer);
  settle_rest(failure_of(answer));
}

void Conversation::quit() {
  if (gone_) return;
  // The fate of the mail is known; whether the goodbye succeeds changes nothing.
  static_cast<void>(ask("QUIT", std::min(timeouts_.command, quit_timeout)));
}

void Conversation::converse(const mail::Envelope& envelope, const Blob& octets) {
  if (const auto failed = open()) return settle_rest(*failed);
  const Needs needs = Needs::of(envelope, octets);
  if (const auto failed = unfit(envelope, needs)) return settle_rest(*failed);
  if (const auto failed = send_sender(envelope, needs)) return settle_rest(*failed);
  send_recipients(envelope);
  if (!all_settled()) send_message(octets);
}

std::vector<Outcome> Conversation::deliver(const mail::Envelope& envelope, const Blob& octets) {
  outcomes_.clear();
  for (const mail::Recipient& recipient : envelope.recipients)
    outcomes_.push_back({recipient, Outcome::Kind::deferred, {}, {}, {}});
  settled_.assign(outcomes_.size(), false);
  converse(envelope, octets);
  quit();
  return std::move(outcomes_);
}

}  // namespace siegel::smtp
