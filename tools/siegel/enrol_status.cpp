#include <chrono>
#include <iostream>
#include <map>
#include <thread>

#include "base/error.h"
#include "tools/siegel/enrol_filter.h"

namespace siegel::tools {
namespace {

namespace enrol = pki::enrol;

struct Arguments {
  FilterArguments filter;
  std::int64_t id = 0;
  bool watch = false;
};

std::string_view whom(enrol::State state) {
  switch (enrol::waits_for(state)) {
    case enrol::Actor::nobody:
      return "nobody";
    case enrol::Actor::us:
      return "siegel";
    case enrol::Actor::admin:
      return "you";
    case enrol::Actor::authority:
      return "the authority";
  }
  return "";
}

std::string age_of(Time since, Time now) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(now - since).count();
  if (hours >= 48) return std::to_string(hours / 24) + " d";
  return std::to_string(hours) + " h";
}

bool is_late(enrol::State state, Time since, Time now) {
  const auto patience = enrol::patience(state);
  return patience && since + *patience < now;
}

void print_requests(const Context& context, const OpenOffice& office, const enrol::Filter& filter) {
  const Time now = office.clock().now();
  Table table({"id", "address", "purpose", "state", "since", "age", "late", "waits_for", "profile",
               "reason"});
  for (const auto& line : office->ledger.overview(filter))
    table.add({line.id, line.mailbox, std::string(name(line.purpose)),
               std::string(name(line.state)), rfc3339(line.since), age_of(line.since, now),
               is_late(line.state, line.since, now), std::string(whom(line.state)), line.profile,
               line.reason});
  table.print(std::cout, context.json);
}

void print_states(const Context& context, const OpenOffice& office) {
  const Time now = office.clock().now();
  Table table({"state", "requests", "waits_for", "longest_since", "late"});
  for (const auto& [state, standing] : office->ledger.by_state())
    table.add({std::string(name(state)), standing.count, std::string(whom(state)),
               rfc3339(standing.oldest), is_late(state, standing.oldest, now)});
  table.print(std::cout, context.json);
}

/// A table that is drawn anew every two seconds, until the user ends it.
void watch(const Context& context, const OpenOffice& office, const FilterArguments& filter) {
  if (context.json)
    throw WrongUsage(Error(
        Fault::peer, "--watch is for people; ask for --json without it, as often as you like"));
  while (std::cout) {
    std::cout << "\x1B[H\x1B[2J" << rfc3339(office.clock().now()) << "  (Ctrl-C ends)\n\n";
    if (is_empty(filter))
      print_states(context, office);
    else
      print_requests(context, office, filter_of(filter));
    std::cout << std::flush;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

void status(const Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  if (arguments.watch) return watch(context, office, arguments.filter);
  print_requests(context, office, filter_of(arguments.filter));
}

void stats(const Context& context) {
  print_states(context, OpenOffice(context));
}

/// What a cell of the table has no room for.
void print_details(const enrol::Request& request) {
  constexpr std::size_t room = 10'000;
  const auto line = [](const char* name, const std::string& text) {
    if (!text.empty()) std::cout << name << printable(text, room) << '\n';
  };
  std::cout << '\n';
  line("mailbox:  ", enrol::called(request));
  line("subject:  ", request.subject);
  line("key:      ", request.key_id);
  line("batch:    ", request.batch);
  line("next try: ", request.next_try == Time{} ? std::string() : rfc3339(request.next_try));
  line("reason:   ", request.reason);
}

void show(const Context& context, std::int64_t id) {
  const OpenOffice office(context);
  const auto request = office->ledger.find(id);
  if (!request)
    throw Error(Fault::peer,
                "there is no request " + std::to_string(id) + "; `siegel enrol status` lists them");
  Table table({"at", "from", "to", "actor", "reason", "evidence"});
  for (const enrol::Transition& step : office->ledger.history(id))
    table.add({rfc3339(step.at), std::string(name(step.from)), std::string(name(step.to)),
               step.actor, step.reason, step.evidence});
  table.print(std::cout, context.json);
  if (!context.json) print_details(*request);
}

}  // namespace

void add_filter(CLI::App& command, FilterArguments& filter) {
  command.add_option("--id", filter.id, "only this request")->check(CLI::PositiveNumber);
  command.add_option("--address", filter.address, "only this mailbox");
  command.add_option("--profile", filter.profile, "only this CA profile");
  command.add_option("--batch", filter.batch, "only this batch");
  add_repeated(command, "--state", filter.states, "only this state");
}

enrol::Filter filter_of(const FilterArguments& arguments) {
  enrol::Filter filter{.profile = arguments.profile, .batch = arguments.batch, .id = arguments.id};
  if (!arguments.address.empty()) filter.mailbox = address_argument(arguments.address);
  for (const std::string& word : arguments.states) {
    const auto state = enrol::parse_state(word);
    if (!state)
      throw WrongUsage(Error(Fault::peer, "there is no state " + printable(word) +
                                              "; `siegel enrol stats` shows those in use"));
    filter.states.push_back(*state);
  }
  return filter;
}

bool is_empty(const FilterArguments& arguments) {
  return arguments.address.empty() && arguments.profile.empty() && arguments.batch.empty() &&
         arguments.states.empty() && arguments.id == 0;
}

enrol::Report latest(const enrol::Office& office, enrol::Report report) {
  std::map<std::int64_t, enrol::Request> by_id;
  for (enrol::Request& request : report.moved) by_id.insert_or_assign(request.id, request);
  report.moved.clear();
  for (const auto& [id, request] : by_id)
    report.moved.push_back(office.ledger.find(id).value_or(request));
  return report;
}

void add_enrol_status(CLI::App& enrol, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* statuses = enrol.add_subcommand("status", "where each request stands");
  add_filter(*statuses, arguments->filter);
  statuses->add_flag("--watch", arguments->watch,
                     "a live table of states, or of the requests that are named");
  statuses->callback([&context, arguments] { status(context, *arguments); });
  CLI::App* shows = enrol.add_subcommand("show", "the history of one request");
  shows->add_option("id", arguments->id, "its number")->required();
  shows->callback([&context, arguments] { show(context, arguments->id); });
  CLI::App* counts = enrol.add_subcommand("stats", "how many requests are in each state");
  counts->add_flag("--by-state")
      ->description("one line for each state, which is the only way to count them");
  counts->callback([&context] { stats(context); });
}

}  // namespace siegel::tools
