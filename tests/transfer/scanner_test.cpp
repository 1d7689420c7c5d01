#include "gateway/transfer/scanner.h"

#include <gmock/gmock.h>

#include "tests/transfer/clamd.h"

namespace siegel::tests {
namespace {

using namespace transfer;

/// One clamd for all of them: it takes a moment to start.
Clamd& clamd() {
  static Clamd one;
  return one;
}

ScanResult scan(const std::string& octets, std::size_t piece = 65536,
                const std::string& socket = clamd().socket()) {
  return Scanner(socket).scan([&, at = std::size_t{0}]() mutable {
    const std::string_view part = std::string_view(octets).substr(at, piece);
    at += part.size();
    return part;
  });
}

TEST(ScannerTest, HarmlessOctetsAreClean) {
  EXPECT_TRUE(std::holds_alternative<Clean>(scan("Guten Tag")));
  EXPECT_TRUE(std::holds_alternative<Clean>(scan("")));
}

TEST(ScannerTest, EicarIsFound) {
  const auto result = scan(Clamd::eicar());
  ASSERT_TRUE(std::holds_alternative<Infected>(result));
  EXPECT_THAT(std::get<Infected>(result).virus, testing::HasSubstr("Eicar"));
}

TEST(ScannerTest, VirusAcrossTwoPiecesIsFound) {
  const std::string octets = std::string(500, 'a') + Clamd::virus + std::string(500, 'b');
  EXPECT_TRUE(std::holds_alternative<Infected>(scan(octets, 510)));
}

TEST(ScannerTest, StreamThatIsTooLongForItIsNamed) {
  const std::string octets(4 * Clamd::stream_limit, 'a');
  EXPECT_TRUE(std::holds_alternative<TooLarge>(scan(octets)));
}

TEST(ScannerTest, AwayIsNoVerdict) {
  const auto result = scan("Guten Tag", 100, "unix:/nonexistent/clamd.ctl");
  ASSERT_TRUE(std::holds_alternative<ScannerAway>(result));
  EXPECT_THAT(std::get<ScannerAway>(result).why, testing::HasSubstr("/nonexistent/clamd.ctl"));
  EXPECT_TRUE(std::holds_alternative<ScannerAway>(scan("Guten Tag", 100, "tcp:127.0.0.1:1")));
}

}  // namespace
}  // namespace siegel::tests
