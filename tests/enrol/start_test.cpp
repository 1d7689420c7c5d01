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

TEST_F(StartTest, ARowThatMakesTroubleIsNamedAndTheOthersGoOn) {
  std::vector<Wish> wishes{wish("alt@stadt.example"), wish("bauamt@stadt.example")};
  wishes.front().profile = "gone";
  const Report report = start(office(), manifest_of(wishes), "");
  EXPECT_THAT(told(report),
              ElementsAre(HasSubstr("row 2, alt@stadt.example: there is no CA profile gone")));
  EXPECT_EQ(state_of("bauamt"), State::authorised);
}

TEST_F(StartTest, ADatabaseThatIsAwayEndsIt) {
  power_fails_at(State::validated);
  EXPECT_THROW(started({"bauamt", "kasse"}), Error);
  power_is_back();
  EXPECT_THAT(started({"bauamt", "kasse"}).moved, SizeIs(2));
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
  EXPECT_THAT(desk_.ledger.list(), SizeIs(1));
}

TEST_F(StartTest, BadInput_ManifestsOfAnotherProfileSignNothingOff) {
  profile_.four_eyes = true;
  started({"bauamt"});
  Office office = this->office("bernd");
  office.profiles.front().four_eyes = false;
  office.profiles.push_back(office.profiles.front());
  office.profiles.back().name = "andere";
  Wish other = wish("bauamt@stadt.example");
  other.profile = "andere";
  start(office, manifest_of({other}), "ticket 8");
  EXPECT_EQ(state_of("bauamt"), State::validated);
}

TEST_F(StartTest, WhoAnswersForAMailboxMayChange) {
  started({"bauamt"});
  Wish changed = wish("bauamt@stadt.example");
  changed.owner = *Address::parse("neu@stadt.example");
  changed.deputy = Address::parse("auch@stadt.example");
  EXPECT_THAT(told(start(office(), manifest_of({changed}), "ticket 8")), IsEmpty());
  EXPECT_EQ(only("bauamt").wish.owner, changed.owner);
  EXPECT_EQ(only("bauamt").wish.deputy, changed.deputy);
  EXPECT_FALSE(desk_.store.check_audit().trouble);
}

TEST_F(StartTest, BadInput_WhatTheCertificateWillSayMayNot) {
  started({"bauamt"});
  Wish changed = wish("bauamt@stadt.example");
  changed.display_name = "Bauverwaltung";
  changed.key_type = pki::KeyType::p384;
  EXPECT_THAT(told(start(office(), manifest_of({changed}), "")),
              ElementsAre(HasSubstr("differs from it (display name, key type)")));
  EXPECT_EQ(only("bauamt").wish.display_name, "Bauamt");
}

TEST_F(StartTest, BadInput_ANameThatAnotherMailboxHasIsInvalid) {
  started({"bauamt"});
  Wish namesake = wish("bau@stadt.example");
  namesake.display_name = "BAUAMT";
  start(office(), manifest_of({namesake}), "");
  EXPECT_EQ(state_of("bau"), State::invalid);
  EXPECT_THAT(only("bau").reason, HasSubstr("give one of them another display name"));
}

}  // namespace
}  // namespace siegel::tests
