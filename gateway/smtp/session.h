#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/smtp/channel.h"
#include "gateway/smtp/command.h"
#include "gateway/smtp/data_reader.h"
#include "gateway/smtp/server.h"
#include "gateway/smtp/tls_cache.h"

namespace siegel::smtp {

/// What all sessions of a listener share.
struct Service {
  config::Listener listener;
  const Current<config::Config>& config;
  Accept accept;
  const Clock& clock;
  Log log;
  TlsCache tls;
  StopSignal stop;
};

/// One client's connection, from the greeting to its end (RFC 5321 §3). The configuration is taken
/// anew at each MAIL, so that a reload never changes the rules in the middle of a message.
class Session {
 public:
  Session(Poco::Net::StreamSocket socket, std::string client_ip, Service& service);

  /// False if the client is not to be talked to: it has begun before it was greeted.
  [[nodiscard]] bool greet();
  /// Commands and replies until one side ends it. REQUIRES: greet() was true.
  void converse();

 private:
  /// How far the dialogue has come; a verb is allowed from its phase on (RFC 5321 §4.1.4).
  enum class Phase { connected, greeted, mail, recipients };
  /// What may stand behind a command in the same packet (RFC 2920 §3.1).
  enum class Group { anywhere, last };
  /// Whether a command counts as idle talk, of which there is a limit between two messages.
  enum class Talk { brings_mail, idle };
  struct Verb {
    std::string_view command;
    Phase from;
    Group group;
    Talk talk;
    void (Session::*function)(const std::string& argument);
  };
  static const Verb* find_verb(std::string_view command);

  [[nodiscard]] bool is_over() const;
  void serve_one();
  [[nodiscard]] static std::variant<Command, Reply> understand(const Channel::Line& line);
  void perform(const Command& command);
  void say(const Reply& reply);
  void end_with(const Reply& reply);
  void end_by(Channel::State state);

  // one per verb, in the order of the table
  void hello(const std::string& argument);
  void extended_hello(const std::string& argument);
  void mail(const std::string& argument);
  void recipient(const std::string& argument);
  void data(const std::string& argument);
  void reset(const std::string& argument);
  void nothing(const std::string& argument);
  void verify(const std::string& argument);
  void help(const std::string& argument);
  void start_tls(const std::string& argument);
  void quit(const std::string& argument);
  void not_implemented(const std::string& argument);

  [[nodiscard]] bool take_client_name(const std::string& name);
  [[nodiscard]] std::vector<std::string> extensions();
  [[nodiscard]] std::optional<Reply> objection(const MailArgument& argument) const;
  [[nodiscard]] std::optional<Reply> objection(const mail::Recipient& recipient) const;
  void begin_envelope(const MailArgument& argument);
  [[nodiscard]] Channel::State read_message(DataReader& reader);
  [[nodiscard]] Reply settle(DataReader& reader);
  [[nodiscard]] Reply hand_over(DataReader& reader);
  void log_message(const Reply& reply, std::uint64_t size) const;
  void forget_envelope();

  [[nodiscard]] const config::Limits& limits() const { return config_->relay.limits; }
  [[nodiscard]] Channel::Patience patience() const;
  [[nodiscard]] bool in_transaction() const { return phase_ >= Phase::mail; }

  Service& service_;
  std::shared_ptr<const config::Config> config_;
  Channel channel_;
  std::string client_ip_;
  std::string client_name_;  ///< from EHLO or HELO
  Phase phase_ = Phase::connected;
  bool open_ = true;
  std::uint32_t errors_ = 0;
  std::uint32_t idle_talk_ = 0;
  mail::Envelope envelope_;
};

}  // namespace siegel::smtp
