// A relay that reads its configuration file anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "gateway/relay/relay.h"
#include "pki/seal.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Reloads : public testing::Test {
 protected:
  Reloads() {
    std::filesystem::create_directory(folder_ / "data");
    std::filesystem::create_directory(folder_ / "gpg");
    pki::Seal::make_file(folder_ / "kek");
  }

  /// What the log says when the section `openpgp` is changed from `before` to `after`.
  std::string log_of_change(const std::string& before, const std::string& after) {
    write(before);
    relay::Relay relay(config::load(folder_ / "siegel.yaml"),
                       Log::to_file((folder_ / "log").string()));
    write(after);
    relay.reload();
    return read_file(folder_ / "log");
  }
  /// `processes` of gpg.
  [[nodiscard]] std::string openpgp(const std::string& processes) const {
    return "openpgp: {directory: " + (folder_ / "gpg").string() + ", processes: " + processes +
           "}\n";
  }

 private:
  void write(const std::string& more) const {
    const std::string root = folder_.path().string();
    write_file(folder_ / "siegel.yaml",
               "name: gateway.stadt.example\n"
               "domains: [stadt.example]\n"
               "relay:\n"
               "  listen:\n"
               "    - {at: \"127.0.0.1:0\", side: world}\n"
               "    - {at: \"127.0.0.1:0\", side: inside, clients: [127.0.0.0/8]}\n"
               "  deliver: {inside: \"maildir:" +
                   root + "/inside\", world: \"maildir:" + root +
                   "/world\"}\n"
                   "storage: {directory: " +
                   root + "/data, key_encryption_key: " + root + "/kek}\n" + more);
  }

  TemporaryDirectory folder_;
};

TEST_F(Reloads, ANewSectionOpenPgpNeedsARestart) {
  EXPECT_THAT(log_of_change("", openpgp("4")),
              AllOf(HasSubstr("event=reload_incomplete"), HasSubstr("plaintext_octets")));
}

TEST_F(Reloads, AChangedSectionOpenPgpNeedsARestart) {
  EXPECT_THAT(log_of_change(openpgp("4"), openpgp("2")), HasSubstr("event=reload_incomplete"));
}

TEST_F(Reloads, ARemovedSectionOpenPgpNeedsARestart) {
  EXPECT_THAT(log_of_change(openpgp("4"), ""), HasSubstr("event=reload_incomplete"));
}

TEST_F(Reloads, WhatARunningRelayCanTakeUpNeedsNone) {
  const std::string log = log_of_change(openpgp("4"), openpgp("4") + "tags: {encrypt: [geheim]}\n");
  EXPECT_THAT(log, HasSubstr("event=reloaded"));
  EXPECT_THAT(log, Not(HasSubstr("event=reload_incomplete")));
}

}  // namespace
}  // namespace siegel::tests
