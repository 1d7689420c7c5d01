#include "gateway/transfer/access.h"

#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using transfer::Access;
using transfer::LinkSecret;

class AccessTest : public ServiceTest {
 protected:
  Access access_{database_, seal_, clock_};
  LinkSecret browser_ = LinkSecret::make();
};

TEST_F(AccessTest, LinkByMailOpensASessionOnce) {
  const LinkSecret link = access_.offer(address(bauamt), browser_);
  const auto session = access_.accept(link, browser_);
  ASSERT_TRUE(session);
  EXPECT_EQ(access_.who(*session), address(bauamt));
  EXPECT_FALSE(access_.accept(link, browser_));
}

TEST_F(AccessTest, LookingAtTheLinkUsesNothingUp) {
  const LinkSecret link = access_.offer(address(bauamt), browser_);
  EXPECT_TRUE(access_.offered(link, browser_));
  EXPECT_TRUE(access_.offered(link, browser_));
  EXPECT_TRUE(access_.accept(link, browser_));
}

TEST_F(AccessTest, LinkIsOfNoUseInAnotherBrowser) {
  const LinkSecret link = access_.offer(address(bauamt), browser_);
  EXPECT_FALSE(access_.accept(link, LinkSecret::make()));
  EXPECT_TRUE(access_.accept(link, browser_)) << "and the attempt does not use it up";
}

TEST_F(AccessTest, LinkEndsAfterAQuarterOfAnHour) {
  const LinkSecret link = access_.offer(address(bauamt), browser_);
  clock_.advance(15min);
  EXPECT_FALSE(access_.offered(link, browser_));
  EXPECT_FALSE(access_.accept(link, browser_));
}

TEST_F(AccessTest, SessionEndsByItsTimeOrByItsOwner) {
  const LinkSecret first = access_.open(address(bauamt)), second = access_.open(address(bauamt));
  access_.close(first);
  EXPECT_FALSE(access_.who(first));
  EXPECT_TRUE(access_.who(second));
  clock_.advance(Access::session_life);
  EXPECT_FALSE(access_.who(second));
}

TEST_F(AccessTest, WhoWasSentAwayComesBackOnce) {
  const LinkSecret errand = access_.send_away(browser_);
  EXPECT_TRUE(access_.welcome_back(errand, browser_));
  EXPECT_FALSE(access_.welcome_back(errand, browser_));
}

TEST_F(AccessTest, NobodyComesBackInsteadOfAnother) {
  const LinkSecret errand = access_.send_away(browser_);
  EXPECT_FALSE(access_.welcome_back(errand, LinkSecret::make()));
  EXPECT_FALSE(access_.welcome_back(LinkSecret::make(), browser_));
  EXPECT_TRUE(access_.welcome_back(errand, browser_)) << "and the attempts do not use it up";
}

TEST_F(AccessTest, WhoComesBackTooLateIsNotWelcome) {
  const LinkSecret errand = access_.send_away(browser_);
  clock_.advance(Access::sign_in_life);
  EXPECT_FALSE(access_.welcome_back(errand, browser_));
}

TEST_F(AccessTest, SecretsOfOneKindAreNothingOfAnother) {
  const LinkSecret link = access_.offer(address(bauamt), browser_);
  EXPECT_FALSE(access_.who(link));
  EXPECT_FALSE(access_.who(browser_));
  EXPECT_FALSE(access_.find(link));
}

TEST_F(AccessTest, InvitationIsUsedOnce) {
  const LinkSecret invitation =
      access_.invite({address(bauamt), "Bitte die Pläne", clock_.now() + 24h});
  const auto found = access_.find(invitation);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner, address(bauamt));
  EXPECT_EQ(found->message, "Bitte die Pläne");
  EXPECT_TRUE(access_.use(invitation));
  EXPECT_FALSE(access_.use(invitation));
  EXPECT_FALSE(access_.find(invitation));
}

TEST_F(AccessTest, SweepTakesWhatIsOver) {
  const LinkSecret invitation = access_.invite({address(bauamt), "", clock_.now() + 1h});
  static_cast<void>(access_.offer(address(bauamt), browser_));
  clock_.advance(48h);
  EXPECT_FALSE(access_.use(invitation));
  static_cast<void>(access_.send_away(browser_));
  clock_.advance(Access::sign_in_life);
  access_.sweep();
  std::int64_t left = -1;
  database_.read([&](Database::Session& session) {
    left = sql::select(session,
                       "SELECT (SELECT COUNT(*) FROM sign_in) + (SELECT COUNT(*) FROM sent_away) + "
                       "(SELECT COUNT(*) FROM invitation) AS n")
               .number("n");
  });
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace siegel::tests
