#include <sys/stat.h>

#include "tests/transfer/vault_fixture.h"

namespace siegel::tests {
namespace {

using transfer::FileId;
using FileStoreTest = VaultTest;

TEST_F(FileStoreTest, CVE_2026_2743_OnlyIdsOfOursNameFiles) {
  for (const char* text : {"", "../../../../etc/passwd", "0123456789abcdef0123456789abcde/",
                           "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef0"})
    EXPECT_FALSE(FileId::parse(text)) << text;
  EXPECT_TRUE(FileId::parse(FileId::make().str()));
}

TEST_F(FileStoreTest, OthersReadNothing) {
  store("abc");
  struct stat status {};
  ASSERT_EQ(::stat(blob().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007U, 0U);
  ASSERT_EQ(::stat((folder_ / "vault").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007U, 0U);
}

TEST_F(FileStoreTest, RemovedFileIsGoneWithItsTail) {
  length_ = 1000;
  transfer::SealedWriter writer(store_, file());
  put(writer, "abc");
  writer.sync();
  ASSERT_NE(store_.tail(id_), "");
  store_.remove(id_);
  EXPECT_EQ(store_.read(id_), nullptr);
  EXPECT_EQ(store_.tail(id_), "");
  store_.remove(id_);
}

TEST_F(FileStoreTest, DownloadThatRunsOutlivesTheRemoval) {
  store(content(300'000));
  transfer::SealedReader reader(store_, file());
  store_.remove(id_);
  EXPECT_EQ(reader.read(200'000).substr(0, 3), content(300'000).substr(200'000, 3));
}

TEST_F(FileStoreTest, ListsWhatIsThereAndNothingElse) {
  store("abc");
  write_file(blob().parent_path() / "stray.blob", "x");
  const auto found = store_.list();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().file, id_);
  EXPECT_GT(store_.free_octets(), 0U);
}

}  // namespace
}  // namespace siegel::tests
