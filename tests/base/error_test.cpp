#include "base/error.h"

#include <cerrno>

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

TEST(Error, KeepsWhatThePeerMayReadApartFromTheDetail) {
  const Error error(Fault::peer, "the message is too large", "58 MB");
  EXPECT_EQ(error.fault(), Fault::peer);
  EXPECT_EQ(error.said(), "the message is too large");
  EXPECT_EQ(error.detail(), "58 MB");
  EXPECT_STREQ(error.what(), "the message is too large: 58 MB");
  EXPECT_STREQ(Error(Fault::ours, "a bug").what(), "a bug");
}

TEST(Error, OfASystemCallSaysNothingInnerToThePeer) {
  const Error error = system_error("write /var/lib/siegel/spool/x", ENOSPC);
  EXPECT_EQ(error.fault(), Fault::world);
  EXPECT_THAT(error.said(), testing::Not(testing::HasSubstr("spool")));
  EXPECT_EQ(error.detail(), "write /var/lib/siegel/spool/x: No space left on device");
}

}  // namespace
}  // namespace siegel::tests
