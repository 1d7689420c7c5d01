#include "pki/enrol/revoke.h"

#include "base/disk.h"
#include "pki/crl.h"
#include "pki/enrol/upkeep.h"
#include "tests/enrol/serving.h"
#include "tests/pki/openssl_command.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RevokeTest : public ServingTest {
 protected:
  RevokeTest() { enrol(); }

  Report revoke_all(RevocationReason reason = RevocationReason::key_compromise) {
    return revoke(office_, connect_, {.mailbox = bauamt_}, reason);
  }
  /// The list that the CA has published.
  pki::Crl list() const {
    return pki::Crl::parse(PosixDisk().read(ca_folder_ / "ca.crl").view()).value();
  }
  pki::PathStatus judged(const Request& request) const {
    return desk_.store.trust()
        ->validate(certificate_in(request), {}, pki::Purpose::sign, desk_.clock.now())
        .status;
  }
};

TEST_F(RevokeTest, ARevokedKeySignsNoMoreAndStillOpensMail) {
  const Request sign = the(Purpose::sign);
  EXPECT_EQ(signs_with(), sign.fingerprint);
  const Report report = revoke_all();
  EXPECT_THAT(report.troubles, IsEmpty());
  EXPECT_THAT(report.moved, SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::revoked);
  EXPECT_EQ(signs_with(), "nothing");
  EXPECT_FALSE(desk_.store.own_encryption(bauamt_, desk_.clock.now()));
  EXPECT_TRUE(opens(certificate_in(the(Purpose::encrypt))));
}

TEST_F(RevokeTest, TheListOfTheAuthorityNamesIt) {
  const Request sign = the(Purpose::sign);
  EXPECT_NE(judged(sign), pki::PathStatus::revoked);
  revoke_all();
  const std::string file = ca_folder_ / "ca.crl";
  EXPECT_THAT(openssl({"crl", "-inform", "DER", "-noout", "-text", "-in", file}).output,
              HasSubstr(certificate_in(sign).serial()));
  EXPECT_EQ(desk_.store.keep_crl(list(), "test"), pki::KeyStore::CrlTaken::newer);
  EXPECT_EQ(judged(sign), pki::PathStatus::revoked);
}

TEST_F(RevokeTest, ThenTheSigningKeyIsDestroyedAndTheOtherKept) {
  const Request sign = the(Purpose::sign);
  revoke_all();
  EXPECT_THAT(keep_up(office_).moved, SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_FALSE(desk_.store.own_key(sign.key_id));
  EXPECT_EQ(state(Purpose::encrypt), State::decrypt_only);
  EXPECT_TRUE(opens(certificate_in(the(Purpose::encrypt))));
}

TEST_F(RevokeTest, WhereAPersonHasToActItIsToldWhatToDo) {
  profile().connector = config::Connector::batch;
  const Request sign = the(Purpose::sign);
  const Report report = revoke(office_, connect_, {.id = sign.id}, RevocationReason::superseded);
  ASSERT_THAT(report.troubles, SizeIs(1));
  EXPECT_THAT(report.troubles.front().text,
              AllOf(HasSubstr(certificate_in(sign).serial()), HasSubstr("CA 1"),
                    HasSubstr("superseded (4)"), HasSubstr("profile amt")));
  EXPECT_EQ(state(Purpose::sign), State::revoke_requested);
  EXPECT_EQ(the(Purpose::sign).reason, report.troubles.front().text);
  EXPECT_EQ(signs_with(), "nothing") << "it stops at once, whatever the authority does";
  EXPECT_EQ(state(Purpose::encrypt), State::active) << "nobody asked for that";
}

TEST_F(RevokeTest, ItIsRevokedWhenTheListSaysSo) {
  profile().connector = config::Connector::batch;
  revoke_all();
  EXPECT_THAT(keep_up(office_).moved, IsEmpty());
  desk_.store.keep_crl(
      ca_.revoke({certificate_in(the(Purpose::sign))}, 1, noon - day, noon + 7 * day), "test");
  EXPECT_THAT(keep_up(office_).moved, SizeIs(1));
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_EQ(state(Purpose::encrypt), State::revoke_requested);
}

TEST_F(RevokeTest, ItIsRevokedWhenAPersonSaysSo) {
  profile().connector = config::Connector::batch;
  revoke_all();
  EXPECT_THAT(confirm_revocation(office_, {.mailbox = bauamt_}, "ticket 9").moved, SizeIs(2));
  EXPECT_EQ(state(Purpose::sign), State::revoked);
  EXPECT_EQ(desk_.ledger.history(the(Purpose::sign).id).back().evidence, "ticket 9");
  EXPECT_THAT(confirm_revocation(office_, {.mailbox = bauamt_}, "ticket 9").troubles, SizeIs(1));
}

TEST_F(RevokeTest, WhatIsToBeRevokedStandsInNobodysWay) {
  profile().connector = config::Connector::batch;
  revoke_all();
  const auto again = desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::sign, by_anna);
  EXPECT_TRUE(again.is_new);
}

TEST_F(RevokeTest, AnAuthorityThatIsAwayIsAskedAgainByTheSameCommand) {
  const config::CaProfile local = profile();
  PosixDisk().write(desk_.folder / "secret", Octets(Blob("sehr geheim, und lang")));
  profile().connector = config::Connector::cmp;
  profile().cmp.url = "http://127.0.0.1:1/";
  profile().cmp.reference = "1";
  profile().cmp.secret = desk_.folder / "secret";
  profile().cmp.authority = ca_folder_ / "ca.pem";
  const Report away = revoke_all();
  ASSERT_THAT(away.troubles, SizeIs(2));
  EXPECT_THAT(away.troubles.front().text, HasSubstr("not revoked yet"));
  EXPECT_EQ(state(Purpose::sign), State::revoke_requested);
  profile() = local;
  EXPECT_THAT(revoke_all().troubles, IsEmpty());
  EXPECT_EQ(state(Purpose::sign), State::revoked);
}

TEST_F(RevokeTest, AnAuthorityThatRefusesIsHeard) {
  make_ca(desk_.folder / "other", "CA 2");
  profile().local.directory = desk_.folder / "other";
  const Report report = revoke_all();
  ASSERT_THAT(report.troubles, SizeIs(2));
  EXPECT_THAT(report.troubles.front().text, HasSubstr("was not issued by this CA"));
  EXPECT_EQ(state(Purpose::sign), State::revoke_requested);
  EXPECT_EQ(signs_with(), "nothing");
}

TEST_F(RevokeTest, WhatIsNotInServiceYetCanBeRevokedToo) {
  Request request = the(Purpose::encrypt);
  const auto early = desk_.ledger.add(wish("kasse@stadt.example"), Purpose::encrypt, by_anna);
  Request moving = early.request;
  moving.certificate = request.certificate;
  moving.fingerprint = request.fingerprint;
  moving.key_id = request.key_id;
  for (const State next : {State::validated, State::authorised, State::key_ready, State::csr_ready,
                           State::submitted, State::issued, State::checked})
    moving = desk_.ledger.advance(moving, next, by_anna);
  revoke(office_, connect_, {.id = moving.id}, RevocationReason::key_compromise);
  EXPECT_EQ(desk_.ledger.find(moving.id)->state, State::revoked);
}

TEST_F(RevokeTest, WhatHasNoCertificateIsNotRevoked) {
  desk_.ledger.add(wish("ordnungsamt@stadt.example"), Purpose::sign, by_anna);
  const Report report =
      revoke(office_, connect_, {.mailbox = Address::parse("ordnungsamt@stadt.example")},
             RevocationReason::unspecified);
  EXPECT_THAT(report.moved, IsEmpty());
  ASSERT_THAT(report.troubles, SizeIs(1));
  EXPECT_THAT(report.troubles.front().text, HasSubstr("siegel enrol cancel"));
}

TEST_F(RevokeTest, ASuccessorOfWhatWasRevokedTakesItsPlace) {
  const Request sign = the(Purpose::sign);
  enrol("ordnungsamt@stadt.example");
  revoke(office_, connect_, {.id = sign.id}, RevocationReason::key_compromise);
  keep_up(office_);
  enrol();
  EXPECT_NE(signs_with(), "nothing");
  EXPECT_NE(signs_with(), sign.fingerprint);
}

TEST(RevocationReasonTest, AreNamedAsInRfc5280) {
  for (const RevocationReason reason : final_reasons())
    EXPECT_EQ(parse_reason(name(reason)), reason);
  EXPECT_EQ(parse_reason("keyCompromise"), RevocationReason::key_compromise);
  EXPECT_FALSE(parse_reason("certificateHold")) << "it can be taken back, revocation cannot";
}

}  // namespace
}  // namespace siegel::tests
