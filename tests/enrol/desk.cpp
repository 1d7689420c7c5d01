#include "tests/enrol/desk.h"

#include <cctype>
#include <deque>
#include <map>

namespace siegel::tests {
namespace {

using pki::enrol::Purpose;
using pki::enrol::State;

std::shared_ptr<config::Config> city() {
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  return config;
}

pki::Seal test_seal() {
  std::array<unsigned char, 32> key{};
  key.fill(7);
  return pki::Seal(key);
}

}  // namespace

pki::enrol::Wish wish(const std::string& address) {
  std::string name = address.substr(0, address.find('@'));
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return {.mailbox = *Address::parse(address),
          .display_name = std::move(name),
          .department = "Bauen",
          .owner = *Address::parse("chef@stadt.example"),
          .profile = "amt",
          .key_type = pki::KeyType::p256};
}

std::vector<State> way_to(State state, Purpose purpose) {
  std::map<State, State> before;
  std::deque<State> open{State::draft};
  while (!open.empty() && !before.contains(state)) {
    const State from = open.front();
    open.pop_front();
    for (const State next : pki::enrol::followers(from)) {
      if (next == State::draft || before.contains(next)) continue;
      if (!pki::enrol::is_allowed(from, next, purpose)) continue;
      before[next] = from;
      open.push_back(next);
    }
  }
  std::vector<State> way;
  for (State at = state; at != State::draft; at = before.at(at)) way.insert(way.begin(), at);
  return way;
}

EnrolDesk::EnrolDesk()
    : config(city()),
      database("sqlite:" + (folder / "siegel.db").string()),
      store(database, test_seal(), config, clock),
      ledger(database, clock) {}

}  // namespace siegel::tests
