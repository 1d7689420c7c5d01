#include "base/log.h"

#include <gmock/gmock.h>

#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

std::string line(std::string_view value) {
  return log_line("accepted", {{"from", value}});
}

TEST(LogLine, IsKeysAndValues) {
  EXPECT_EQ(log_line("accepted", {{"id", "3f"}, {"size", 4096}, {"to", "a@x.example"}}),
            "event=accepted id=3f size=4096 to=a@x.example");
  EXPECT_EQ(log_line("started", {}), "event=started");
}

TEST(LogLine, QuotesWhatHasBlanks) {
  EXPECT_EQ(line("two words"), R"(event=accepted from="two words")");
  EXPECT_EQ(line("a=b"), R"(event=accepted from="a=b")");
  EXPECT_EQ(line(""), R"(event=accepted from="")");
}

TEST(LogLine, R46_NoLineCanBeInjected) {
  EXPECT_EQ(line("x\r\n2026-06-01T12:00:00.000Z info event=accepted"),
            R"(event=accepted from="x\x0d\x0a2026-06-01T12:00:00.000Z info event=accepted")");
  EXPECT_EQ(line("\x1B]0;title\x07"), R"(event=accepted from="\x1b]0;title\x07")");
  EXPECT_EQ(line("a\u2028b\u202Ec"), R"(event=accepted from="a\u{2028}b\u{202e}c")");
}

TEST(LogLine, R46_NoFieldCanBeInjected) {
  EXPECT_EQ(line(R"(x" verdict="good)"), R"(event=accepted from="x\" verdict=\"good")");
  EXPECT_EQ(line(R"(x\" verdict=good)"), R"(event=accepted from="x\\\" verdict=good")");
  EXPECT_EQ(line(R"(x\)"), R"(event=accepted from="x\\")");
}

TEST(LogLine, R46_AFeignedEscapeDiffersFromARealOne) {
  EXPECT_NE(line("\\x0a"), line("\n"));
}

TEST(LogLine, R46_ValuesAreCut) {
  EXPECT_LT(line(std::string(100000, 'x')).size(), 450U);
  EXPECT_THAT(line(std::string(100000, '"')), testing::EndsWith("…\""));
}

TEST(Log, WritesOneLinePerEventWithTimeAndLevel) {
  const TemporaryDirectory directory;
  const auto log = Log::to_file(directory / "log");
  log.info("started", {{"version", "0.1"}});
  log.warning("slow", {});
  log.alarm("broken", {{"reason", "disk\nfull"}});
  const std::string stamp = R"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z )";
  EXPECT_THAT(read_file(directory / "log"),
              testing::MatchesRegex(stamp + "info event=started version=0.1\n" + stamp +
                                    "warning event=slow\n" + stamp +
                                    R"(critical event=broken reason="disk\\x0afull"[^a-z]*)"));
}

TEST(Log, NowhereTakesEverything) {
  EXPECT_NO_THROW(Log::none().alarm("broken", {{"a", "b"}}));
}

}  // namespace
}  // namespace siegel::tests
