#include "gateway/relay/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;

TEST(Relays, StartWithAnAlarmWhereGpgCannotWork) {
  const TemporaryDirectory folder;
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  config->postmaster = "postmaster@stadt.example";
  config->storage = {folder / "", folder / "kek"};
  config->openpgp.emplace().directory = folder / "gpg";
  write_file(folder / "gpg", "not a directory");
  pki::Seal::make_file(folder / "kek");
  relay::Relay relay(config, Log::to_file((folder / "log").string()));
  relay.start();
  EXPECT_TRUE(relay.stop());
  EXPECT_THAT(read_file(folder / "log"), HasSubstr("event=openpgp_closed"));
}

}  // namespace
}  // namespace siegel::tests
