#include "gateway/smtp/session.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/error.h"
#include "gateway/smtp/envelope_id.h"

namespace siegel::smtp {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::uint32_t error_limit = 20;
constexpr std::uint32_t idle_talk_limit = 100;
constexpr std::size_t reply_buffer = 16384;
constexpr std::uint64_t slowest_rate = 512;  // octets a second, once data_timeout is over
constexpr seconds farewell{5};               // for the last reply, whatever the limits say

std::string joined(const std::vector<mail::Recipient>& recipients) {
  std::string text;
  for (const mail::Recipient& recipient : recipients) {
    if (!text.empty()) text += ',';
    text += recipient.address.str();
  }
  return text;
}

}  // namespace

Session::Session(Poco::Net::StreamSocket socket, std::string client_ip, Service& service)
    : service_(service),
      config_(service.config.load()),
      channel_(std::move(socket), &service.stop),
      client_ip_(std::move(client_ip)) {}

// RFC 5321 §4.1.1, §4.1.4 (order), RFC 2920 §3.1 (groups). HELP and the verbs that are not
// implemented end a group too: nobody pipelines them. QUIT may be followed by anything, since
// nothing behind it is ever read.
const Session::Verb* Session::find_verb(std::string_view command) {
  static constexpr Verb verbs[] = {
      {"HELO", Phase::connected, Group::last, Talk::idle, &Session::hello},
      {"EHLO", Phase::connected, Group::last, Talk::idle, &Session::extended_hello},
      {"MAIL", Phase::greeted, Group::anywhere, Talk::brings_mail, &Session::mail},
      {"RCPT", Phase::mail, Group::anywhere, Talk::brings_mail, &Session::recipient},
      {"DATA", Phase::recipients, Group::last, Talk::brings_mail, &Session::data},
      {"RSET", Phase::connected, Group::anywhere, Talk::idle, &Session::reset},
      {"NOOP", Phase::connected, Group::last, Talk::idle, &Session::nothing},
      {"VRFY", Phase::connected, Group::last, Talk::idle, &Session::verify},
      {"HELP", Phase::connected, Group::last, Talk::idle, &Session::help},
      {"STARTTLS", Phase::greeted, Group::last, Talk::idle, &Session::start_tls},
      {"QUIT", Phase::connected, Group::anywhere, Talk::idle, &Session::quit},
      {"AUTH", Phase::connected, Group::last, Talk::idle, &Session::not_implemented},
      {"BDAT", Phase::connected, Group::last, Talk::idle, &Session::not_implemented},
      {"ETRN", Phase::connected, Group::last, Talk::idle, &Session::not_implemented},
      {"EXPN", Phase::connected, Group::last, Talk::idle, &Session::not_implemented},
      {"TURN", Phase::connected, Group::last, Talk::idle, &Session::not_implemented},
  };
  const Verb* const found = std::find_if(std::begin(verbs), std::end(verbs),
                                         [&](const Verb& verb) { return verb.command == command; });
  return found == std::end(verbs) ? nullptr : found;
}

// --- the dialogue ----------------------------------------------------------------------------

Channel::Patience Session::patience() const {
  const auto on_stop = in_transaction() ? Channel::OnStop::finish : Channel::OnStop::leave;
  return {steady_clock::now() + limits().command_timeout, on_stop};
}

bool Session::greet() {
  if (channel_.has_more_input()) {  // RFC 5321 §4.3.1: the client waits for the greeting
    end_with(replies::early_talker());
    return false;
  }
  channel_.write(replies::greeting(config_->name).wire());
  return channel_.flush(patience()) == Channel::State::ready;
}

void Session::converse() {
  while (open_) serve_one();
}

/// Whoever talks without a pause is never waited for: the last moment holds for him as well.
bool Session::is_over() const {
  return service_.stop.raised() &&
         (!in_transaction() || steady_clock::now() >= service_.stop.last_moment());
}

void Session::serve_one() {
  if (is_over()) return end_with(replies::shutting_down());
  const Channel::Line line = channel_.read_line(extended_command_limit - 2, patience());
  if (line.end == Channel::Line::End::none) return end_by(line.state);
  const auto command = understand(line);
  if (const auto* wrong = std::get_if<Reply>(&command)) return say(*wrong);
  perform(std::get<Command>(command));
}

std::variant<Command, Reply> Session::understand(const Channel::Line& line) {
  switch (line.end) {
    case Channel::Line::End::crlf:
      return parse_command(line.text);
    case Channel::Line::End::over_limit:
      return replies::line_too_long();
    default:
      return replies::bad_command_line();  // RFC 5321 §2.3.8: only CRLF ends a line
  }
}

void Session::perform(const Command& command) {
  const Verb* const verb = find_verb(command.verb);
  if (verb == nullptr) return say(replies::unknown_command());
  // what was sent too early must never be taken for commands, least of all those
  // that would be obeyed after STARTTLS, or the text of a message.
  if (verb->group == Group::last && channel_.has_more_input())
    return end_with(replies::pipelining_error());
  if (verb->talk == Talk::idle && ++idle_talk_ > idle_talk_limit)
    return end_with(replies::too_many_commands());
  if (phase_ >= verb->from) return (this->*verb->function)(command.argument);
  if (verb->from == Phase::greeted) return say(replies::bad_sequence("EHLO first"));
  say(replies::bad_sequence(phase_ == Phase::mail ? "RCPT first" : "MAIL first"));
}

void Session::say(const Reply& reply) {
  if (reply.is_permanent() && ++errors_ >= error_limit) {
    channel_.write(reply.wire());
    return end_with(replies::too_many_errors());
  }
  channel_.write(reply.wire());
  if (channel_.waiting() < reply_buffer) return;
  if (channel_.flush(patience()) != Channel::State::ready) open_ = false;
}

void Session::end_with(const Reply& reply) {
  open_ = false;
  if (!reply.is_positive())
    service_.log.info("session_ended", {{"client", client_ip_}, {"reply", reply.str()}});
  channel_.write(reply.wire());
  channel_.end({steady_clock::now() + farewell});
}

void Session::end_by(Channel::State state) {
  if (state == Channel::State::timed_out) return end_with(replies::timed_out());
  if (state == Channel::State::stopping) return end_with(replies::shutting_down());
  open_ = false;
}

// --- verbs -----------------------------------------------------------------------------------

bool Session::take_client_name(const std::string& name) {
  if (!is_client_name(name)) {
    say(replies::syntax_error("a host name or address literal after EHLO or HELO"));
    return false;
  }
  forget_envelope();  // RFC 5321 §4.1.4: a later EHLO resets like RSET
  client_name_ = name;
  phase_ = Phase::greeted;
  return true;
}

void Session::hello(const std::string& argument) {
  if (take_client_name(argument)) say(replies::hello(config_->name));
}

void Session::extended_hello(const std::string& argument) {
  if (take_client_name(argument)) say(replies::ehlo(config_->name, extensions()));
}

std::vector<std::string> Session::extensions() {
  std::vector<std::string> offered{"SIZE " + std::to_string(limits().message_octets),  // RFC 1870
                                   "PIPELINING",                                       // RFC 2920
                                   "8BITMIME",                                         // RFC 6152
                                   "ENHANCEDSTATUSCODES",                              // RFC 2034
                                   "DSN",                                              // RFC 3461
                                   "SMTPUTF8"};                                        // RFC 6531
  // RFC 3207 §4.2: not offered once TLS is in use. CHUNKING is not offered at all.
  if (!channel_.is_tls() && service_.tls.settings(config_)) offered.emplace_back("STARTTLS");
  return offered;
}

std::optional<Reply> Session::objection(const MailArgument& argument) const {
  if (argument.size.value_or(0) > limits().message_octets)  // RFC 1870 §6.1
    return replies::too_large(limits().message_octets);
  const bool inside = service_.listener.side == config::Side::inside;
  // World may name one of our domains: forwarders do. What that means is for the rules to say.
  if (inside && argument.reverse_path && !config_->is_ours(*argument.reverse_path))
    return replies::sender_not_ours();
  return std::nullopt;
}

void Session::mail(const std::string& argument) {
  if (in_transaction()) return say(replies::bad_sequence("a message is begun, RSET to drop it"));
  config_ = service_.config.load();
  const auto parsed = parse_mail(argument);
  if (const auto* wrong = std::get_if<Reply>(&parsed)) return say(*wrong);
  const auto& sender = std::get<MailArgument>(parsed);
  if (const auto refused = objection(sender)) {
    service_.log.info("sender_refused",
                      {{"from", sender.reverse_path ? sender.reverse_path->str() : "<>"},
                       {"client", client_ip_},
                       {"reply", refused->str()}});
    return say(*refused);
  }
  begin_envelope(sender);
  phase_ = Phase::mail;
  say(replies::sender_ok());
}

void Session::begin_envelope(const MailArgument& argument) {
  envelope_ = {};
  envelope_.id = new_envelope_id(service_.clock.now());
  envelope_.side = service_.listener.side;
  envelope_.client_ip = client_ip_;
  envelope_.client_helo = client_name_;
  envelope_.tls = channel_.is_tls();
  envelope_.reverse_path = argument.reverse_path;
  envelope_.body_8bit = argument.body_8bit;
  envelope_.smtputf8 = argument.smtputf8;
  envelope_.envid = argument.envid;
  envelope_.return_headers_only = argument.return_headers_only;
}

std::optional<Reply> Session::objection(const mail::Recipient& recipient) const {
  if (envelope_.recipients.size() >= limits().recipients)  // RFC 5321 §4.5.3.1.10
    return replies::too_many_recipients();
  if (service_.listener.side == config::Side::world && !config_->is_ours(recipient.address))
    return replies::relay_denied();
  return std::nullopt;
}

void Session::recipient(const std::string& argument) {
  const std::string domain = config_->domains.empty() ? "" : config_->domains.front();
  const auto parsed = parse_rcpt(argument, {domain, envelope_.smtputf8});
  if (const auto* wrong = std::get_if<Reply>(&parsed)) return say(*wrong);
  const auto& named = std::get<mail::Recipient>(parsed);
  if (const auto refused = objection(named)) {
    service_.log.info("recipient_refused", {{"id", envelope_.id},
                                            {"to", named.address.str()},
                                            {"client", client_ip_},
                                            {"reply", refused->str()}});
    return say(*refused);
  }
  const bool known = std::ranges::any_of(envelope_.recipients, [&](const mail::Recipient& other) {
    return other.address == named.address;  // named twice, delivered once
  });
  if (known && ++idle_talk_ > idle_talk_limit) return end_with(replies::too_many_commands());
  if (!known) envelope_.recipients.push_back(named);
  phase_ = Phase::recipients;
  say(replies::recipient_ok());
}

void Session::reset(const std::string& /*argument*/) {
  forget_envelope();
  say(replies::ok());
}

void Session::forget_envelope() {
  envelope_ = {};
  if (in_transaction()) phase_ = Phase::greeted;
}

void Session::nothing(const std::string& /*argument*/) {
  say(replies::ok());
}

void Session::verify(const std::string& argument) {
  if (argument.empty()) return say(replies::syntax_error("VRFY <address>"));
  say(replies::cannot_verify());  // RFC 5321 §7.3
}

void Session::help(const std::string& /*argument*/) {
  say(replies::help());
}

void Session::quit(const std::string& /*argument*/) {
  end_with(replies::closing());
}

void Session::not_implemented(const std::string& /*argument*/) {
  say(replies::not_implemented());
}

void Session::start_tls(const std::string& argument) {
  if (!argument.empty()) return say(replies::syntax_error("STARTTLS takes no argument"));
  if (channel_.is_tls()) return say(replies::bad_sequence("TLS is in use already"));
  if (!config_->relay.tls) return say(replies::not_implemented());
  const auto settings = service_.tls.settings(config_);
  if (!settings) return say(replies::tls_not_available());  // RFC 3207 §4

  channel_.write(replies::ready_for_tls().wire());
  if (const auto failed = channel_.start_tls(Tls::accepting(*settings), patience())) {
    service_.log.info("tls_failed", {{"client", client_ip_}, {"why", *failed}});
    open_ = false;
    return;
  }
  forget_envelope();  // RFC 3207 §4.2: all that was said in clear text is forgotten
  client_name_.clear();
  phase_ = Phase::connected;
}

// --- the message -----------------------------------------------------------------------------

void Session::data(const std::string& argument) {
  if (!argument.empty()) return say(replies::syntax_error("DATA takes no argument"));
  channel_.write(replies::start_data().wire());
  DataReader reader(limits().message_octets, config_->storage.directory);
  const Channel::State state = read_message(reader);
  if (state != Channel::State::ready) return end_by(state);
  const Reply reply = settle(reader);
  log_message(reply, reader.size());
  if (!reader.finished()) return end_with(reply);

  forget_envelope();
  idle_talk_ = 0;
  say(reply);
}

Channel::State Session::read_message(DataReader& reader) {
  const auto begun = steady_clock::now();
  while (!reader.finished() && !reader.hopeless()) {
    // A client that trickles holds a session: from the first timeout on it has to keep a pace.
    const auto at_slowest = begun + limits().data_timeout + seconds(reader.size() / slowest_rate);
    const auto idle = steady_clock::now() + limits().data_timeout;
    const auto state = channel_.await_octets({std::min(at_slowest, idle)});
    if (state != Channel::State::ready) return state;
    channel_.consume(reader.feed(channel_.received()));
  }
  return Channel::State::ready;
}

Reply Session::settle(DataReader& reader) {
  if (const auto refused = reader.refusal()) return *refused;
  envelope_.received = service_.clock.now();
  return hand_over(reader);
}

// The unit of work: whatever escapes ends here, and the client keeps its copy.
Reply Session::hand_over(DataReader& reader) {
  try {
    return service_.accept(envelope_, reader.take());
  } catch (const Error& error) {
    if (error.fault() == Fault::ours)
      service_.log.alarm("not_accepted", {{"id", envelope_.id}, {"why", error.what()}});
    else
      service_.log.warning("not_accepted", {{"id", envelope_.id}, {"why", error.what()}});
    return replies::of(error);
  } catch (const std::exception& fault) {
    service_.log.alarm("not_accepted", {{"id", envelope_.id}, {"why", fault.what()}});
    return replies::local_error();
  }
}

void Session::log_message(const Reply& reply, std::uint64_t size) const {
  service_.log.info(reply.is_positive() ? "received" : "refused",
                    {{"id", envelope_.id},
                     {"from", envelope_.reverse_path ? envelope_.reverse_path->str() : "<>"},
                     {"to", joined(envelope_.recipients)},
                     {"size", size},
                     {"client", client_ip_},
                     {"helo", client_name_},
                     {"tls", envelope_.tls ? "yes" : "no"},
                     {"reply", reply.str()}});
}

}  // namespace siegel::smtp
