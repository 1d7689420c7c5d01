#include "gateway/portal/reading_places.h"

#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/portal/portal_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using portal::ReadingPlaces;

/// What is thrown to whoever waits in vain; nothing if there is a place.
std::optional<Fault> trouble_of(ReadingPlaces& places, const std::string& link) {
  try {
    const auto place = places.take(link);
    return std::nullopt;
  } catch (const Error& error) {
    return error.fault();
  }
}

TEST(ReadingPlaces, WaitingHasAnEnd) {
  ReadingPlaces places({2, 10ms});
  const auto anna = places.take("anna"), bert = places.take("bert");
  EXPECT_EQ(trouble_of(places, "carla"), Fault::world);
}

TEST(ReadingPlaces, OneReaderTakesOnePlace) {
  ReadingPlaces places({2, 10ms});
  const auto anna = places.take("anna");
  EXPECT_EQ(trouble_of(places, "anna"), Fault::world);
  EXPECT_EQ(trouble_of(places, "bert"), std::nullopt);
}

TEST(ReadingPlaces, WhoWaitsGetsThePlaceThatIsGivenBack) {
  ReadingPlaces places({1, 20s});
  std::jthread bert;
  const auto anna = places.take("anna");
  bert = std::jthread([&] { EXPECT_EQ(trouble_of(places, "bert"), std::nullopt); });
}

using CrowdedPortal = PortalFixture;

TEST_F(CrowdedPortal, WhoFindsNoPlaceIsToldWhenToComeBack) {
  ReadingPlaces places({1, 10ms});
  const auto anna = places.take("anna");
  serve("GET", "/v", [&](portal::Request&) {
    const auto bert = places.take("bert");
    return portal::Response::empty(204);
  });
  const Heard heard = get("/v");
  EXPECT_EQ(heard.status(), 503);
  EXPECT_EQ(heard.field("Retry-After"), "30");
  EXPECT_NE(heard.body.find("load the page again"), std::string::npos);
}

}  // namespace
}  // namespace siegel::tests
