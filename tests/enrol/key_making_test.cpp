#include "pki/enrol/key_making.h"

#include "base/error.h"
#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class KeyMakingTest : public OfficeTest {
 protected:
  void expect_fits(const Request& request) {
    const auto csr = pki::parse_csr(request.csr);
    ASSERT_TRUE(csr);
    EXPECT_EQ(csr->key_id, request.key_id);
    EXPECT_EQ(desk_.store.own_key(request.key_id)->key_id(), request.key_id);
    EXPECT_THAT(csr->addresses, ElementsAre(request.wish.mailbox));
  }
};

TEST_F(KeyMakingTest, KeysFitTheirRequestsAndAreInTheStore) {
  const auto requests = ready({"a", "b", "c"});
  ASSERT_THAT(requests, SizeIs(3));
  for (const Request& request : requests) {
    EXPECT_EQ(request.state, State::csr_ready);
    expect_fits(*desk_.ledger.find(request.id));
  }
  EXPECT_NE(requests[0].key_id, requests[1].key_id);
}

TEST_F(KeyMakingTest, RequestsAskForWhatTheirPurposeNeeds) {
  profile_.keys.certificates = config::Certificates::separate;
  for (const Request& request : ready({"bauamt"})) {
    const auto csr = pki::parse_csr(request.csr);
    EXPECT_EQ(csr->signs, request.purpose == Purpose::sign);
    EXPECT_EQ(csr->encrypts, request.purpose == Purpose::encrypt);
  }
}

TEST_F(KeyMakingTest, AuditSaysWhoseKeyWasStored) {
  const Request request = ready({"bauamt-fuer-hochbau"}).front();
  const auto events = desk_.store.trust_events(10);
  const auto stored = std::ranges::find(events, "key-stored", &pki::TrustEvent::action);
  ASSERT_NE(stored, events.end());
  EXPECT_EQ(stored->subject, request.wish.mailbox.str());
  EXPECT_EQ(stored->detail, request.key_id);
}

TEST_F(KeyMakingTest, WhatWasInterruptedGoesOn) {
  started({"a", "b", "c", "d"});
  const auto falls_over = [](std::size_t done, std::size_t) {
    if (done == 2) throw Error(Fault::world, "power is out");
  };
  EXPECT_THROW(make_keys(office(), falls_over), Error);
  const auto made = desk_.ledger.list({.states = {State::csr_ready}});
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_THAT(make_keys(office()).moved, SizeIs(2));
  EXPECT_THAT(desk_.ledger.list({.states = {State::csr_ready}}), SizeIs(4));
  for (const Request& request : made) {
    EXPECT_EQ(desk_.ledger.find(request.id)->csr, request.csr);
    expect_fits(*desk_.ledger.find(request.id));
  }
}

TEST_F(KeyMakingTest, ARequestThatSomebodyElseMovesIsItsOwnTroubleOnly) {
  started({"a", "b", "c"});
  const auto meanwhile = [this](std::size_t done, std::size_t) {
    if (done != 1) return;
    auto waiting = desk_.ledger.list({.states = {State::authorised}});
    desk_.ledger.advance(waiting.front(), State::cancelled, {"bernd", "not wanted"});
  };
  const Report report = make_keys(office(), meanwhile);
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("was moved by somebody else in the meantime")));
  EXPECT_THAT(report.moved, SizeIs(2));
  EXPECT_THAT(desk_.ledger.list({.states = {State::cancelled}}), SizeIs(1));
}

TEST_F(KeyMakingTest, AKeyThatWasMadeIsUsedAndNotMadeAgain) {
  started({"bauamt"});
  const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  Request request = only("bauamt");
  request.key_id = key.key_id();
  desk_.ledger.advance(request, State::key_ready, by_anna, [&](Database::Session& session) {
    desk_.store.keep_key(session, key, {"anna", "key-stored", "bauamt@stadt.example", {}});
  });
  EXPECT_THAT(make_keys(office()).moved, SizeIs(1));
  EXPECT_EQ(only("bauamt").key_id, key.key_id());
  expect_fits(only("bauamt"));
}

TEST_F(KeyMakingTest, BadInput_AProfileThatIsGoneIsTroubleOfItsRequestsOnly) {
  started({"a", "b"});
  Office office = this->office();
  office.profiles.push_back(profile_);
  office.profiles.back().name = "alt";
  Wish old = wish("c@stadt.example");
  old.profile = "alt";
  start(office, manifest_of({old}), "");
  const Report report = make_keys(this->office());
  EXPECT_THAT(report.moved, SizeIs(2));
  EXPECT_THAT(told(report), ElementsAre(testing::AllOf(HasSubstr("c@stadt.example"),
                                                       HasSubstr("there is no CA profile alt"))));
}

TEST_F(KeyMakingTest, AKeyThatIsGoneIsTold) {
  started({"bauamt"});
  Request request = only("bauamt");
  request.key_id = "0123";
  desk_.ledger.advance(request, State::key_ready, by_anna);
  EXPECT_THAT(told(make_keys(office())),
              ElementsAre(HasSubstr("its private key is not in the database any more")));
}

TEST_F(KeyMakingTest, NothingToDoIsDoneAtOnce) {
  EXPECT_THAT(make_keys(office()).moved, IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
