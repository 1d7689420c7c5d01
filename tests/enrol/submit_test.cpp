#include "pki/enrol/submit.h"

#include <deque>

#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// What a remote authority answers, in turn, and what it was asked. The last answer is repeated.
struct Script {
  std::deque<Answer> answers;
  std::vector<std::string> asked{};
  std::function<void()> meanwhile{};  // what happens while it is asked

  Answer next(const std::string& what) {
    asked.push_back(what);
    if (meanwhile) meanwhile();
    Answer answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }
};

class Remote final : public CertificateAuthority {
 public:
  explicit Remote(Script& script) : script_(script) {}
  Answer submit(const Submission& submission) override {
    EXPECT_EQ(pki::parse_csr(submission.csr)->key_id, submission.key.key_id());
    return script_.next("submit");
  }
  Answer poll(const Submission&, const std::string& transaction) override {
    return script_.next("poll " + transaction);
  }
  RevocationAnswer revoke(const pki::Certificate&, const pki::PrivateKey&,
                          RevocationReason) override {
    return Done{};
  }

 private:
  Script& script_;
};

class SubmitTest : public OfficeTest {
 protected:
  SubmitTest() {
    profile_.connector = config::Connector::est;
    ready({"bauamt"});
  }
  Report round() {
    return submit(office(),
                  [this](const config::CaProfile&) { return std::make_unique<Remote>(script_); });
  }
  void pass(std::chrono::minutes time) { desk_.clock.advance(time); }
  [[nodiscard]] Answer right() const { return Issued{issued(only("bauamt")), {}}; }

  Script script_;
};

TEST_F(SubmitTest, WhatIsIssuedIsChecked) {
  script_.answers = {right()};
  EXPECT_THAT(round().moved, SizeIs(1));
  EXPECT_EQ(state_of("bauamt"), State::checked);
  EXPECT_THAT(round().moved, IsEmpty());
  EXPECT_THAT(script_.asked, ElementsAre("submit"));
}

TEST_F(SubmitTest, WhoWaitsAsksAgainWhenItIsTime) {
  script_.answers = {Waiting{"t-1", noon + minutes(10)}, Waiting{"t-2", noon + minutes(30)},
                     right()};
  round();
  EXPECT_EQ(state_of("bauamt"), State::pending_ra);
  EXPECT_EQ(next_round(office()), noon + minutes(10));
  pass(minutes(9));
  round();
  EXPECT_THAT(script_.asked, SizeIs(1));
  pass(minutes(1));
  round();
  EXPECT_THAT(script_.asked, ElementsAre("submit", "poll t-1"));
  pass(minutes(20));
  round();
  EXPECT_EQ(script_.asked.back(), "poll t-2");
  EXPECT_EQ(state_of("bauamt"), State::checked);
  EXPECT_EQ(next_round(office()), std::nullopt);
}

TEST_F(SubmitTest, ARefusalEndsIt) {
  script_.answers = {Refused{"not your domain"}};
  round();
  EXPECT_EQ(state_of("bauamt"), State::rejected);
  EXPECT_THAT(only("bauamt").reason, HasSubstr("not your domain"));
  round();
  EXPECT_THAT(script_.asked, SizeIs(1));
}

TEST_F(SubmitTest, ARefusalAfterWaitingEndsItToo) {
  script_.answers = {Waiting{"t", noon}, Refused{"the director says no"}};
  round();
  round();
  EXPECT_EQ(state_of("bauamt"), State::rejected);
}

TEST_F(SubmitTest, WhoCannotBeReachedIsAskedMoreAndMoreSeldom) {
  script_.answers = {Unreachable{"no route to host"}};
  for (const int wait : {1, 2, 4, 8}) {
    round();
    EXPECT_EQ(state_of("bauamt"), State::retry);
    EXPECT_EQ(only("bauamt").next_try, desk_.clock.now() + minutes(wait));
    pass(minutes(wait));
  }
  EXPECT_THAT(script_.asked, SizeIs(4));
}

TEST_F(SubmitTest, NothingIsSentBeforeItsTime) {
  script_.answers = {Unreachable{"no route to host"}, right()};
  round();
  round();
  EXPECT_THAT(script_.asked, SizeIs(1));
  EXPECT_EQ(next_round(office()), noon + minutes(1));
  pass(minutes(1));
  round();
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(SubmitTest, AfterTwentyAttemptsItHasFailed) {
  script_.answers = {Unreachable{"no route to host"}};
  for (int i = 0; i < 25; ++i) {
    round();
    EXPECT_LE(only("bauamt").next_try, desk_.clock.now() + minutes(240));
    pass(minutes(240));
  }
  EXPECT_THAT(script_.asked, SizeIs(20));
  EXPECT_EQ(state_of("bauamt"), State::failed);
  EXPECT_THAT(only("bauamt").reason, HasSubstr("gave up after 20 attempts: no route to host"));
}

TEST_F(SubmitTest, AnAuthorityThatIsAwayWhileWeWaitIsAskedLater) {
  script_.answers = {Waiting{"t", noon}, Unreachable{"no route to host"}, right()};
  round();
  round();
  EXPECT_EQ(state_of("bauamt"), State::pending_ra);
  EXPECT_EQ(only("bauamt").transaction, "t");
  EXPECT_EQ(next_round(office()), noon + minutes(1));
  pass(minutes(1));
  round();
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(SubmitTest, WhatWasBeingSentWhenTheProcessDiedIsSentAgain) {
  desk_.ledger.advance(only("bauamt"), State::submitted, by_anna);
  script_.answers = {right()};
  round();
  EXPECT_THAT(script_.asked, ElementsAre("submit"));
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(SubmitTest, WhatWasIssuedWhenTheProcessDiedIsCheckedWithoutAskingAgain) {
  script_.answers = {right()};
  power_fails_at(State::checked);
  EXPECT_THROW(round(), Error);
  power_is_back();
  EXPECT_EQ(state_of("bauamt"), State::issued);
  round();
  EXPECT_EQ(state_of("bauamt"), State::checked);
  EXPECT_THAT(script_.asked, SizeIs(1));
}

TEST_F(SubmitTest, ARequestThatSomebodyElseMovesIsItsOwnTroubleOnly) {
  ready({"kasse"});
  script_.answers = {Refused{"not your domain"}};
  script_.meanwhile = [this] {
    if (script_.asked.size() == 1)
      desk_.ledger.advance(only("bauamt"), State::pending_ra, {"relay", "waits"});
  };
  const Report report = round();
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("was moved by somebody else in the meantime")));
  EXPECT_EQ(state_of("bauamt"), State::pending_ra);
  EXPECT_EQ(state_of("kasse"), State::rejected);
}

TEST_F(SubmitTest, ADatabaseThatIsAwayEndsTheRound) {
  ready({"kasse"});
  script_.answers = {right()};
  power_fails_at(State::submitted);
  EXPECT_THROW(round(), Error);
  EXPECT_THAT(script_.asked, IsEmpty());
}

TEST_F(SubmitTest, AConnectorThatThrowsIsAskedMoreAndMoreSeldom) {
  script_.answers = {right()};
  script_.meanwhile = [] { throw Error(Fault::world, "try later", "no space left on device"); };
  for (const int wait : {1, 2, 4}) {
    round();
    EXPECT_EQ(state_of("bauamt"), State::retry);
    EXPECT_EQ(only("bauamt").reason, "try later: no space left on device");
    EXPECT_EQ(only("bauamt").next_try, desk_.clock.now() + minutes(wait));
    pass(minutes(wait));
  }
  script_.meanwhile = {};
  round();
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(SubmitTest, AConnectorThatThrowsWhileWeWaitIsAskedLater) {
  script_.answers = {Waiting{"t", noon}, right()};
  round();
  script_.meanwhile = [] { throw Error(Fault::ours, "a bug"); };
  round();
  EXPECT_EQ(state_of("bauamt"), State::pending_ra);
  EXPECT_EQ(next_round(office()), noon + minutes(1));
}

TEST_F(SubmitTest, ABrokenSetUpIsToldOnceAndTouchesNoRequest) {
  ready({"kasse"});
  const auto entries = desk_.store.check_audit().entries;
  const Report report =
      submit(office(), [](const config::CaProfile&) -> std::unique_ptr<CertificateAuthority> {
        throw Error(Fault::ours, "cmp.secret cannot be read; correct it");
      });
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("CA profile amt: cmp.secret cannot be read")));
  EXPECT_THAT(report.moved, IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::csr_ready);
  EXPECT_EQ(desk_.store.check_audit().entries, entries);
}

TEST_F(SubmitTest, BadInput_ACertificateForAnotherKeyIsAMismatch) {
  script_.answers = {Issued{mailbox(), {}}};
  round();
  EXPECT_EQ(state_of("bauamt"), State::mismatch);
  EXPECT_THAT(only("bauamt").reason, HasSubstr("is for another key"));
}

TEST_F(SubmitTest, BadInput_AProfileThatIsGoneIsTroubleOfItsRequestsOnly) {
  Office with_old = office();
  with_old.profiles.push_back(profile_);
  with_old.profiles.back().name = "alt";
  Wish old = wish("alt@stadt.example");
  old.profile = "alt";
  start(with_old, manifest_of({old}), "");
  make_keys(with_old);
  script_.answers = {right()};
  EXPECT_THAT(told(round()), ElementsAre(HasSubstr("there is no CA profile alt")));
  EXPECT_EQ(state_of("bauamt"), State::checked);
  EXPECT_EQ(next_round(office()), std::nullopt);
}

TEST_F(SubmitTest, WhatGoesByFilesIsLeftAlone) {
  profile_.connector = config::Connector::batch;
  script_.answers = {right()};
  EXPECT_THAT(told(round()), IsEmpty());
  EXPECT_THAT(script_.asked, IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
