// The two laws of deciding, over random rule sets, rings and messages. The seed is fixed: a failure
// can be repeated; the case number is in its text.

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "gateway/policy/demand.h"
#include "gateway/policy/intent.h"
#include "tests/policy/scene.h"

namespace siegel::tests {
namespace {

using config::EncryptDemand;
using config::SignDemand;
using config::WithoutKey;
using policy::Action;
using policy::Route;

constexpr int cases = 3000;
const std::vector<std::string> people{"anna@buerger.example", "max@firma.example",
                                      "eva@sub.firma.example", "amt@justiz.example",
                                      "kollege@stadt.example"};
const std::vector<std::string> patterns{"*",
                                        "*@buerger.example",
                                        "*@*.firma.example",
                                        "max@firma.example",
                                        "*@stadt.example",
                                        "*@justiz.example"};
const std::vector<std::string> subjects{"Antrag", "[vertraulich] Antrag", "[plain] x", "x [sign]",
                                        "[plain] [encrypt] x"};
const std::vector<std::string> types{
    "text/plain",
    "multipart/report; boundary=b",
    "text/calendar; method=REQUEST",
    "multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b",
    "application/pkcs7-mime; smime-type=enveloped-data",
    "multipart/encrypted; boundary=b"};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  bool coin() { return engine_() % 2 == 0; }
  template <typename T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[engine_() % choices.size()];
  }
  template <typename T>
  std::optional<T> maybe(const std::vector<T>& choices) {
    return coin() ? std::optional<T>(one_of(choices)) : std::nullopt;
  }

 private:
  std::mt19937 engine_;
};

config::OutgoingRule random_rule(Dice& dice) {
  config::OutgoingRule rule;
  if (const auto to = dice.maybe(patterns)) rule.to = pattern(*to);
  if (const auto from = dice.maybe(patterns)) rule.from = pattern(*from);
  rule.trigger = dice.maybe<config::Trigger>(
      {config::Trigger::encrypt, config::Trigger::plain, config::Trigger::sign});
  rule.sign =
      dice.maybe<SignDemand>({SignDemand::always, SignDemand::if_possible, SignDemand::never});
  rule.encrypt = dice.maybe<EncryptDemand>(
      {EncryptDemand::required, EncryptDemand::if_possible, EncryptDemand::never});
  rule.without_key = dice.maybe<WithoutKey>({WithoutKey::refuse, WithoutKey::hold});
  rule.replace_signature = dice.coin();
  rule.invitations = dice.coin();
  return rule;
}

Scene random_scene(Dice& dice) {
  Scene scene;
  while (dice.coin()) scene.rule(random_rule(dice));
  if (dice.coin()) scene.signs();
  scene.envelope.recipients.clear();
  for (const std::string& person : people) {
    if (dice.coin()) scene.envelope.recipients.push_back({address(person)});
    if (dice.coin()) scene.has_key(person);
  }
  if (scene.envelope.recipients.empty()) scene.to({people.front()});
  scene.subject(dice.one_of(subjects)).field("Content-Type: " + dice.one_of(types));
  if (dice.coin()) scene.envelope.reverse_path.reset();
  scene.verdict.encrypted = dice.coin();
  return scene;
}

std::map<Address, int> places(const policy::Decision& decision) {
  std::map<Address, int> count;
  for (const Route& route : decision.routes) {
    for (const mail::Recipient& each : route.recipients) ++count[each.address];
  }
  return count;
}

TEST(Laws, EveryRecipientStandsInExactlyOneRoute) {
  Dice dice(1);
  for (int i = 0; i < cases; ++i) {
    const Scene scene = random_scene(dice);
    const auto count = places(scene.decide());
    ASSERT_EQ(count.size(), scene.envelope.recipients.size()) << "case " << i;
    for (const mail::Recipient& each : scene.envelope.recipients) {
      ASSERT_EQ(count.at(each.address), 1) << "case " << i;
    }
  }
}

/// What the rules demand for one recipient, read straight from them.
EncryptDemand demanded(const Scene& scene, const Address& recipient) {
  const auto message = mail::Message::parse(Blob(scene.head + "\r\n" + scene.body));
  const auto author = Address::parse("bauamt@stadt.example");
  const auto intent = policy::read_intent(message.top(), scene.config.tags);
  return policy::demand_for(scene.config.rules, intent, {author, recipient}).encrypt;
}

bool reaches(const Route& route, const Address& recipient) {
  return std::ranges::any_of(route.treatment.encrypt_to,
                             [&](const pki::PeerKey& key) { return key.address == recipient; });
}

TEST(Laws, R39_NoRouteRelaysInClearWhatARuleDemandedToBeEncrypted) {
  Dice dice(2);
  int demands = 0;
  for (int i = 0; i < cases; ++i) {
    const Scene scene = random_scene(dice);
    for (const Route& route : scene.decide().routes) {
      for (const mail::Recipient& each : route.recipients) {
        if (demanded(scene, each.address) != EncryptDemand::required) continue;
        ++demands;
        const bool is_safe = route.action != Action::relay || scene.verdict.encrypted ||
                             reaches(route, each.address);
        ASSERT_TRUE(is_safe) << "case " << i << ": " << route.reason;
      }
    }
  }
  EXPECT_GT(demands, 1000) << "the cases no longer meet the law";
}

TEST(Laws, WhoWasToBeSignedForIsSignedRefusedOrLeftAloneWithAReason) {
  Dice dice(3);
  for (int i = 0; i < cases; ++i) {
    for (const Route& route : random_scene(dice).decide().routes) {
      if (route.action == Action::relay && !route.treatment.sign) {
        ASSERT_NE(route.reason.find("not signed"), std::string::npos)
            << "case " << i << route.reason;
      }
    }
  }
}

TEST(Laws, AnEncryptedRouteHoldsAKeyForEachOfItsRecipients) {
  Dice dice(4);
  for (int i = 0; i < cases; ++i) {
    for (const Route& route : random_scene(dice).decide().routes) {
      if (route.treatment.encrypt_to.empty()) continue;
      for (const mail::Recipient& each : route.recipients)
        ASSERT_TRUE(reaches(route, each.address)) << i;
    }
  }
}

}  // namespace
}  // namespace siegel::tests
