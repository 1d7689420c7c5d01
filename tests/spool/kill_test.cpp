// A real process, really killed (SIGKILL) at moments that a fixed seed chooses.

#include <array>
#include <csignal>
#include <random>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/spool/crash_message.h"
#include "tests/spool/fixture.h"

namespace siegel::tests {
namespace {

using spool::Spool;

/// The child with the reading end of its standard output.
class Child {
 public:
  explicit Child(const std::filesystem::path& spool) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe", errno);
    output_ = ends[0];
    id_ = ::fork();
    if (id_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(SIEGEL_CRASH_CHILD, SIEGEL_CRASH_CHILD, spool.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { ::close(output_); }

  /// Kills it after so many octets of output and so many microseconds; all that it said.
  std::string kill_after(std::size_t octets, std::chrono::microseconds wait) {
    std::string said;
    while (said.size() < octets && read_some(said)) {
    }
    ::usleep(static_cast<useconds_t>(wait.count()));
    ::kill(id_, SIGKILL);
    while (read_some(said)) {
    }
    ::waitpid(id_, nullptr, 0);
    return said;
  }

 private:
  [[nodiscard]] bool read_some(std::string& said) const {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(output_, buffer.data(), buffer.size());
    if (got > 0) said.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int output_ = -1;
  pid_t id_ = -1;
};

/// Ids of complete lines "<what> <id>".
std::set<std::string> said_of(const std::string& what, const std::string& output) {
  std::set<std::string> found;
  std::istringstream lines(output.substr(0, output.rfind('\n') + 1));
  for (std::string word, id; lines >> word >> id;) {
    if (word == what) found.insert(id);
  }
  return found;
}

TEST(SpoolKill, R07_WhatWasCommittedIsThereAndWholeWhereverTheProcessDied) {
  std::mt19937 dice(20261121);
  std::size_t committed = 0;
  for (int round = 0; round < 60; ++round) {
    const TemporaryDirectory folder;
    Child child(folder.path());
    const std::string output =
        child.kill_after(1 + dice() % 600, std::chrono::microseconds(dice() % 3000));

    PosixDisk disk;
    Spool spool(disk, folder.path());
    const auto items = spool.list();
    std::set<std::string> there;
    for (const spool::Item& item : items) {
      const std::string& id = item.consignment.envelope.id;
      there.insert(item.id);
      EXPECT_EQ(message_of(spool, item.id), crash_message(id)) << "torn: " << item.id;
    }
    const auto finished = said_of("finished", output);
    for (const std::string& id : said_of("committed", output)) {
      ++committed;
      EXPECT_TRUE(there.contains(id + ".2")) << "lost: " << id;
      if (id.front() < '8') {  // the child leaves these alone
        EXPECT_TRUE(there.contains(id + ".1")) << "lost: " << id;
      }
      EXPECT_FALSE(finished.contains(id) && there.contains(id + ".1")) << "came back: " << id;
    }
    EXPECT_TRUE(spool.take_damaged().empty());
    EXPECT_TRUE(disk.list(folder / "incoming").empty());
  }
  EXPECT_GT(committed, 60U) << "the child was killed before it did anything";
}

}  // namespace
}  // namespace siegel::tests
