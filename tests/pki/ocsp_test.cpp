#include "pki/ocsp.h"

#include <gmock/gmock.h>

#include "tests/pki/authorities.h"
#include "tests/pki/responder.h"

/// Reading what responders say: RFC 6960, RFC 5019, STANDARDS §5.3.
namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::KeyType;
using pki::LocalCa;
using pki::OcspAnswer;
using pki::OcspReading;
using pki::PrivateKey;
using pki::StatusNeed;
using Status = OcspAnswer::Status;
using testing::HasSubstr;

const StatusNeed& need() {
  static const StatusNeed about{mailbox(), authority().certificate()};
  return about;
}

/// Good from an hour ago until tomorrow.
ForgedAnswer good() {
  return {.this_update = noon - 1h, .next_update = noon + day};
}

OcspReading read(const std::string& octets, Time at = noon) {
  return pki::read_ocsp_response(octets, need(), pki::make_ocsp_request(need()), at);
}

OcspReading read(const ForgedAnswer& forgery, const LocalCa& signer = authority()) {
  return read(forge_answer(forgery, need(), signer));
}

Forgery false_responder() {
  Forgery forgery = false_root();
  forgery.common_name = "OCSP-Auskunft";
  forgery.extensions = {{"keyUsage", "critical,digitalSignature"},
                        {"extendedKeyUsage", "OCSPSigning"},
                        {"noCheck", "ignored"}};
  return forgery;
}

LocalCa responder(const Forgery& forgery = false_responder(), const LocalCa& by = authority()) {
  const auto key = PrivateKey::generate(KeyType::p256);
  return {forge(forgery, key, by), key};
}

std::string why_refused(const ForgedAnswer& forgery, const LocalCa& signer = authority()) {
  const auto reading = read(forgery, signer);
  EXPECT_FALSE(reading.answer);
  return reading.refusal;
}

// --- what an honest responder says

TEST(OcspTest, GoodIsGood) {
  const auto answer = read(good()).answer;
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, Status::good);
  EXPECT_EQ(answer->this_update, noon - 1h);
  EXPECT_EQ(answer->next_update, noon + day);
  EXPECT_EQ(answer->subject, status_subject(mailbox(), authority().certificate()));
}

TEST(OcspTest, RevokedSaysWhenAndWhy) {
  auto forgery = good();
  forgery.status = V_OCSP_CERTSTATUS_REVOKED;
  forgery.reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE;
  const auto answer = read(forgery).answer;
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, Status::revoked);
  EXPECT_EQ(answer->revoked_at, noon - 1h);
  EXPECT_EQ(answer->reason, "keyCompromise");
  EXPECT_FALSE(answer->is_hold());
}

TEST(OcspTest, UnknownIsNeitherGoodNorRevoked) {
  auto forgery = good();
  forgery.status = V_OCSP_CERTSTATUS_UNKNOWN;
  const auto answer = read(forgery).answer;
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->clears(noon));
  EXPECT_FALSE(answer->revokes(noon));
}

TEST(OcspTest, ADelegatedResponderIsBelieved) {
  const auto delegate = responder();
  const auto reading = read(good(), delegate);
  ASSERT_TRUE(reading.answer) << reading.refusal;
  EXPECT_EQ(reading.responder, delegate.certificate());
}

TEST(OcspTest, AnAnswerForSeveralCertificatesIsReadForOurs) {
  auto forgery = good();
  forgery.also = StatusNeed{authority().issue(bauamt(), mailbox_key()), authority().certificate()};
  EXPECT_TRUE(read(forgery).answer);
}

TEST(OcspTest, TheRequestIsSmallAndEachHasItsOwnNonce) {
  const auto first = pki::make_ocsp_request(need());
  EXPECT_LT(first.der.size(), 200U);
  EXPECT_NE(first.nonce, pki::make_ocsp_request(need()).nonce);
}

TEST(OcspTest, OurNonceRepeatedIsTakenAndAnotherIsNot) {
  const auto asked = pki::make_ocsp_request(need());
  auto forgery = good();
  forgery.nonce = asked.nonce;
  const std::string octets = forge_answer(forgery, need(), authority());
  EXPECT_TRUE(pki::read_ocsp_response(octets, need(), asked, noon).answer);
  EXPECT_THAT(read(octets).refusal, HasSubstr("another request"));
}

// --- who may speak

TEST(OcspTest, AnotherAuthorityMayNotSpeak) {
  EXPECT_THAT(why_refused(good(), root()), HasSubstr("was not certified by"));
}

TEST(OcspTest, AForgedSignatureOfTheIssuerIsRefused) {
  std::string octets = forge_answer(good(), need(), authority());
  octets[octets.size() - authority().certificate().der().size() - 20] ^= 1;
  EXPECT_THAT(read(octets).refusal, HasSubstr("forgery"));
}

TEST(OcspTest, AResponderOfAnotherAuthorityIsRefused) {
  EXPECT_THAT(why_refused(good(), responder(false_responder(), root())),
              HasSubstr("was not certified by “CN=Behörden-CA 1"));
}

TEST(OcspTest, AMailboxIsNoResponder) {
  EXPECT_THAT(why_refused(good(), {mailbox(), mailbox_key()}), HasSubstr("id-kp-OCSPSigning"));
}

TEST(OcspTest, AResponderBelowTheResponderIsRefused) {
  // RFC 6960 §4.2.2.2: issued by the authority itself, not by somebody on the way down.
  auto forgery = false_root();
  forgery.extensions.emplace_back("extendedKeyUsage", "OCSPSigning");
  forgery.common_name = "Zwischenstelle";
  const auto between = responder(forgery);
  EXPECT_THAT(why_refused(good(), responder(false_responder(), between)),
              HasSubstr("was not certified by"));
}

TEST(OcspTest, AnExpiredResponderIsRefused) {
  auto forgery = false_responder();
  forgery.not_after = noon - 301s;
  EXPECT_THAT(why_refused(good(), responder(forgery)), HasSubstr("not valid now"));
  forgery.not_after = noon - 299s;
  EXPECT_TRUE(read(good(), responder(forgery)).answer);
}

TEST(OcspTest, AResponderThatMayNotSignIsRefused) {
  auto forgery = false_responder();
  forgery.extensions[0].second = "critical,keyEncipherment";
  EXPECT_THAT(why_refused(good(), responder(forgery)), HasSubstr("keyUsage"));
}

TEST(OcspTest, R21_WeakAlgorithmsOfTheResponseOrItsSignerAreRefused) {
  auto forgery = good();
  forgery.digest = Digest::sha1;
  EXPECT_THAT(why_refused(forgery), HasSubstr("SHA-1"));
  const LocalCa weak(forge(false_responder(), rsa_key(1024), authority()), rsa_key(1024));
  EXPECT_THAT(why_refused(good(), weak), HasSubstr("RSA-1024"));
}

// --- what it may be about

TEST(OcspTest, AnAnswerAboutAnotherCertificateIsRefused) {
  const StatusNeed other{authority().issue(bauamt(), mailbox_key()), authority().certificate()};
  EXPECT_THAT(read(forge_answer(good(), other, authority())).refusal,
              HasSubstr("about other certificates"));
}

TEST(OcspTest, TheSameSerialOfAnotherAuthorityIsAnotherCertificate) {
  const StatusNeed other{mailbox(), root().certificate()};
  EXPECT_FALSE(read(forge_answer(good(), other, authority())).answer);
}

TEST(OcspTest, TwoAnswersForOneCertificateAreRefused) {
  auto forgery = good();
  forgery.times = 2;
  EXPECT_THAT(why_refused(forgery), HasSubstr("twice"));
}

TEST(OcspTest, AnUnknownCriticalExtensionIsRefused) {
  auto forgery = good();
  forgery.critical = "1.2.3.4.5";
  EXPECT_THAT(why_refused(forgery), HasSubstr("critical extension"));
}

TEST(OcspTest, ARefusalOfTheResponderIsTold) {
  EXPECT_THAT(read(refusal(OCSP_RESPONSE_STATUS_TRYLATER)).refusal, HasSubstr("trylater"));
}

TEST(OcspTest, GarbageIsRefused) {
  const std::string whole = forge_answer(good(), need(), authority());
  for (const std::string& octets :
       {std::string(), std::string("<html>"), whole + "x", whole.substr(0, 50),
        std::string((std::size_t{1} << 20U) + 1, '0')})
    EXPECT_FALSE(read(octets).answer);
}

// --- when

TEST(OcspTest, AnExpiredAnswerIsRefused) {
  auto forgery = good();
  forgery.next_update = noon - 301s;
  EXPECT_THAT(why_refused(forgery), HasSubstr("out of date"));
  forgery.next_update = noon - 299s;
  EXPECT_TRUE(read(forgery).answer);
}

TEST(OcspTest, AnAnswerOfTheFutureIsRefused) {
  auto forgery = good();
  forgery.this_update = noon + 301s;
  EXPECT_THAT(why_refused(forgery), HasSubstr("valid only from"));
}

TEST(OcspTest, AnAnswerWithoutAnEndLastsADay) {
  auto forgery = good();
  forgery.next_update.reset();
  const auto answer = read(forgery).answer;
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->clears(noon + 22h));
  EXPECT_FALSE(answer->clears(noon + 24h));
}

TEST(OcspTest, R66_AGoodAnswerCountsForADayAtMost) {
  auto forgery = good();
  forgery.next_update = noon + 3650 * day;
  const auto answer = read(forgery).answer;
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->clears(noon + 24h));
  EXPECT_FALSE(answer->clears(noon + 24h + 1s)) << "a revocation since then would not be seen";
  auto again = *answer;
  again.taken = noon + 5 * day;
  EXPECT_TRUE(again.clears(noon + 6 * day)) << "the responder has said so again";
  EXPECT_TRUE(again.repeats(*answer));
}

TEST(OcspTest, ANewAnswerIsDueAtHalfTime) {
  const OcspAnswer week{{}, Status::good, noon, noon + 10 * day, {}, {}, noon};
  EXPECT_FALSE(week.is_due(noon + 11h));
  EXPECT_TRUE(week.is_due(noon + 12h));
  const OcspAnswer hour{{}, Status::good, noon, noon + 1h, {}, {}, noon};
  EXPECT_FALSE(hour.is_due(noon + 29min));
  EXPECT_TRUE(hour.is_due(noon + 30min));
}

// --- which of two answers counts

OcspAnswer said(Status status, Time when, const std::string& reason = {}) {
  return {"x", status, when, noon + day, when, reason, noon};
}

TEST(OcspOrderTest, R66_AnOlderAnswerSupersedesOnlyIfItRevokes) {
  EXPECT_TRUE(said(Status::good, noon).supersedes(said(Status::good, noon - 1h)));
  EXPECT_FALSE(said(Status::good, noon - 1h).supersedes(said(Status::good, noon)));
  EXPECT_FALSE(said(Status::good, noon).supersedes(said(Status::good, noon)));
  EXPECT_TRUE(said(Status::revoked, noon).supersedes(said(Status::good, noon - 1h)));
}

TEST(OcspOrderTest, R66_ARevocationForGoodWinsWhateverItsTime) {
  const auto revoked = said(Status::revoked, noon - 1h, "keyCompromise");
  EXPECT_TRUE(revoked.supersedes(said(Status::good, noon - 1h))) << "made in the same second";
  EXPECT_TRUE(revoked.supersedes(said(Status::good, noon))) << "two servers, one of them behind";
  EXPECT_TRUE(revoked.supersedes(said(Status::revoked, noon, "certificateHold")));
  EXPECT_FALSE(
      said(Status::revoked, noon - 1h, "certificateHold").supersedes(said(Status::good, noon)));
  EXPECT_FALSE(revoked.supersedes(said(Status::revoked, noon)));
}

TEST(OcspOrderTest, R66_GoodNeverReplacesRevoked) {
  EXPECT_FALSE(said(Status::good, noon - 1h).supersedes(said(Status::revoked, noon)));
  EXPECT_FALSE(said(Status::good, noon + 1h).supersedes(said(Status::revoked, noon)));
  EXPECT_FALSE(
      said(Status::revoked, noon + 1h, "certificateHold").supersedes(said(Status::revoked, noon)));
}

TEST(OcspOrderTest, AHoldIsLiftedByALaterGood) {
  const auto held = said(Status::revoked, noon, "certificateHold");
  EXPECT_TRUE(held.is_hold());
  EXPECT_TRUE(said(Status::good, noon + 1h).supersedes(held));
  EXPECT_FALSE(said(Status::good, noon - 1h).supersedes(held));
  EXPECT_FALSE(held.revokes(noon + 2 * day)) << "the answer is out of date";
  EXPECT_TRUE(said(Status::revoked, noon).revokes(noon + 2 * day));
}

}  // namespace
}  // namespace siegel::tests
