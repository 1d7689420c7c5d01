#include "tools/siegel/explain_record.h"

#include <iostream>

#include "base/error.h"
#include "base/utf8.h"
#include "config/values.h"
#include "gateway/relay/decision_book.h"
#include "gateway/spool/names.h"

namespace siegel::tools {
namespace {

using relay::DecisionBook;
using relay::RecordedDecision;
using relay::RecordedLayer;
using relay::RecordedRecipient;
using relay::RecordedRoute;

constexpr std::size_t most_listed = 1000;

std::chrono::seconds duration_argument(const std::string& text) {
  using Form = config::Form<std::chrono::seconds>;
  const auto duration = Form::read(text, {});
  if (!duration)
    throw WrongUsage(
        Error(Fault::peer, printable(text) + " is not " + Form::expected() + "; write 7d"));
  return *duration;
}

/// Our id of the message of an item in the queue, or what was asked for itself.
std::string message_of(const std::string& id) {
  const auto item = spool::parse_item_id(id);
  return item ? item->envelope_id : id;
}

// --- in words

std::string scheme_in_words(const std::string& scheme) {
  return scheme == "openpgp" ? "OpenPGP" : "S/MIME";
}

std::string why_clear(const std::string& code) {
  if (code == "incoming") return "it came from outside, and inside mail is delivered readable";
  if (code == "already-encrypted") return "its sender had encrypted it already";
  if (code == "by-rule") return "a rule, or the message itself, asked for no encryption";
  if (code == "report") return "it is a report, which machines read";
  if (code == "fragment") return "it is a part of a message, or a reference to one";
  if (code == "no-sender") return "it has no sender address, as reports have none";
  if (code == "invitation") return "it is an invitation, which mail programs would show as text";
  return "no key of this recipient was known that may be used";
}

std::string fate(const RecordedRoute& route, const RecordedRecipient& to) {
  if (route.action == "refuse") return "refused, nothing was sent";
  if (route.action == "hold") return "held; see `siegel queue list`";
  if (route.action == "pickup")
    return "not sent by mail but left for pickup: " + why_clear(to.clear);
  if (route.encrypted_by.empty()) return "not encrypted: " + why_clear(to.clear);
  std::string text = "encrypted by " + scheme_in_words(route.encrypted_by);
  if (!to.key.empty()) text += " with the key " + to.key;
  return route.hides_subject ? text + ", subject hidden" : text;
}

std::string signature_in_words(const RecordedRoute& route) {
  if (route.signed_by.empty()) return "not signed by us";
  return "signed by " + scheme_in_words(route.signed_by) + " with the key " + route.signing_key;
}

std::string sealed_in_words(const RecordedDecision& decision) {
  if (!decision.is_encrypted) return "not encrypted";
  return decision.is_decrypted ? "encrypted, and opened" : "encrypted, and left closed";
}

void print_route(std::ostream& out, const RecordedRoute& route) {
  for (const RecordedRecipient& to : route.recipients)
    out << "  " << printable(to.address) << ": " << fate(route, to) << '\n';
  out << "    " << signature_in_words(route) << "; decided: " << printable(route.reason, 2000)
      << '\n';
}

void print_decision(std::ostream& out, const RecordedDecision& decision) {
  out << decision.id << " at " << rfc3339(decision.at) << ", from "
      << (decision.sender.empty() ? "<>" : printable(decision.sender)) << " ("
      << printable(decision.side) << ")\n";
  for (const RecordedRoute& route : decision.routes) print_route(out, route);
  out << "  as it came: signature " << printable(decision.verdict) << "; "
      << sealed_in_words(decision) << '\n';
  for (const RecordedLayer& layer : decision.layers) {
    out << "    " << printable(layer.scheme) << ' ' << printable(layer.form) << ": "
        << printable(layer.status);
    if (!layer.signer.empty()) out << ", " << printable(layer.signer);
    if (!layer.reason.empty()) out << ": " << printable(layer.reason, 2000);
    out << '\n';
  }
  if (!decision.message_id.empty())
    out << "  Message-ID <" << printable(decision.message_id, 400) << ">\n";
}

// --- for scripts

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json recipient_json(const RecordedRoute& route, const RecordedRecipient& to) {
  return {{"address", to.address},
          {"encrypted", !route.encrypted_by.empty()},
          {"key", text_or_null(to.key)},
          {"not_encrypted_because", text_or_null(to.clear)},
          {"in_words", fate(route, to)}};
}

Json route_json(const RecordedRoute& route) {
  Json recipients = Json::array();
  for (const RecordedRecipient& to : route.recipients)
    recipients.push_back(recipient_json(route, to));
  return {{"action", route.action},
          {"signed_by", text_or_null(route.signed_by)},
          {"signing_key", text_or_null(route.signing_key)},
          {"encrypted_by", text_or_null(route.encrypted_by)},
          {"subject_hidden", route.hides_subject},
          {"reason", route.reason},
          {"recipients", std::move(recipients)}};
}

Json to_json(const RecordedDecision& decision) {
  Json layers = Json::array(), routes = Json::array();
  for (const RecordedLayer& layer : decision.layers)
    layers.push_back({{"scheme", layer.scheme},
                      {"form", layer.form},
                      {"status", layer.status},
                      {"signer", text_or_null(layer.signer)},
                      {"reason", layer.reason}});
  for (const RecordedRoute& route : decision.routes) routes.push_back(route_json(route));
  return {{"id", decision.id},
          {"message_id", text_or_null(decision.message_id)},
          {"at", rfc3339(decision.at)},
          {"side", decision.side},
          {"sender", text_or_null(decision.sender)},
          {"verdict",
           {{"summary", decision.verdict},
            {"encrypted", decision.is_encrypted},
            {"decrypted", decision.is_decrypted},
            {"layers", std::move(layers)}}},
          {"routes", std::move(routes)}};
}

// --- finding

[[noreturn]] void nothing_known(const Question& question, const config::Config& config) {
  const std::string whom = question.id.empty() ? question.recipient : question.id;
  std::string text = "nothing is known of " + printable(whom) + ": ";
  if (config.keep_decisions == std::chrono::seconds(0)) {
    text += "decisions are not kept here (keep_decisions)";
  } else {
    text += "it has not passed here, or longer ago than keep_decisions (" +
            config::Form<std::chrono::seconds>::write(config.keep_decisions) +
            "); the log may know its id";
  }
  throw Error(Fault::peer, text);
}

std::vector<RecordedDecision> find(const Question& question, const config::Config& config) {
  const auto file = relay::decision_file(config);
  if (!std::filesystem::exists(file)) return {};
  const DecisionBook book(file);
  if (!question.id.empty()) return book.about(message_of(question.id));
  const Time since = SystemClock().now() - duration_argument(question.since);
  return book.about_recipient(address_argument(question.recipient).str(), since, most_listed);
}

/// One line for each message, for the recipient that was asked for.
void print_list(const Context& context, const std::vector<RecordedDecision>& found,
                const std::string& recipient) {
  Table table({"id", "at", "from", "action", "encrypted", "signed", "why"});
  for (const RecordedDecision& decision : found) {
    for (const RecordedRoute& route : decision.routes) {
      for (const RecordedRecipient& to : route.recipients) {
        if (to.address != recipient) continue;
        table.add({decision.id, rfc3339(decision.at), text_or_null(decision.sender), route.action,
                   text_or_null(route.encrypted_by), text_or_null(route.signed_by),
                   fate(route, to)});
      }
    }
  }
  table.print(std::cout, context.json);
}

void print_found(const Context& context, const std::vector<RecordedDecision>& found) {
  if (!context.json) {
    for (const RecordedDecision& decision : found) print_decision(std::cout, decision);
    return;
  }
  Json list = Json::array();
  for (const RecordedDecision& decision : found) list.push_back(to_json(decision));
  print_json(std::cout, list);
}

}  // namespace

void add_question(CLI::App& command, Question& question, CLI::Option& mail) {
  CLI::Option* id =
      command
          .add_option("--id", question.id,
                      "why a mail that has passed was treated as it was: the id in our reply, of "
                      "`siegel queue list`, or a Message-ID")
          ->type_name("ID")
          ->excludes(&mail);
  CLI::Option* recipient =
      command
          .add_option("--recipient", question.recipient, "the same for all mail to this address")
          ->type_name("ADDRESS")
          ->excludes(&mail)
          ->excludes(id);
  command.add_option("--since", question.since, "with --recipient: how far back")
      ->type_name("TIME")
      ->capture_default_str()
      ->needs(recipient);
}

void answer(const Context& context, const Question& question) {
  const auto config = context.config();
  const auto found = find(question, *config);
  if (found.empty()) nothing_known(question, *config);
  if (question.id.empty()) {
    print_list(context, found, address_argument(question.recipient).str());
  } else {
    print_found(context, found);
  }
}

}  // namespace siegel::tools
