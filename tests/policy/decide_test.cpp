#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/scene.h"

namespace siegel::tests {
namespace {

using config::EncryptDemand;
using config::SignDemand;
using config::WithoutKey;
using policy::Action;
using policy::Route;
using testing::HasSubstr;

bool is_signed(const Route& route) {
  return route.treatment.sign.has_value();
}
bool is_encrypted(const Route& route) {
  return !route.treatment.encrypt_to.empty();
}

TEST(DecideOutgoing, SignsAMailboxThatHasACertificate) {
  EXPECT_TRUE(is_signed(Scene().signs().route()));
  EXPECT_FALSE(is_signed(Scene().route()));
}

TEST(DecideOutgoing, SignAlwaysWithoutACertificateRefusesAndSaysWhatToDo) {
  const Route route = Scene().rule({.sign = SignDemand::always}).route();
  EXPECT_EQ(route.action, Action::refuse);
  EXPECT_THAT(route.advice_de, HasSubstr("Signaturzertifikat"));
  EXPECT_THAT(route.advice_en, HasSubstr("postmaster@stadt.example"));
}

TEST(DecideOutgoing, SignNeverDoesNotSign) {
  EXPECT_FALSE(is_signed(Scene().signs().rule({.sign = SignDemand::never}).route()));
}

TEST(DecideOutgoing, TheFirstMatchingRuleWins) {
  Scene scene;
  scene.signs();
  scene.rule({.to = pattern("*@buerger.example"), .sign = SignDemand::never});
  scene.rule({.sign = SignDemand::always});
  EXPECT_FALSE(is_signed(scene.route()));
  EXPECT_TRUE(is_signed(scene.to({"max@firma.example"}).route()));
}

TEST(DecideOutgoing, EncryptsTheReplyToAPeerWithAKey) {
  EXPECT_TRUE(is_encrypted(Scene().has_key("anna@buerger.example").route()));
  EXPECT_FALSE(is_encrypted(Scene().route()));
}

TEST(DecideOutgoing, R39_RequiredEncryptionWithoutAKeyFailsClosed) {
  const Route route = Scene().rule({.encrypt = EncryptDemand::required}).route();
  EXPECT_EQ(route.action, Action::refuse);
  EXPECT_THAT(route.advice_de, HasSubstr("anna@buerger.example"));
  EXPECT_THAT(route.advice_en, HasSubstr("anna@buerger.example"));
}

TEST(DecideOutgoing, R39_ARuleThatRequiresEncryptionIsNotEvadedByAnUnclearAuthor) {
  Scene scene;
  scene.rule({.from = pattern("standesamt@stadt.example"), .encrypt = EncryptDemand::required});
  EXPECT_EQ(scene.route().action, Action::relay);
  scene.field("From: standesamt@stadt.example");
  EXPECT_EQ(scene.route().action, Action::refuse);
}

TEST(DecideOutgoing, R39_RequiredEncryptionCanWaitForAnOperator) {
  const Route route =
      Scene().rule({.encrypt = EncryptDemand::required, .without_key = WithoutKey::hold}).route();
  EXPECT_EQ(route.action, Action::hold);
  EXPECT_TRUE(route.confidential);
}

TEST(DecideOutgoing, WhatIsHeldOrRefusedIsNotSignedAndTheReasonDoesNotSayItWas) {
  for (const WithoutKey without_key : {WithoutKey::hold, WithoutKey::refuse}) {
    Scene scene;
    scene.signs();
    scene.rule({.encrypt = EncryptDemand::required, .without_key = without_key});
    const Route route = scene.route();
    EXPECT_FALSE(route.treatment.signs());
    EXPECT_THAT(route.reason, HasSubstr("has no usable key"));
    EXPECT_THAT(route.reason, testing::Not(HasSubstr("signed as")));
  }
}

TEST(DecideOutgoing, WhatIsPickedUpIsNotSignedAndTheReasonDoesNotSayItWas) {
  Scene scene;
  scene.signs();
  scene.rule({.encrypt = EncryptDemand::required, .without_key = WithoutKey::pickup});
  const Route route = scene.route();
  EXPECT_EQ(route.action, Action::pickup);
  EXPECT_FALSE(route.treatment.signs());
  EXPECT_THAT(route.reason, HasSubstr("by pickup, not signed"));
  EXPECT_THAT(route.reason, testing::Not(HasSubstr("signed as")));
}

TEST(DecideOutgoing, ATagInTheSubjectDemandsEncryption) {
  Scene scene;
  EXPECT_EQ(scene.subject("[vertraulich] Antrag").route().action, Action::refuse);
  EXPECT_TRUE(is_encrypted(scene.has_key("anna@buerger.example").route()));
}

TEST(DecideOutgoing, OutlooksConfidentialDemandsEncryption) {
  EXPECT_EQ(Scene().field("Sensitivity: Company-Confidential").route().action, Action::refuse);
}

TEST(DecideOutgoing, PlainWaivesWhatIsOnlyIfPossible) {
  Scene scene;
  scene.has_key("anna@buerger.example").subject("[plain] Antrag");
  EXPECT_FALSE(is_encrypted(scene.route()));
}

TEST(DecideOutgoing, PlainNeverLowersWhatARuleRequires) {
  Scene scene;
  scene.rule({.encrypt = EncryptDemand::required}).subject("[plain] Antrag");
  EXPECT_EQ(scene.route().action, Action::refuse);
}

TEST(DecideOutgoing, WhatTheClientSignedIsLeftAlone) {
  Scene scene;
  scene.signs().field(
      "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b");
  EXPECT_FALSE(is_signed(scene.route()));
  EXPECT_THAT(scene.route().reason, HasSubstr("already signed"));
}

TEST(DecideOutgoing, AClientsSignatureIsReplacedWhereARuleSaysSo) {
  Scene scene;
  scene.signs()
      .rule({.replace_signature = true})
      .field(
          "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b");
  EXPECT_TRUE(is_signed(scene.route()));
  EXPECT_TRUE(scene.route().treatment.replace_signature);
}

struct LeftAlone {
  std::string content_type;
  std::string why;
};

class LeaveAlone : public testing::TestWithParam<LeftAlone> {};

TEST_P(LeaveAlone, IsNotSigned) {
  Scene scene;
  scene.signs().has_key("anna@buerger.example").field("Content-Type: " + GetParam().content_type);
  EXPECT_FALSE(is_signed(scene.route()));
  EXPECT_FALSE(is_encrypted(scene.route()));
  EXPECT_THAT(scene.route().reason, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Standards24, LeaveAlone,
    testing::Values(
        LeftAlone{"multipart/report; report-type=delivery-status; boundary=b", "report"},
        LeftAlone{"multipart/report; report-type=disposition-notification; boundary=b", "report"},
        LeftAlone{"text/calendar; method=REQUEST", "invitation"},
        LeftAlone{"message/partial; id=x; number=1; total=2", "fragment"},
        LeftAlone{"message/external-body; access-type=URL", "fragment"}));

TEST(DecideOutgoing, ANullReversePathIsNeverSigned) {
  Scene scene;
  scene.signs().envelope.reverse_path.reset();
  EXPECT_FALSE(is_signed(scene.route()));
  EXPECT_NE(scene.route().reason.find("no sender address"), std::string::npos);
}

TEST(DecideOutgoing, AnAutomaticReplyOfAMailboxIsSigned) {
  EXPECT_TRUE(is_signed(Scene().signs().field("Auto-Submitted: auto-replied").route()));
}

TEST(DecideOutgoing, AnEncryptedMessageIsLeftAloneAndMeetsTheDemand) {
  Scene scene;
  scene.signs().rule({.encrypt = EncryptDemand::required});
  scene.verdict.encrypted = true;
  EXPECT_EQ(scene.route().action, Action::relay);
  EXPECT_FALSE(is_signed(scene.route()));
}

TEST(DecideOutgoing, AMessageThatOnlyClaimsToBeEncryptedDoesNotMeetTheDemand) {
  Scene scene;
  scene.rule({.encrypt = EncryptDemand::required})
      .field("Content-Type: multipart/encrypted; boundary=b");
  EXPECT_EQ(scene.route().action, Action::refuse);
}

TEST(DecideOutgoing, R39_AnEncryptionThatCannotBeReadAsSuchDoesNotMeetTheDemand) {
  Scene scene;
  scene.rule({.encrypt = EncryptDemand::required});
  scene.verdict.encrypted = true;
  policy::Layer& claimed = scene.verdict.layers.emplace_back();
  claimed.form = policy::Form::encryption;
  claimed.status = policy::Status::malformed;
  EXPECT_EQ(scene.route().action, Action::refuse);
  EXPECT_TRUE(is_encrypted(scene.has_key("anna@buerger.example").route()));
}

TEST(DecideOutgoing, R39_ARuleAboutAnotherWishDoesNotAnswerTheWishToEncrypt) {
  Scene scene;
  scene.rule({.trigger = config::Trigger::sign, .encrypt = EncryptDemand::if_possible})
      .subject("[sign] [vertraulich] Antrag");
  EXPECT_EQ(scene.route().action, Action::refuse);
  Scene tagged;
  tagged.rule({.subject_tag = "plain", .encrypt = EncryptDemand::never})
      .subject("[plain] [vertraulich] Antrag");
  EXPECT_EQ(tagged.route().action, Action::refuse);
}

TEST(DecideOutgoing, ARuleAboutTheWishToEncryptAnswersIt) {
  Scene scene;
  scene.rule({.subject_tag = "vertraulich", .encrypt = EncryptDemand::if_possible})
      .subject("[vertraulich] Antrag");
  EXPECT_EQ(scene.route().action, Action::relay);
}

TEST(DecideOutgoing, RecipientsAreSplitByProtection) {
  Scene scene;
  scene.has_key("anna@buerger.example")
      .to({"anna@buerger.example", "max@firma.example", "eva@firma.example"});
  const auto decision = scene.decide();
  ASSERT_EQ(decision.routes.size(), 2U);
  EXPECT_TRUE(is_encrypted(decision.routes[0]));
  EXPECT_EQ(decision.routes[1].recipients.size(), 2U);
}

TEST(DecideOutgoing, AHiddenRecipientGetsAnEncryptedMessageOfItsOwn) {
  Scene scene;
  scene.has_key("anna@buerger.example").has_key("geheim@firma.example");
  scene.to({"anna@buerger.example", "geheim@firma.example"});
  const auto decision = scene.decide();
  ASSERT_EQ(decision.routes.size(), 2U);
  EXPECT_EQ(decision.routes[0].treatment.encrypt_to.size(), 1U);
  EXPECT_EQ(decision.routes[1].treatment.encrypt_to.size(), 1U);
}

TEST(DecideOutgoing, NamedRecipientsShareOneEncryptedMessage) {
  Scene scene;
  scene.has_key("anna@buerger.example")
      .has_key("max@firma.example")
      .field("Cc: Max <max@firma.example>");
  scene.to({"anna@buerger.example", "max@firma.example"});
  const auto decision = scene.decide();
  ASSERT_EQ(decision.routes.size(), 1U);
  EXPECT_EQ(decision.routes[0].treatment.encrypt_to.size(), 2U);
}

Scene incoming(policy::Status status) {
  Scene scene;
  scene.envelope.side = config::Side::world;
  scene.envelope.recipients = {{address("bauamt@stadt.example")}};
  policy::Layer layer;
  layer.status = status;
  scene.verdict.layers = {layer};
  scene.verdict.signer_is_author = scene.verdict.covers_all = true;
  return scene;
}

// --- limits

std::string multiparts(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) {
    const std::string boundary = "level" + std::to_string(i) + "end";
    text +=
        "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  return text;
}

TEST(DecideLimits, R47_WhatWasNotReadWholeIsRefusedOnBothSides) {
  for (const auto side : {config::Side::inside, config::Side::world}) {
    Scene deep;
    deep.to({"anna@buerger.example", "max@firma.example"}).envelope.side = side;
    deep.head += multiparts(40);
    const policy::Decision decision = deep.decide();
    ASSERT_EQ(decision.routes.size(), 1U);
    EXPECT_EQ(decision.routes[0].action, Action::refuse);
    EXPECT_EQ(decision.routes[0].refusal, policy::Refusal::too_complex);
    EXPECT_EQ(decision.routes[0].recipients.size(), 2U);
    EXPECT_NE(decision.routes[0].advice_de.find("verschachtelt"), std::string::npos);
    EXPECT_NE(decision.routes[0].advice_en.find("nested"), std::string::npos);

    Scene long_head;
    long_head.field("X-Fill: " + std::string(70'000, 'x')).envelope.side = side;
    EXPECT_EQ(long_head.route().action, Action::refuse);
    EXPECT_EQ(long_head.route().refusal, policy::Refusal::too_large);
  }
}

TEST(DecideIncoming, IsAnnotatedWhateverItIs) {
  EXPECT_TRUE(incoming(policy::Status::good).route().treatment.annotate);
  EXPECT_TRUE(incoming(policy::Status::bad).route().treatment.annotate);
}

TEST(DecideIncoming, ABadSignatureIsRefusedWhereARuleSaysSo) {
  Scene scene = incoming(policy::Status::bad);
  scene.config.rules.incoming.push_back(
      {.verdict = "bad", .action = config::IncomingAction::refuse});
  EXPECT_EQ(scene.route().action, Action::refuse);
  Scene good = incoming(policy::Status::good);
  good.config.rules = scene.config.rules;
  EXPECT_EQ(good.route().action, Action::relay);
}

TEST(DecideIncoming, R03_EncryptionWithoutIntegrityIsRefusedWhereTheTenantSaysSo) {
  Scene scene = incoming(policy::Status::good);
  policy::Layer encryption;
  encryption.form = policy::Form::encryption;
  encryption.status = policy::Status::weak;  // not opened: the tenant does not want it
  encryption.authenticated = false;
  scene.verdict.layers.push_back(encryption);
  scene.verdict.encrypted = true;
  EXPECT_EQ(scene.route().action, Action::relay);
  scene.config.smime.accept_unauthenticated = false;
  EXPECT_EQ(scene.route().action, Action::refuse);
}

// --- attachments by link

TEST(DecideOffload, OfTheRuleThatMatchesIsPartOfTheTreatment) {
  EXPECT_EQ(Scene().rule({.offload = 1000}).route().treatment.offload, 1000U);
  EXPECT_FALSE(Scene().route().treatment.offload.has_value());
}

TEST(DecideOffload, LeavesWhatIsSignedOrEncryptedAlone) {
  for (const char* const type :
       {"multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
        "multipart/report; report-type=delivery-status; boundary=b"}) {
    Scene scene;
    scene.rule({.offload = 1000}).field(std::string("Content-Type: ") + type);
    EXPECT_FALSE(scene.route().treatment.offload.has_value()) << type;
    EXPECT_THAT(scene.route().reason, HasSubstr("attachments stay"));
  }
}

TEST(DecideOffload, RoutesWithOtherLimitsAreNotMerged) {
  Scene scene;
  scene.rule({.to = pattern("*@buerger.example"), .offload = 1000});
  scene.to({"anna@buerger.example", "max@firma.example"});
  EXPECT_EQ(scene.decide().routes.size(), 2U);
}

TEST(DecideOffload, OfIncomingMailOnlyWhereNothingIsSigned) {
  Scene scene;
  scene.envelope.side = config::Side::world;
  scene.config.rules.incoming.push_back({.offload = 1000, .line = 1});
  EXPECT_EQ(scene.route().treatment.offload, 1000U);
  scene.verdict.layers.push_back({});
  EXPECT_FALSE(scene.route().treatment.offload.has_value());
}

}  // namespace
}  // namespace siegel::tests
