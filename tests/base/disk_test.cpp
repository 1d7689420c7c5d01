#include "base/disk.h"

#include <csignal>
#include <functional>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Octets octets(std::string text) {
  return Octets(Blob(std::move(text)));
}

/// No file of this process may grow beyond `most`: a full disk for one test.
class FullDisk {
 public:
  explicit FullDisk(rlim_t most) {
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    static_cast<void>(std::signal(SIGXFSZ, before_handler_));
  }

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

class PosixDiskTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path at(const std::string& name) const {
    return directory_ / name;
  }
  static bool is_fault_of_world(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.fault() == Fault::world && !error.detail().empty();
    }
    return false;
  }
  [[nodiscard]] mode_t mode(const std::string& name) const {
    struct stat status {};
    ::stat(at(name).c_str(), &status);
    return status.st_mode & 0777U;
  }

  TemporaryDirectory directory_;
  PosixDisk disk_;
};

TEST_F(PosixDiskTest, WriteReadRenameRemove) {
  disk_.make_directory(at("item"));
  disk_.write(at("item/body"), octets("hello").append(" world"));
  disk_.sync_directory(at("item"));
  disk_.rename(at("item"), at("done"));
  disk_.sync_directory(directory_.path());
  EXPECT_EQ(disk_.read(at("done/body")).view(), "hello world");
  EXPECT_FALSE(disk_.exists(at("item")));
  disk_.remove(at("done"));
  EXPECT_FALSE(disk_.exists(at("done")));
}

TEST_F(PosixDiskTest, NobodyElseMayRead) {
  disk_.make_directory(at("folder"));
  disk_.write(at("file"), octets("secret"));
  EXPECT_EQ(mode("folder"), 0700U);
  EXPECT_EQ(mode("file"), 0600U);
}

TEST_F(PosixDiskTest, WhatRootWritesBelongsToTheOwnerOfTheFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(::chown(directory_.path().c_str(), 4711, 4712), 0);
  disk_.write(directory_ / "state", Octets(Blob("x")));
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "state").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 4711U);
  EXPECT_EQ(status.st_gid, 4712U);
}

TEST_F(PosixDiskTest, ListIsSortedAndAMissingFolderIsEmpty) {
  for (const auto* name : {"b", "c", "a"}) disk_.write(at(name), octets(name));
  EXPECT_THAT(disk_.list(directory_.path()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(disk_.list(at("missing")), IsEmpty());
}

TEST_F(PosixDiskTest, RenameReplacesAFileButNoFolderThatHoldsSomething) {
  disk_.write(at("new"), octets("new"));
  disk_.write(at("old"), octets("old"));
  disk_.rename(at("new"), at("old"));
  EXPECT_EQ(disk_.read(at("old")).view(), "new");
  disk_.make_directory(at("empty"));
  disk_.make_directory(at("full"));
  disk_.write(at("full/file"), octets("x"));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.rename(at("empty"), at("full")); }));
}

TEST_F(PosixDiskTest, WhatTheSystemRefusesIsAFaultOfTheWorld) {
  disk_.write(at("file"), octets("x"));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.write(at("file"), octets("y")); }));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.write(at("no/file"), octets("y")); }));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.make_directory(directory_.path()); }));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.rename(at("no"), at("yes")); }));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.sync_directory(at("no")); }));
  EXPECT_TRUE(is_fault_of_world([&] { disk_.sync_directory(at("file")); }));
  EXPECT_TRUE(is_fault_of_world([&] { static_cast<void>(disk_.read(at("no"))); }));
  EXPECT_TRUE(is_fault_of_world([&] { static_cast<void>(disk_.list(at("file"))); }));
  EXPECT_TRUE(is_fault_of_world([&] { static_cast<void>(disk_.free_octets(at("no"))); }));
  const auto too_long = directory_.path() / std::string(300, 'x');
  EXPECT_TRUE(is_fault_of_world([&] { static_cast<void>(disk_.exists(too_long)); }));
  EXPECT_EQ(disk_.read(at("file")).view(), "x");
}

TEST_F(PosixDiskTest, RemovingWhatIsNotThereIsNoFault) {
  EXPECT_NO_THROW(disk_.remove(at("missing")));
}

TEST_F(PosixDiskTest, FullDiskIsAFaultOfTheWorld) {
  const FullDisk full(4096);
  EXPECT_TRUE(is_fault_of_world([&] { disk_.write(at("big"), octets(std::string(8192, 'x'))); }));
}

TEST_F(PosixDiskTest, FreeOctetsAreKnown) {
  EXPECT_GT(disk_.free_octets(directory_.path()), 0U);
}

TEST_F(PosixDiskTest, ReplaceFileLeavesNothingBesideIt) {
  replace_file(disk_, at("file"), octets("old"));
  replace_file(disk_, at("file"), octets("new"));
  EXPECT_EQ(disk_.read(at("file")).view(), "new");
  EXPECT_THAT(disk_.list(directory_.path()), ElementsAre("file"));
}

TEST_F(PosixDiskTest, ReplaceFileOnAFullDiskKeepsTheOldOctetsAndNoRest) {
  replace_file(disk_, at("file"), octets("old"));
  const FullDisk full(4096);
  EXPECT_TRUE(
      is_fault_of_world([&] { replace_file(disk_, at("file"), octets(std::string(8192, 'x'))); }));
  EXPECT_EQ(disk_.read(at("file")).view(), "old");
  EXPECT_THAT(disk_.list(directory_.path()), ElementsAre("file"));
}

}  // namespace
}  // namespace siegel::tests
