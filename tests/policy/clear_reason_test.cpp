#include "gateway/policy/clear_reason.h"

#include <gtest/gtest.h>

#include "tests/policy/scene.h"

namespace siegel::tests {
namespace {

std::string reason(const Scene& scene, const std::string& recipient = "anna@buerger.example") {
  const auto message = mail::Message::parse(Blob(scene.head + "\r\n" + scene.body));
  const policy::ClearReasons reasons({scene.config, scene.envelope, message.top(), scene.verdict});
  return std::string(name(reasons.for_recipient(address(recipient))));
}

config::OutgoingRule encrypting(config::EncryptDemand demand) {
  config::OutgoingRule rule;
  rule.encrypt = demand;
  return rule;
}

TEST(ClearReason, NobodyKnowsAKey) {
  EXPECT_EQ(reason(Scene()), "no-key");
}

TEST(ClearReason, TheRuleSaysNeverToSomeRecipients) {
  config::OutgoingRule rule = encrypting(config::EncryptDemand::never);
  rule.to = pattern("*@presse.example");
  const Scene scene = Scene().rule(rule);
  EXPECT_EQ(reason(scene, "redaktion@presse.example"), "by-rule");
  EXPECT_EQ(reason(scene), "no-key");
}

TEST(ClearReason, ItWasEncryptedAlready) {
  Scene scene;
  scene.verdict.encrypted = true;
  EXPECT_EQ(reason(scene), "already-encrypted");
}

TEST(ClearReason, ItCameFromOutside) {
  Scene scene;
  scene.envelope.side = config::Side::world;
  EXPECT_EQ(reason(scene), "incoming");
}

TEST(ClearReason, WhatEncryptionWouldHarm) {
  EXPECT_EQ(reason(Scene().field("Content-Type: multipart/report; boundary=x")), "report");
  EXPECT_EQ(reason(Scene().field("Content-Type: message/partial; id=x")), "fragment");
  EXPECT_EQ(reason(Scene().field("Content-Type: text/calendar; method=REQUEST")), "invitation");
  Scene nobody;
  nobody.envelope.reverse_path.reset();
  EXPECT_EQ(reason(nobody), "no-sender");
}

TEST(ClearReason, WhereItIsRequiredOnlyAMissingKeyIsAReason) {
  Scene scene = Scene().field("Content-Type: multipart/report; boundary=x");
  scene.rule(encrypting(config::EncryptDemand::required));
  EXPECT_EQ(reason(scene), "no-key");
}

}  // namespace
}  // namespace siegel::tests
