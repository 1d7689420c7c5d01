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
using config::SchemeChoice;
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
const std::vector<pki::Provenance> provenances{pki::Provenance::admin, pki::Provenance::harvested,
                                               pki::Provenance::dns, pki::Provenance::autocrypt};
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
  rule.without_key =
      dice.maybe<WithoutKey>({WithoutKey::refuse, WithoutKey::hold, WithoutKey::pickup});
  rule.scheme =
      dice.maybe<SchemeChoice>({SchemeChoice::last_used, SchemeChoice::smime, SchemeChoice::openpgp,
                                SchemeChoice::smime_only, SchemeChoice::openpgp_only});
  rule.hide_subject = dice.coin();
  rule.replace_signature = dice.coin();
  rule.invitations = dice.coin();
  return rule;
}

pki::OpenPgpPeer random_openpgp_peer(Dice& dice, const std::string& person) {
  return {address(person), openpgp_key(person), dice.one_of(provenances), dice.coin(),
          Time(std::chrono::hours(dice.coin() ? 24 : 48))};
}

Scene random_scene(Dice& dice) {
  Scene scene;
  while (dice.coin()) scene.rule(random_rule(dice));
  if (dice.coin()) scene.signs();
  if (dice.coin()) scene.signs_openpgp();
  scene.envelope.recipients.clear();
  for (const std::string& person : people) {
    if (dice.coin()) scene.envelope.recipients.push_back({address(person)});
    if (dice.coin()) scene.has_key(person);
    if (dice.coin()) scene.has_openpgp_key(random_openpgp_peer(dice, person));
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
policy::Demand demanded(const Scene& scene, const Address& recipient) {
  const auto message = mail::Message::parse(Blob(scene.head + "\r\n" + scene.body));
  const auto author = Address::parse("bauamt@stadt.example");
  const auto intent = policy::read_intent(message.top(), scene.config.tags);
  return policy::demand_for(scene.config.rules, intent, {author, recipient});
}

bool reaches(const Route& route, const Address& recipient) {
  const auto is_theirs = [&](const auto& key) { return key.address == recipient; };
  return std::ranges::any_of(route.treatment.encrypt_to, is_theirs) ||
         std::ranges::any_of(route.treatment.encrypt_to_openpgp, is_theirs);
}

TEST(Laws, R39_NoRouteRelaysInClearWhatARuleDemandedToBeEncrypted) {
  Dice dice(2);
  int demands = 0;
  for (int i = 0; i < cases; ++i) {
    const Scene scene = random_scene(dice);
    for (const Route& route : scene.decide().routes) {
      for (const mail::Recipient& each : route.recipients) {
        if (demanded(scene, each.address).encrypt != EncryptDemand::required) continue;
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
      if (route.action == Action::relay && !route.treatment.signs()) {
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
      if (!route.treatment.encrypts()) continue;
      for (const mail::Recipient& each : route.recipients)
        ASSERT_TRUE(reaches(route, each.address)) << i;
    }
  }
}

TEST(Laws, ARouteIsOfOneSchemeAlone) {
  Dice dice(5);
  int openpgp = 0;
  for (int i = 0; i < cases; ++i) {
    for (const Route& route : random_scene(dice).decide().routes) {
      const policy::Treatment& done = route.treatment;
      const bool is_smime = done.sign || !done.encrypt_to.empty() || done.encrypt_to_self;
      const bool is_openpgp =
          done.sign_openpgp || !done.encrypt_to_openpgp.empty() || done.encrypt_to_self_openpgp;
      ASSERT_FALSE(is_smime && is_openpgp) << "case " << i << ": " << route.reason;
      if (is_openpgp) ++openpgp;
    }
  }
  EXPECT_GT(openpgp, 500) << "the cases no longer meet the law";
}

TEST(Laws, NoSchemeIsUsedThatTheRuleRulesOut) {
  Dice dice(6);
  for (int i = 0; i < cases; ++i) {
    const Scene scene = random_scene(dice);
    for (const Route& route : scene.decide().routes) {
      for (const mail::Recipient& each : route.recipients) {
        const SchemeChoice scheme = demanded(scene, each.address).scheme;
        const bool may_smime = scheme != SchemeChoice::openpgp_only;
        const bool may_openpgp = scheme != SchemeChoice::smime_only;
        ASSERT_TRUE(may_smime || route.treatment.encrypt_to.empty()) << "case " << i;
        ASSERT_TRUE(may_openpgp || route.treatment.encrypt_to_openpgp.empty()) << "case " << i;
      }
    }
  }
}

TEST(Laws, WhoWantsPickupIsNeverRefusedForWantOfAKey) {
  Dice dice(7);
  int pickups = 0;
  for (int i = 0; i < cases; ++i) {
    const Scene scene = random_scene(dice);
    for (const Route& route : scene.decide().routes) {
      const policy::Demand demand = demanded(scene, route.recipients.front().address);
      const bool has_no_key = route.reason.find("has no usable key") != std::string::npos;
      const bool goes_by_pickup = demand.without_key == WithoutKey::pickup && has_no_key;
      ASSERT_EQ(goes_by_pickup, route.action == Action::pickup) << "case " << i << route.reason;
      if (route.action != Action::pickup) continue;
      ++pickups;
      ASSERT_TRUE(route.confidential && !route.treatment.encrypts() && !route.treatment.signs());
    }
  }
  EXPECT_GT(pickups, 10) << "the cases no longer meet the law";
}

TEST(Laws, AHiddenRecipientSharesNoEncryptedMessage) {
  Dice dice(8);
  for (int i = 0; i < cases; ++i) {
    for (const Route& route : random_scene(dice).decide().routes) {
      if (!route.treatment.encrypts()) continue;
      const bool is_alone = route.recipients.size() == 1;
      // Of these people only anna stands in the fields of the message.
      const bool is_named = route.recipients.front().address == address(people.front());
      ASSERT_TRUE(is_alone || is_named) << "case " << i;
      ASSERT_LE(route.treatment.encrypt_to.size() + route.treatment.encrypt_to_openpgp.size(), 1U);
    }
  }
}

}  // namespace
}  // namespace siegel::tests
