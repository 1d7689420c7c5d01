#include "pki/enrol/upkeep.h"

#include "pki/enrol/cancel.h"
#include "pki/enrol/renewal.h"
#include "tests/enrol/serving.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class UpkeepTest : public ServingTest {
 protected:
  Time end() const { return certificate_in(the(Purpose::sign)).not_after(); }
  /// A round that finds nothing wrong.
  std::vector<Request> keep_up_well() {
    Report report = keep_up(office_);
    EXPECT_THAT(report.troubles, IsEmpty());
    return report.moved;
  }
  /// Both certificates are renewed, and the new ones are in service.
  void renew_all() {
    desk_.clock.set(end() - 80 * day);
    keep_up_well();
    go_on();
  }
};

TEST_F(UpkeepTest, ASuccessorIsBegunInTimeAndNotBefore) {
  enrol();
  desk_.clock.set(end() - 91 * day);
  EXPECT_THAT(keep_up_well(), IsEmpty());
  desk_.clock.set(end() - 89 * day);
  EXPECT_THAT(keep_up_well(), SizeIs(4)) << "two that are due, and their successors";
  const Request present = the(Purpose::sign);
  EXPECT_EQ(present.state, State::renewal_due);
  EXPECT_EQ(state(Purpose::sign, present.id), State::authorised);
}

TEST_F(UpkeepTest, AKeyThatOnlyDecryptsIsKeptForEverUnlessTheProfileSaysHowLong) {
  enrol();
  const Request old = the(Purpose::encrypt);
  renew_all();
  desk_.clock.advance(31 * day);
  keep_up_well();
  ASSERT_EQ(desk_.ledger.find(old.id)->state, State::decrypt_only);
  desk_.clock.advance(100 * day);
  keep_up_well();
  EXPECT_TRUE(opens(certificate_in(old)));
  profile().deadlines.keep_decrypting = 101 * day;
  keep_up_well();
  EXPECT_TRUE(opens(certificate_in(old)));
  desk_.clock.advance(2 * day);
  keep_up_well();
  EXPECT_EQ(desk_.ledger.find(old.id)->state, State::archived);
  EXPECT_FALSE(opens(certificate_in(old)));
  EXPECT_EQ(desk_.store.own_key(old.key_id), std::nullopt);
  EXPECT_THAT(desk_.ledger.history(old.id).back().reason, HasSubstr("101 days"));
}

TEST_F(UpkeepTest, AKeyOfAProfileThatIsGoneIsKeptAndNoTrouble) {
  enrol();
  const Request old = the(Purpose::encrypt);
  renew_all();
  desk_.clock.advance(31 * day);
  keep_up_well();
  profile().name = "neu";
  EXPECT_THAT(keep_up(office_).troubles, SizeIs(2)) << "of the two that are in service";
  EXPECT_TRUE(opens(certificate_in(old)));
}

TEST_F(UpkeepTest, ARevocationThatNobodyConfirmedEndsWithItsCertificate) {
  enrol();
  const Request request = the(Purpose::encrypt);
  desk_.ledger.advance(request, State::revoke_requested, by_anna);
  keep_up_well();
  EXPECT_EQ(state(Purpose::encrypt), State::revoke_requested);
  desk_.clock.set(certificate_in(request).not_after() + day);
  keep_up_well();
  EXPECT_EQ(desk_.ledger.find(request.id)->state, State::decrypt_only);
  const auto history = desk_.ledger.history(request.id);
  EXPECT_EQ(history[history.size() - 2].to, State::expired);
  EXPECT_THAT(history[history.size() - 2].reason, HasSubstr("its certificate ended on"));
}

TEST_F(UpkeepTest, ASecondRoundChangesNothing) {
  enrol();
  desk_.clock.set(end() - 89 * day);
  keep_up_well();
  EXPECT_THAT(keep_up_well(), IsEmpty());
  EXPECT_THAT(desk_.ledger.list(), SizeIs(4));
}

TEST_F(UpkeepTest, TheNewKeySignsWhileMailToTheOldOneIsStillOpened) {
  enrol();
  const Request old_sign = the(Purpose::sign), old_encrypt = the(Purpose::encrypt);
  EXPECT_EQ(signs_with(), old_sign.fingerprint);
  renew_all();
  const Request new_sign = the(Purpose::sign, old_sign.id);
  EXPECT_EQ(signs_with(), new_sign.fingerprint);
  EXPECT_NE(new_sign.key_id, old_sign.key_id);
  EXPECT_EQ(desk_.store.own_encryption(bauamt_, desk_.clock.now())->fingerprint(),
            the(Purpose::encrypt, old_encrypt.id).fingerprint);
  EXPECT_TRUE(opens(certificate_in(old_encrypt)));
  EXPECT_EQ(state(Purpose::sign), State::superseded);
}

TEST_F(UpkeepTest, AfterTheOverlapTheOldSigningKeyIsGoneAndTheOldEncryptionKeyStillOpens) {
  enrol();
  const Request old_sign = the(Purpose::sign), old_encrypt = the(Purpose::encrypt);
  renew_all();
  desk_.clock.advance(29 * day);
  EXPECT_THAT(keep_up_well(), IsEmpty());
  desk_.clock.advance(2 * day);
  EXPECT_THAT(keep_up_well(), SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_FALSE(desk_.store.own_key(old_sign.key_id));
  EXPECT_EQ(state(Purpose::encrypt), State::decrypt_only);
  EXPECT_TRUE(opens(certificate_in(old_encrypt)));
  EXPECT_EQ(signs_with(), the(Purpose::sign, old_sign.id).fingerprint);
}

TEST_F(UpkeepTest, WhatIsOverGoesOutOfService) {
  enrol();
  const Request sign = the(Purpose::sign);
  desk_.clock.set(end() + day);
  EXPECT_THAT(keep_up_well(), SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_FALSE(desk_.store.own_key(sign.key_id));
  EXPECT_EQ(state(Purpose::encrypt), State::decrypt_only);
  EXPECT_TRUE(opens(certificate_in(the(Purpose::encrypt))));
}

TEST_F(UpkeepTest, AJointKeyOutlivesItsCertificate) {
  profile().keys.certificates = config::Certificates::joint;
  enrol();
  const pki::Certificate certificate = certificate_in(the(Purpose::both));
  desk_.clock.set(certificate.not_after() + day);
  keep_up_well();
  EXPECT_EQ(state(Purpose::both), State::decrypt_only);
  EXPECT_TRUE(opens(certificate));
}

TEST_F(UpkeepTest, AnAnswerThatNeverComesTimesOut) {
  Request request = desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::sign, by_anna).request;
  for (const State next : way_to(State::pending_ra, Purpose::sign))
    request = desk_.ledger.advance(request, next, by_anna);
  desk_.clock.advance(20 * day);
  EXPECT_THAT(keep_up_well(), IsEmpty());
  desk_.clock.advance(2 * day);
  keep_up_well();
  EXPECT_EQ(state(Purpose::sign), State::timed_out);
  EXPECT_THAT(the(Purpose::sign).reason, HasSubstr("no answer within 21 days"));
}

TEST_F(UpkeepTest, WhoseSuccessorIsCancelledIsActiveAgain) {
  enrol();
  renew(office_, {}, "by hand");
  EXPECT_EQ(state(Purpose::sign), State::renewal_due);
  cancel(office_, {.states = {State::authorised}}, "not yet");
  EXPECT_THAT(keep_up_well(), SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::active);
}

TEST_F(UpkeepTest, ACancelledSuccessorIsBegunAgainByAPersonOnly) {
  enrol();
  desk_.clock.set(end() - 89 * day);
  keep_up_well();
  const Request present = the(Purpose::sign);
  const std::int64_t first = the(Purpose::sign, present.id).id;
  cancel(office_, {.id = first}, "the mailbox is given up");
  keep_up_well();
  EXPECT_EQ(state(Purpose::sign), State::active);
  EXPECT_THAT(keep_up_well(), IsEmpty());
  renew(office_, {.id = present.id}, "after all");
  EXPECT_NE(the(Purpose::sign, present.id).id, first);
  EXPECT_EQ(state(Purpose::sign), State::renewal_due);
}

TEST_F(UpkeepTest, WhatIsIssuedForLessThanTheLeadTimeIsNotRenewedAtOnceAndForEver) {
  profile().deadlines.longest_validity = 60 * day;
  enrol();
  EXPECT_THAT(keep_up_well(), IsEmpty());
  desk_.clock.set(end() - 28 * day);
  EXPECT_THAT(keep_up_well(), SizeIs(4));
}

TEST_F(UpkeepTest, AKeyThatAnotherCertificateServesIsNotDestroyed) {
  enrol();
  const Request sign = the(Purpose::sign);
  const auto anew = ca_.issue(pki::Issue{.common_name = "GRP: Bauamt",
                                         .addresses = {bauamt_.str()},
                                         .usage = pki::Usage::sign,
                                         .not_before = noon - day,
                                         .not_after = noon + 2000 * day},
                              *desk_.store.own_key(sign.key_id));
  desk_.store.import(bauamt_, {{anew}, {}}, false);
  desk_.clock.set(end() + day);
  keep_up(office_);
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_TRUE(desk_.store.own_key(sign.key_id));
}

TEST_F(UpkeepTest, WhereFourEyesAreWantedTheSuccessorWaitsForThem) {
  enrol();
  profile().four_eyes = true;
  desk_.clock.set(end() - 89 * day);
  keep_up_well();
  EXPECT_EQ(state(Purpose::sign, the(Purpose::sign).id), State::validated);
}

TEST_F(UpkeepTest, AnActivationThatWasInterruptedIsEnded) {
  enrol();
  renew(office_, {}, "by hand");
  const Request present = the(Purpose::sign);
  Request successor = the(Purpose::sign, present.id);
  successor.certificate = present.certificate;
  for (const State next : {State::key_ready, State::csr_ready, State::submitted, State::issued,
                           State::checked, State::installed, State::active})
    successor = desk_.ledger.advance(successor, next, by_anna);
  keep_up_well();
  EXPECT_EQ(state(Purpose::sign), State::superseded);
}

TEST_F(UpkeepTest, AProfileThatIsGoneIsTroubleOfItsRequestsOnly) {
  enrol();
  enrol("ordnungsamt@stadt.example");
  config::CaProfile other = profile();
  other.name = "other";
  office_.profiles = {other};
  const Report report = keep_up(office_);
  EXPECT_THAT(report.moved, IsEmpty());
  ASSERT_THAT(report.troubles, SizeIs(4));
  EXPECT_THAT(report.troubles.front().text, HasSubstr("there is no CA profile amt"));
}

TEST_F(UpkeepTest, ASuccessorWhoseNameIsNotAllowedAnyMoreIsTrouble) {
  enrol();
  profile().naming.forbidden = {"Bauamt"};
  desk_.clock.set(end() - 89 * day);
  const Report report = keep_up(office_);
  ASSERT_THAT(report.troubles, SizeIs(2));
  EXPECT_THAT(report.troubles.front().text, HasSubstr("cannot be renewed"));
  EXPECT_EQ(state(Purpose::sign), State::renewal_due);
}

TEST_F(UpkeepTest, ASuccessorHasAKeyAsTheProfileDemandsItByNow) {
  enrol();
  profile().keys.types = {"p-384"};
  desk_.clock.set(end() - 89 * day);
  keep_up(office_);
  const auto before = the(Purpose::sign);
  EXPECT_EQ(before.wish.key_type, pki::KeyType::p256);
  EXPECT_EQ(the(Purpose::sign, before.id).wish.key_type, pki::KeyType::p384);
}

TEST_F(UpkeepTest, AllCertificatesOfOneAuthorityAreReplaced) {
  enrol();
  EXPECT_THAT(reissue(office_, "CA 1", noon + 30 * day).moved, SizeIs(4));
  EXPECT_THAT(the(Purpose::sign).reason, HasSubstr("to be replaced before 2026-07-01"));
  const Report again = reissue(office_, "CA 1", noon + 30 * day);
  EXPECT_THAT(again.moved, IsEmpty());
  EXPECT_THAT(again.troubles, IsEmpty());
}

TEST_F(UpkeepTest, AnAuthorityThatHasIssuedNothingMayBeMisspelt) {
  enrol();
  const Report report = reissue(office_, "CA 2", noon + 30 * day);
  EXPECT_THAT(report.moved, IsEmpty());
  ASSERT_THAT(report.troubles, SizeIs(1));
  EXPECT_THAT(report.troubles.front().text, HasSubstr("has issued no certificate"));
}

TEST_F(UpkeepTest, AnAuthorityIsKnownByItsFingerprintToo) {
  enrol();
  const std::string digits = ca_.certificate().fingerprint();
  EXPECT_THAT(reissue(office_, std::string(64, '0'), noon + 30 * day).moved, IsEmpty());
  EXPECT_THAT(reissue(office_, digits.substr(0, 12), noon + 30 * day).moved, SizeIs(4));
}

}  // namespace
}  // namespace siegel::tests
