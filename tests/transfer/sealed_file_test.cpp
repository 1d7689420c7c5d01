#include "base/error.h"
#include "tests/transfer/vault_fixture.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using transfer::chunk_octets;
using transfer::sealed_chunk_octets;
using transfer::SealedReader;
using transfer::SealedWriter;

class Lengths : public VaultTest, public testing::WithParamInterface<std::size_t> {};

TEST_P(Lengths, WhatWasStoredIsReadAgain) {
  const std::string octets = content(GetParam());
  store(octets);
  EXPECT_EQ(load(), octets);
}

TEST_P(Lengths, UploadInTwoPartsWithARestartBetweenThem) {
  const std::string octets = content(GetParam());
  length_ = octets.size();
  const std::size_t first = octets.size() * 2 / 3;
  {
    SealedWriter writer(store_, file());
    put(writer, octets.substr(0, first));
    writer.sync();
  }
  SealedWriter writer(store_, file());
  ASSERT_EQ(writer.offset(), first);
  put(writer, octets.substr(first));
  writer.sync();
  EXPECT_TRUE(writer.is_complete());
  EXPECT_EQ(load(), octets);
}

INSTANTIATE_TEST_SUITE_P(AroundTheChunks, Lengths,
                         testing::Values(0, 1, chunk_octets - 1, chunk_octets, chunk_octets + 1,
                                         3 * chunk_octets, 3 * chunk_octets + 17));

using SealedFileTest = VaultTest;

TEST_F(SealedFileTest, FileHoldsNothingOfItsContent) {
  store("Geburtsurkunde von Anna Muster" + content(200));
  EXPECT_THAT(read_file(blob()), Not(HasSubstr("Anna")));
}

TEST_F(SealedFileTest, RangeInTheMiddleReadsItsChunkOnly) {
  const std::string octets = content(5 * chunk_octets);
  store(octets);
  SealedReader reader(store_, file());
  const auto part = reader.read(2 * chunk_octets + 100);
  EXPECT_EQ(part, octets.substr(2 * chunk_octets + 100, chunk_octets - 100));
}

TEST_F(SealedFileTest, NothingStandsBehindTheEnd) {
  store("abc");
  SealedReader reader(store_, file());
  EXPECT_EQ(reader.read(2), "c");
  EXPECT_EQ(reader.read(3), "");
  EXPECT_EQ(reader.read(std::uint64_t{1} << 60U), "");
}

TEST_F(SealedFileTest, CompleteFileTakesNoMore) {
  store("abc");
  SealedWriter writer(store_, file());
  EXPECT_TRUE(writer.is_complete());
  EXPECT_EQ(writer.offset(), 3U);
  EXPECT_TRUE(writer.room().empty());
}

TEST_F(SealedFileTest, WholeChunksSurviveWithoutASync) {
  const std::string octets = content(3 * chunk_octets);
  length_ = octets.size();
  {
    SealedWriter writer(store_, file());
    put(writer, octets.substr(0, chunk_octets + 5));
  }
  EXPECT_EQ(SealedWriter(store_, file()).offset(), chunk_octets);
}

TEST_F(SealedFileTest, TornChunkIsCutOffAndWrittenAgain) {
  const std::string octets = content(3 * chunk_octets);
  length_ = octets.size();
  {
    SealedWriter writer(store_, file());
    put(writer, octets.substr(0, 2 * chunk_octets));
  }
  std::filesystem::resize_file(blob(), sealed_chunk_octets + 1000);
  SealedWriter writer(store_, file());
  ASSERT_EQ(writer.offset(), chunk_octets);
  put(writer, octets.substr(chunk_octets));
  writer.sync();
  EXPECT_EQ(load(), octets);
}

TEST_F(SealedFileTest, ChunkThatAPowerCutFilledWithZerosDoesNotCount) {
  length_ = 3 * chunk_octets;
  {
    SealedWriter writer(store_, file());
    put(writer, content(2 * chunk_octets));
  }
  std::filesystem::resize_file(blob(), sealed_chunk_octets);
  std::filesystem::resize_file(blob(), 2 * sealed_chunk_octets);
  EXPECT_EQ(SealedWriter(store_, file()).offset(), chunk_octets);
}

class Announced : public VaultTest, public testing::WithParamInterface<std::size_t> {};

TEST_P(Announced, LengthWasTheMostThatItCouldBe) {
  const std::string octets = content(GetParam());
  length_ = 10 * chunk_octets;
  SealedWriter writer(store_, file());
  put(writer, octets);
  EXPECT_EQ(writer.end_here(), octets.size());
  writer.sync();
  length_ = octets.size();
  EXPECT_TRUE(SealedWriter(store_, file()).is_complete());
  EXPECT_EQ(load(), octets);
}

INSTANTIATE_TEST_SUITE_P(AroundTheChunks, Announced,
                         testing::Values(0, 1, chunk_octets, chunk_octets + 1, 3 * chunk_octets,
                                         10 * chunk_octets));

TEST_F(SealedFileTest, ReturnToAMarkForgetsWhatCameSince) {
  const std::string octets = content(3 * chunk_octets);
  length_ = octets.size();
  SealedWriter writer(store_, file());
  put(writer, octets.substr(0, 100));
  const auto mark = writer.mark();
  put(writer, std::string(2 * chunk_octets, 'x'));
  writer.return_to(mark);
  EXPECT_EQ(writer.offset(), 100U);
  put(writer, octets.substr(100));
  writer.sync();
  EXPECT_EQ(load(), octets);
}

TEST_F(SealedFileTest, OldTailIsNotTakenForTheNextChunk) {
  const std::string octets = content(3 * chunk_octets);
  length_ = octets.size();
  SealedWriter first(store_, file());
  put(first, octets.substr(0, 100));
  first.sync();
  put(first, octets.substr(100, chunk_octets - 100));
  EXPECT_EQ(SealedWriter(store_, file()).offset(), chunk_octets);
}

// --- whoever has the disk can only destroy

class Attack : public VaultTest {
 protected:
  Attack() { store(content(4 * chunk_octets)); }

  void alter(const std::function<void(std::string&)>& change) const {
    std::string octets = read_file(blob());
    change(octets);
    write_file(blob(), octets);
  }
  void expect_damage() const {
    try {
      static_cast<void>(load());
      FAIL() << "was given out";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::ours);
      EXPECT_THAT(error.said(), HasSubstr("damaged"));
    }
  }
};

TEST_F(Attack, FlippedBitIsFound) {
  alter([](std::string& octets) { octets[octets.size() / 2] ^= 1; });
  expect_damage();
}

TEST_F(Attack, EachOctetOfNonceAndTagCounts) {
  const std::string whole = read_file(blob());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{11}, sealed_chunk_octets - 16, sealed_chunk_octets - 1}) {
    std::string octets = whole;
    octets[at] ^= 0x40;
    write_file(blob(), octets);
    expect_damage();
  }
}

TEST_F(Attack, SwappedChunksAreFound) {
  alter([](std::string& octets) {
    std::swap_ranges(octets.begin(), octets.begin() + sealed_chunk_octets,
                     octets.begin() + sealed_chunk_octets);
  });
  expect_damage();
}

TEST_F(Attack, MissingEndIsFound) {
  alter([](std::string& octets) { octets.resize(3 * sealed_chunk_octets); });
  expect_damage();
}

TEST_F(Attack, EndThatIsMovedForwardIsFound) {
  alter([](std::string& octets) { octets.erase(0, sealed_chunk_octets); });
  length_ = 3 * chunk_octets;  // a database that was altered to fit
  expect_damage();
}

TEST_F(Attack, FileCutWithItsLengthInTheDatabaseIsFound) {
  alter([](std::string& octets) { octets.resize(3 * sealed_chunk_octets); });
  length_ = 3 * chunk_octets;
  expect_damage();
}

TEST_F(Attack, ChunkOfAnotherFileUnderTheSameKeyIsFound) {
  const std::string ours = read_file(blob());
  id_ = transfer::FileId::make();
  store(content(4 * chunk_octets));
  alter([&](std::string& octets) {
    octets.replace(0, sealed_chunk_octets, ours, 0, sealed_chunk_octets);
  });
  expect_damage();
}

TEST_F(Attack, MissingFileIsNoCrash) {
  std::filesystem::remove(blob());
  EXPECT_THROW(static_cast<void>(load()), Error);
}

}  // namespace
}  // namespace siegel::tests
