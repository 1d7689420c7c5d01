#include "pki/enrol/start.h"

#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StartTest : public OfficeTest {
 protected:
  std::vector<Purpose> started_purposes() {
    std::vector<Purpose> found;
    for (const Request& request : started({"bauamt"}).moved) found.push_back(request.purpose);
    return found;
  }
};

TEST_F(StartTest, AJointProfileMakesOneRequest) {
  EXPECT_THAT(started_purposes(), ElementsAre(Purpose::both));
  EXPECT_EQ(only("bauamt").state, State::authorised);
  EXPECT_THAT(only("bauamt").subject, HasSubstr("CN=GRP: Bauamt"));
  EXPECT_THAT(desk_.store.mailboxes(), SizeIs(1));
}

TEST_F(StartTest, ASeparateProfileMakesTwoRequests) {
  profile_.keys.certificates = config::Certificates::separate;
  EXPECT_THAT(started_purposes(), ElementsAre(Purpose::sign, Purpose::encrypt));
}

TEST_F(StartTest, WhoOnlyWantsToSignGetsOnlyThat) {
  Wish signs = wish("bauamt@stadt.example");
  signs.encrypt = false;
  EXPECT_THAT(purposes(signs, profile_), ElementsAre(Purpose::sign));
}

TEST_F(StartTest, TheSameManifestTwiceChangesNothing) {
  ready({"bauamt", "kasse"});
  const auto key = only("bauamt").key_id;
  const auto entries = desk_.store.check_audit().entries;
  const Report again = started({"bauamt", "kasse"});
  EXPECT_THAT(again.moved, IsEmpty());
  EXPECT_THAT(again.troubles, IsEmpty());
  EXPECT_EQ(only("bauamt").key_id, key);
  EXPECT_EQ(state_of("bauamt"), State::csr_ready);
  EXPECT_EQ(desk_.store.check_audit().entries, entries);
}

TEST_F(StartTest, FourEyesAreTwoPeople) {
  profile_.four_eyes = true;
  started({"bauamt"});
  EXPECT_EQ(state_of("bauamt"), State::validated);
  EXPECT_THAT(told(authorise(office("anna"), {}, "")), ElementsAre(HasSubstr("four eyes")));
  EXPECT_EQ(state_of("bauamt"), State::validated);
  EXPECT_THAT(authorise(office("bernd"), {}, "").moved, SizeIs(1));
  EXPECT_EQ(desk_.ledger.history(only("bauamt").id).back().actor, "bernd");
}

TEST_F(StartTest, FourEyesSeeWhoBeganAgain) {
  profile_.four_eyes = true;
  profile_.naming.forbidden = {"Bau"};
  started({"bauamt"});
  profile_.naming.forbidden.clear();
  const Request again = desk_.ledger.advance(only("bauamt"), State::draft, {"bernd", "mended"});
  EXPECT_EQ(bring_forward(office("bernd"), again, "").state, State::validated);
  EXPECT_THAT(told(authorise(office("bernd"), {}, "")), ElementsAre(HasSubstr("four eyes")));
  EXPECT_THAT(authorise(office("anna"), {}, "").moved, SizeIs(1));
}

TEST_F(StartTest, FourEyesAreNotGotRoundByStartingAgain) {
  profile_.four_eyes = true;
  started({"bauamt"});
  started({"bauamt"});
  EXPECT_EQ(state_of("bauamt"), State::validated);
}

TEST_F(StartTest, BadInput_ANameThatTheProfileForbidsIsInvalidWithTheReason) {
  profile_.naming.forbidden = {"Bau"};
  EXPECT_THAT(started({"bauamt"}).moved,
              ElementsAre(testing::Field(&Request::state, State::invalid)));
  EXPECT_THAT(only("bauamt").reason, HasSubstr("Bau"));
}

TEST_F(StartTest, BadInput_AnotherProfileForAnOpenRequestIsTold) {
  started({"bauamt"});
  Office office = this->office();
  office.profiles.push_back(profile_);
  office.profiles.back().name = "andere";
  Wish other = wish("bauamt@stadt.example");
  other.profile = "andere";
  EXPECT_THAT(told(start(office, manifest_of({other}), "")),
              ElementsAre(HasSubstr("cancel that one first")));
  EXPECT_EQ(only("bauamt").wish.profile, "amt");
}

TEST_F(StartTest, WhatIsCancelledLosesItsKey) {
  const Request request = exported();
  EXPECT_THAT(cancel(office(), {}, "closed").moved, SizeIs(1));
  EXPECT_FALSE(desk_.store.own_key(request.key_id));
  EXPECT_EQ(state_of("bauamt"), State::cancelled);
  EXPECT_THAT(told(cancel(office(), {}, "closed")), IsEmpty());
}

TEST_F(StartTest, WhatCannotBeCancelledIsTold) {
  ready({"bauamt"});
  EXPECT_THAT(told(cancel(office(), {}, "closed")), ElementsAre(HasSubstr("csr-ready")));
}

}  // namespace
}  // namespace siegel::tests
