#include "base/blob.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/error.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

class BlobFromFile : public testing::Test {
 protected:
  Blob stored(std::string_view octets) {
    write_file(directory_ / "file", octets);
    return Blob::from_file(directory_ / "file");
  }
  static Fault fault_of(const std::filesystem::path& file) {
    try {
      static_cast<void>(Blob::from_file(file));
    } catch (const Error& error) {
      return error.fault();
    }
    throw std::logic_error("no fault");
  }
  TemporaryDirectory directory_;
};

TEST(Blob, KeepsItsOctets) {
  const Blob blob(std::string("a\0b", 3));
  EXPECT_EQ(blob.view(), std::string_view("a\0b", 3));
  EXPECT_TRUE(Blob().empty());
  EXPECT_TRUE(Blob(std::string()).empty());
}

TEST(Blob, SliceOutlivesTheBlobItCameFrom) {
  Blob slice;
  {
    const Blob whole(std::string(1000, 'x') + "end");
    slice = whole.slice(whole.view().substr(1000));
  }
  EXPECT_EQ(slice.view(), "end");
}

TEST_F(BlobFromFile, SmallOnHeap) {
  EXPECT_EQ(stored("octets").view(), "octets");
  EXPECT_TRUE(stored("").empty());
}

TEST_F(BlobFromFile, AtAndAboveTheMapThreshold) {
  for (const std::size_t size : {Blob::map_threshold, Blob::map_threshold + 1}) {
    std::string octets(size, 'x');
    octets.back() = 'y';
    EXPECT_EQ(stored(octets).view(), octets) << size;
  }
}

TEST_F(BlobFromFile, MappedOctetsOutliveTheFilesName) {
  const Blob blob = stored(std::string(Blob::map_threshold * 2, 'm'));
  std::filesystem::remove(directory_ / "file");
  EXPECT_EQ(blob.view().back(), 'm');
  EXPECT_EQ(blob.size(), Blob::map_threshold * 2);
}

TEST_F(BlobFromFile, WhatIsNoFileIsAFaultOfTheWorld) {
  EXPECT_EQ(fault_of(directory_ / "missing"), Fault::world);
  EXPECT_EQ(fault_of(directory_.path()), Fault::world);
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(fault_of(directory_ / "pipe"), Fault::world);  // and does not wait for a writer
}

TEST(Octets, AreTheSumOfTheirSlices) {
  Octets octets;
  octets.append("one ").append(Blob()).append(Blob("two"));
  EXPECT_EQ(octets.size(), 7U);
  EXPECT_EQ(octets.slices().size(), 2U);
  EXPECT_EQ(octets.join().view(), "one two");
}

TEST(Octets, MayBeAppendedToThemselves) {
  Octets octets(Blob("ab"));
  octets.append("cd").append(octets);
  EXPECT_EQ(octets.join().view(), "abcdabcd");
}

TEST(Octets, JoiningOneSliceCopiesNothing) {
  const Blob blob(std::string(100, 'x'));
  EXPECT_EQ(Octets(blob).join().view().data(), blob.view().data());
  EXPECT_TRUE(Octets().join().empty());
}

}  // namespace
}  // namespace siegel::tests
