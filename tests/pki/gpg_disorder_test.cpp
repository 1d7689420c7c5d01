// What goes wrong around gpg: its agent is killed, its folder emptied, its input damaged, everybody
// comes at once.

#include <atomic>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/pki/gpg_citizen.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;

class GpgDisorder : public GpgCitizen {
 protected:
  [[nodiscard]] std::filesystem::path home() const {
    for (const auto& entry : std::filesystem::directory_iterator(bench_.directory()))
      return entry.path();
    return {};
  }
  [[nodiscard]] bool opens(const std::string& message) const {
    return bench_->decrypt(message, {}).content == "geheim";
  }
  /// Signs and verifies, encrypts and decrypts.
  [[nodiscard]] bool works() const {
    const auto made = bench_->sign(Octets(Blob(text)), bauamt_);
    const auto found = bench_->verify(made.armoured, text, std::span(&bauamt_, 1));
    return found.size() == 1 && found[0].outcome == Mark::good &&
           opens(bench_->encrypt(Octets(Blob("geheim")), std::span(&bauamt_, 1), now()));
  }
};

TEST_F(GpgDisorder, AnAgentThatWasKilledIsStartedAgain) {
  ASSERT_TRUE(works());
  const int agent = agent_of(home());
  ASSERT_GT(agent, 0);
  ::kill(agent, SIGKILL);
  EXPECT_TRUE(works());
}

TEST_F(GpgDisorder, AnAgentThatIsKilledInMidOperationCostsNoMessage) {
  const std::string message = encrypted("geheim");
  ASSERT_TRUE(opens(message));
  std::atomic<int> opened = 0, failed_as_world = 0, wrong = 0, running = 4;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&] {
        for (int n = 0; n < 10; ++n) {
          try {
            ++(opens(message) ? opened : wrong);
          } catch (const Error& error) {
            if (error.fault() != Fault::world) ADD_FAILURE() << error.what();
            ++(error.fault() == Fault::world ? failed_as_world : wrong);
          }
        }
        --running;
      });
    }
    while (running > 0) {
      if (const int agent = agent_of(home()); agent > 0) ::kill(agent, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(opened + failed_as_world, 40);
  EXPECT_GT(opened, 0);
  EXPECT_TRUE(opens(message));
}

TEST_F(GpgDisorder, AnEmptiedFolderIsMadeAnew) {
  ASSERT_TRUE(works());
  for (const auto& entry : std::filesystem::directory_iterator(home()))
    std::filesystem::remove_all(entry.path());
  EXPECT_TRUE(works());
  std::filesystem::remove_all(bench_.directory());
  EXPECT_TRUE(works());
}

TEST_F(GpgDisorder, LostKeysAreBroughtAgain) {
  ASSERT_TRUE(works());
  std::filesystem::remove_all(home() / "private-keys-v1.d");
  EXPECT_TRUE(works());
  std::filesystem::remove(home() / "pubring.kbx");
  EXPECT_TRUE(works());
}

TEST_F(GpgDisorder, TwoThreadsWorkSideBySide) {
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 2; ++i) {
      workers.emplace_back([&] {
        for (int n = 0; n < 15; ++n) done += works() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(done, 30);
}

TEST_F(GpgDisorder, AFolderWithTooLongANameIsRefusedWithAWord) {
  try {
    const pki::Gpg gpg({.directory = "/tmp/" + std::string(100, 'x')}, {});
    FAIL() << "was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::ours);
    EXPECT_THAT(error.said(), HasSubstr("at most 80 octets"));
  }
}

TEST_F(GpgDisorder, NothingStaysBehind) {
  const TemporaryDirectory folder;
  int agent = 0;
  {
    const pki::Gpg gpg({.directory = folder / "g"}, {});
    static_cast<void>(gpg.make(*Address::parse("a@b.example"), "", {}, std::chrono::hours(1)));
    EXPECT_FALSE(std::filesystem::is_empty(folder / "g"));
    for (const auto& entry : std::filesystem::directory_iterator(folder / "g")) {
      EXPECT_EQ(entry.status().permissions(), std::filesystem::perms::owner_all);
      agent = agent_of(entry.path());
    }
  }
  EXPECT_EQ(agent, 0);  // the home in which the key was made is gone with its agent
  EXPECT_TRUE(std::filesystem::is_empty(folder / "g"));
}

// --- damaged input

class GpgDamage : public GpgDisorder {
 protected:
  /// `octets` cut off and altered, `count` times each, at places all over it.
  static std::vector<std::string> damaged(const std::string& octets, std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = i * octets.size() / count;
      all.push_back(octets.substr(0, at));
      all.push_back(octets);
      all.back()[at] = static_cast<char>(all.back()[at] ^ (1 << i % 8));
    }
    return all;
  }
};

TEST_F(GpgDamage, KeysAreReadOrLeftOutWithAWord) {
  for (const std::string& each : damaged(anna_.exported(anna_id_), 60)) {
    const auto read = bench_->read(each, {});
    EXPECT_NE(read.keys.empty(), read.trouble.empty());
    for (const auto& key : read.keys) EXPECT_FALSE(key.subkeys.empty());
  }
}

TEST_F(GpgDamage, SignaturesAreNotGood) {
  const std::string whole = anna_({"-u", anna_id_, "--detach-sign"}, text);
  const pki::OpenPgpKey key = anna();
  int good = 0, other = 0;
  for (const std::string& each : damaged(whole, 50)) {
    for (const auto& found : bench_->verify(each, text, std::span(&key, 1)))
      ++(found.outcome == Mark::good ? good : other);
  }
  // Only what no signature covers (RFC 4880 §5.2.3: the unhashed subpackets) may be altered.
  EXPECT_LT(good, 12);
  EXPECT_GT(other, 0);
}

TEST_F(GpgDamage, WhatGpgCallsDamagedIsNotTriedAgain) {
  int asked = 0;
  const TemporaryDirectory folder;
  const auto secret = [&](const std::string&) {
    ++asked;
    return std::optional(pki::Secret(bench_.secret_of(bauamt_)));
  };
  const auto all = [&] { return std::vector{bauamt_.fingerprint()}; };
  const pki::Gpg gpg({.directory = folder / "g"}, {secret, all});
  std::string message = encrypted(std::string(300, 'g'), {"--throw-keyids"});
  ASSERT_EQ(gpg.decrypt(message, {}).outcome, Sealed::opened);
  message[message.size() - 40] = static_cast<char>(message[message.size() - 40] ^ 1);
  const int once = asked;
  EXPECT_EQ(gpg.decrypt(message, {}).outcome, Sealed::failed);
  EXPECT_EQ(asked, once) << "with everything brought anew";
}

TEST_F(GpgDamage, MessagesAreNotOpened) {
  const std::string whole = encrypted(std::string(300, 'g'), {"--compress-algo", "none"});
  for (const std::string& each : damaged(whole, 40)) {
    const auto opened = bench_->decrypt(each, {});
    if (opened.outcome == Sealed::opened) {
      EXPECT_EQ(opened.content, std::string(300, 'g'));
    } else {
      EXPECT_EQ(opened.content, "");
    }
  }
}

}  // namespace
}  // namespace siegel::tests
