#include "gateway/relay/consign.h"

#include <gmock/gmock.h>

#include "tests/relay/items.h"

namespace siegel::tests {
namespace {

using policy::Action;
using policy::Route;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<spool::Consignment> consign(const Route& route) {
  config::Config config;
  config.domains = {"stadt.example"};
  const auto envelope = from_anna("a1", route.recipients).envelope;
  return relay::consign(config, envelope, route);
}

Route route_to(const std::vector<std::string>& addresses) {
  Route route;
  for (const std::string& address : addresses) route.recipients.push_back(to(address));
  return route;
}

TEST(Consign, EachSideGetsItsOwnRecipients) {
  const auto made = consign(route_to({"x@world.example", "b@stadt.example", "y@world.example"}));
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(made[0].towards, config::Side::inside);
  EXPECT_EQ(made[0].envelope.recipients.at(0).address.str(), "b@stadt.example");
  EXPECT_EQ(made[1].towards, config::Side::world);
  EXPECT_THAT(made[1].envelope.recipients, SizeIs(2));
}

TEST(Consign, ASideWithoutRecipientsGetsNothing) {
  EXPECT_THAT(consign(route_to({"b@stadt.example"})), SizeIs(1));
  EXPECT_THAT(consign(Route{}), IsEmpty());
}

TEST(Consign, WhatIsHeldAndWhyGoesAlong) {
  Route route = route_to({"b@stadt.example"});
  route.action = Action::hold;
  route.reason = "rule 3";
  const auto made = consign(route);
  EXPECT_TRUE(made.at(0).held);
  EXPECT_EQ(made.at(0).reason, "rule 3");
}

TEST(Consign, R06_OfMailThatWeDecryptedNobodyReportsMoreThanTheHead) {
  Route route = route_to({"b@stadt.example"});
  route.treatment.open = true;
  const auto made = consign(route);
  EXPECT_TRUE(made.at(0).envelope.return_headers_only);
  EXPECT_FALSE(made.at(0).confidential);  // it lives as long as any other
}

TEST(Consign, OtherMailIsReportedAsItsSenderWished) {
  EXPECT_FALSE(consign(route_to({"b@stadt.example"})).at(0).envelope.return_headers_only);
}

}  // namespace
}  // namespace siegel::tests
