#include "pki/enrol/cancel.h"

#include "pki/enrol/batch.h"
#include "pki/enrol/renewal.h"
#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CancelTest : public OfficeTest {
 protected:
  /// bauamt's request with its key, walked on to `state`, which lies behind csr-ready.
  Request brought_to(State state) {
    Request request = ready({"bauamt"}).front();
    const auto way = way_to(state, request.purpose);
    for (auto next = std::ranges::find(way, State::csr_ready) + 1; next < way.end(); ++next)
      request = desk_.ledger.advance(request, *next, by_anna);
    return request;
  }
  /// An authority has put a wrong key or name into the certificate.
  Request misfit() {
    Request request = brought_to(State::issued);
    request.certificate = issued(request).der();
    return desk_.ledger.advance(request, State::mismatch, by_anna);
  }
  bool has_key(const Request& request) const {
    return desk_.store.own_key(request.key_id).has_value();
  }
};

TEST_F(CancelTest, WhatIsCancelledLosesItsKey) {
  for (const State state : {State::csr_ready, State::exported, State::pending_ra, State::retry,
                            State::rejected, State::failed, State::timed_out}) {
    const Request request = brought_to(state);
    EXPECT_TRUE(has_key(request));
    EXPECT_THAT(cancel(office(), {}, "closed").moved, SizeIs(1)) << name(state);
    EXPECT_FALSE(has_key(request)) << name(state);
    EXPECT_EQ(state_of("bauamt"), State::cancelled) << name(state);
    EXPECT_THAT(told(cancel(office(), {}, "closed")), IsEmpty());
  }
}

TEST_F(CancelTest, AKeyWithoutItsRequestIsDestroyedToo) {
  started({"bauamt"});
  const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  Request request = only("bauamt");
  request.key_id = key.key_id();
  request = desk_.ledger.advance(request, State::key_ready, by_anna, [&](auto& session) {
    desk_.store.keep_key(session, key, {"anna", "key-stored", "bauamt@stadt.example", {}});
  });
  EXPECT_THAT(cancel(office(), {}, "closed").moved, SizeIs(1));
  EXPECT_FALSE(has_key(request));
}

TEST_F(CancelTest, TheAuditSaysWhoDestroyedTheKey) {
  const Request request = brought_to(State::csr_ready);
  cancel(office("bernd"), {}, "closed");
  const auto event = desk_.store.trust_events(1).front();
  EXPECT_EQ(event.action, "key-destroyed");
  EXPECT_EQ(event.actor, "bernd");
  EXPECT_THAT(event.detail, HasSubstr(request.key_id));
}

TEST_F(CancelTest, WhatIsWithItsAuthorityOrFitsCannotBeCancelled) {
  for (const State state : {State::submitted, State::issued, State::checked, State::installed}) {
    const Request request = brought_to(state);
    EXPECT_THAT(told(cancel(office(), {.id = request.id}, "closed")),
                ElementsAre(HasSubstr(std::string(name(state)))));
    EXPECT_TRUE(has_key(request));
    desk_.database.write([](Database::Session& session) {
      session << "UPDATE enrol_request SET state = 'cancelled'", Poco::Data::Keywords::now;
    });
  }
}

TEST_F(CancelTest, ACertificateThatDoesNotFitIsRevokedFirstUnlessToldOtherwise) {
  const Request request = misfit();
  EXPECT_THAT(
      told(cancel(office(), {}, "closed")),
      ElementsAre(AllOf(HasSubstr("siegel cert revoke --id"), HasSubstr("--although-issued"))));
  EXPECT_TRUE(has_key(request));
  EXPECT_THAT(cancel(office(), {}, "closed", Misfit::given_up).moved, SizeIs(1));
  EXPECT_THAT(only("bauamt").reason,
              AllOf(HasSubstr("closed"), HasSubstr("stays valid until its authority")));
  EXPECT_FALSE(has_key(request));
}

TEST_F(CancelTest, AKeyForWhichSomebodyHasInstalledACertificateStays) {
  const Request request = misfit();
  desk_.store.import(request.wish.mailbox, {{issued(request)}, {}});
  cancel(office(), {}, "closed", Misfit::given_up);
  EXPECT_TRUE(has_key(request));
}

TEST_F(CancelTest, ABatchThatIsBeingWrittenDoesNotAskForWhatWasCancelled) {
  ready({"bauamt", "kasse"});
  ASSERT_EQ(desk_.ledger.assign_batch("amt"), "2026-0001");
  cancel(office(), {.mailbox = only("kasse").wish.mailbox}, "closed");
  EXPECT_THAT(export_batch(office(), "amt", desk_.folder / "out").report.moved, SizeIs(1));
  EXPECT_THAT(desk_.ledger.list({.batch = "2026-0001"}), SizeIs(1));
}

TEST_F(CancelTest, WhatWasRefusedIsTriedAgainWithANewKey) {
  for (const State state : {State::rejected, State::failed, State::timed_out}) {
    const Request before = brought_to(state);
    EXPECT_THAT(retry(office(), {}, "the RA says: once more").moved, SizeIs(1)) << name(state);
    EXPECT_FALSE(has_key(before));
    make_keys(office());
    const Request after = only("bauamt");
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.state, State::csr_ready);
    EXPECT_NE(after.key_id, before.key_id);
    EXPECT_TRUE(has_key(after));
    cancel(office(), {}, "next");
  }
}

TEST_F(CancelTest, NothingOfTheFirstTryIsLeft) {
  Request request = brought_to(State::rejected);
  request.batch = "2026-0001";
  request.transaction = "t-1";
  request.attempts = 4;
  request.next_try = noon + day;
  desk_.ledger.note(request);
  retry(office(), {}, "again");
  const Request after = only("bauamt");
  EXPECT_EQ(after.state, State::authorised);
  EXPECT_EQ(after.batch + after.transaction + after.key_id + after.csr, "");
  EXPECT_EQ(after.attempts, 0U);
  EXPECT_EQ(after.next_try, Time{});
  EXPECT_EQ(after.subject, request.subject);
}

TEST_F(CancelTest, OnlyWhatHasComeToNothingIsTriedAgain) {
  exported("kasse");
  ready({"bauamt"});
  EXPECT_THAT(retry(office(), {}, "again").moved, IsEmpty());
  EXPECT_EQ(state_of("kasse"), State::exported);
}

TEST_F(CancelTest, AMendedProfileMakesAnInvalidRequestValid) {
  profile_.naming.forbidden = {"Bau"};
  started({"bauamt"});
  ASSERT_EQ(state_of("bauamt"), State::invalid);
  EXPECT_THAT(told(retry(office(), {}, "again")), ElementsAre(HasSubstr("mend the profile")));
  EXPECT_EQ(state_of("bauamt"), State::invalid);
  profile_.naming.forbidden = {};
  EXPECT_THAT(told(retry(office(), {}, "again")), IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::authorised);
}

TEST_F(CancelTest, ASuccessorThatIsTriedAgainRenewsTheSame) {
  Request present = brought_to(State::issued);
  present.certificate = issued(present).der();
  for (const State next : {State::checked, State::installed, State::published, State::active})
    present = desk_.ledger.advance(present, next, by_anna);
  Request successor = begin_renewal(office(), present, "due").successor;
  make_keys(office());
  successor = *desk_.ledger.find(successor.id);
  for (const State next : {State::submitted, State::rejected})
    successor = desk_.ledger.advance(successor, next, by_anna);
  EXPECT_THAT(retry(office(), {}, "again").moved, SizeIs(1));
  EXPECT_EQ(desk_.ledger.find(successor.id)->renews, present.id);
  EXPECT_EQ(desk_.ledger.find(successor.id)->state, State::authorised);
  EXPECT_EQ(desk_.ledger.find(present.id)->state, State::renewal_due);
}

TEST_F(CancelTest, WhoTriesAgainIsNotTheSecondPairOfEyes) {
  profile_.four_eyes = true;
  started({"bauamt"});
  authorise(office("bernd"), {}, "");
  make_keys(office());
  Request request = only("bauamt");
  for (const State next : {State::submitted, State::rejected})
    request = desk_.ledger.advance(request, next, by_anna);
  retry(office("bernd"), {}, "again");
  EXPECT_EQ(state_of("bauamt"), State::validated);
  EXPECT_THAT(told(authorise(office("bernd"), {}, "")), ElementsAre(HasSubstr("four eyes")));
  EXPECT_THAT(authorise(office("anna"), {}, "").moved, SizeIs(1));
}

TEST_F(CancelTest, ATryThatWasInterruptedGoesOn) {
  const Request before = brought_to(State::rejected);
  power_fails_at(State::validated);
  EXPECT_THROW(retry(office(), {}, "again"), Error);
  EXPECT_EQ(state_of("bauamt"), State::draft);
  power_is_back();
  retry(office(), {}, "again");
  EXPECT_EQ(only("bauamt").id, before.id);
  EXPECT_EQ(state_of("bauamt"), State::authorised);
}

}  // namespace
}  // namespace siegel::tests
