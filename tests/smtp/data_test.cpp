// Both halves of the transparency procedure, against each other and alone.

#include <csignal>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "gateway/smtp/data_reader.h"
#include "gateway/smtp/dot_stuffer.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using smtp::DataReader;
using smtp::DotStuffer;
using namespace std::string_literals;

class DataTest : public testing::Test {
 protected:
  /// Feeds `wire` in pieces of `piece` octets; returns the octets behind the end.
  std::string read(std::string_view wire, std::size_t piece = SIZE_MAX) {
    while (!wire.empty() && !reader_.finished()) {
      const std::size_t size = std::min(piece, wire.size());
      const std::size_t taken = reader_.feed(wire.substr(0, size));
      wire.remove_prefix(taken);
      if (taken < size) break;
    }
    return std::string(wire);
  }
  [[nodiscard]] std::string taken() { return std::string(reader_.take().view()); }

  TemporaryDirectory directory_;
  DataReader reader_{std::uint64_t{64} << 20U, directory_.path()};
};

std::string stuffed(std::string_view message, std::size_t piece = SIZE_MAX) {
  DotStuffer stuffer;
  std::string wire;
  for (std::size_t i = 0; i < message.size(); i += std::min(piece, message.size()))
    stuffer.append(message.substr(i, piece), wire);
  stuffer.finish(wire);
  return wire;
}

TEST_F(DataTest, DotsAreUnstuffedAndWhatFollowsIsLeft) {
  EXPECT_EQ(read("..a\r\n.b\r\n\r\n..\r\n.\r\nQUIT\r\n"), "QUIT\r\n");
  EXPECT_TRUE(reader_.finished() && !reader_.refusal());
  EXPECT_EQ(taken(), ".a\r\nb\r\n\r\n.\r\n");
}

TEST_F(DataTest, AnEmptyMessageIsOne) {
  EXPECT_EQ(read(".\r\n"), "");
  EXPECT_TRUE(reader_.finished());
  EXPECT_EQ(taken(), "");
}

TEST_F(DataTest, WhereNoFileCanBeMadeMemoryTakesItsPlace) {
  DataReader reader(std::uint64_t{64} << 20U, "/nonexistent");
  const std::string large(Blob::map_threshold + 10, 'x');
  reader.feed(large + "\r\n.\r\n");
  ASSERT_TRUE(reader.finished());
  EXPECT_TRUE(reader.take().view() == large + "\r\n");
}

/// The largest file that this process may write, for as long as this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t octets) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{octets, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(DataTest, ADiskThatRefusesIsToldAfterTheEnd) {
  const FileSizeLimit full(Blob::map_threshold + 100);
  EXPECT_EQ(read(std::string(2 * Blob::map_threshold, 'x') + "\r\n.\r\nQUIT\r\n"), "QUIT\r\n");
  ASSERT_TRUE(reader_.finished());
  try {
    static_cast<void>(reader_.take());
    FAIL() << "the message was cut";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::world);
  }
}

TEST_F(DataTest, TheLimitCountsRealOctets) {
  DataReader reader(5, directory_.path());
  reader.feed("..34\r\n.\r\n");
  EXPECT_TRUE(reader.finished() && !reader.refusal());
  DataReader second(4, directory_.path());
  second.feed("..34\r\n.\r\n");
  EXPECT_EQ(second.refusal()->str(), "552 5.3.4 message larger than 4 octets");
}

struct Smuggle {
  std::string name, sequence;
};

const Smuggle inbound[] = {
    {"LF_dot_LF", "\n.\n"},
    {"LF_dot_CR", "\n.\r"},
    {"CR_dot_LF", "\r.\n"},
    {"CR_dot_CR", "\r.\r"},
    {"LF_dot_CRLF", "\n.\r\n"},
    {"CR_dot_CRLF", "\r.\r\n"},
    {"NUL_dot", "\r\n\0.\r\n"s},
    {"CRLF_dot_CR", "\r\n.\r"},
    {"CRLF_dot_LF", "\r\n.\n"},
    {"CRLF_dot_CRCRLF", "\r\n.\r\r\n"},
    {"CRCRLF_dot_CRCRLF", "\r\r\n.\r\r\n"},
};

class R41 : public DataTest, public testing::WithParamInterface<Smuggle> {};

TEST_P(R41, IsNeitherAnEndNorTaken) {
  for (std::size_t piece : {1U, 2U, 3U, 1000U}) {
    DataReader reader(1000, directory_.path());
    const std::string wire =
        "text" + GetParam().sequence + "MAIL FROM:<evil@remote.example>\r\n.\r\nQUIT\r\n";
    std::size_t taken = 0;
    for (std::size_t i = 0; i < wire.size() && !reader.finished(); i += piece)
      taken += reader.feed(std::string_view(wire).substr(i, piece));
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(wire.substr(taken), "QUIT\r\n") << "ended in the wrong place";
    EXPECT_EQ(reader.refusal()->code, 554);
  }
}

TEST_P(R41, IsNeverSentByTheClient) {
  const std::string wire = stuffed("text" + GetParam().sequence + "more");
  EXPECT_EQ(wire.find("\r\n.\r\n"), wire.size() - 5);
  const std::string text = wire.substr(0, wire.size() - 5);  // but for the one true end
  for (const Smuggle& smuggle : inbound) {
    EXPECT_EQ(text.find(smuggle.sequence), std::string::npos) << smuggle.name;
  }
  EXPECT_EQ(read(wire), "");
  EXPECT_FALSE(reader_.refusal());
}

INSTANTIATE_TEST_SUITE_P(Sequences, R41, testing::ValuesIn(inbound),
                         [](const auto& sequence) { return sequence.param.name; });

// Property: whatever goes into the stuffer, a strict reader finds one end, at the end, and no bare
// line end before it; and a message with clean line ends comes out as it went in.
TEST_F(DataTest, R41_EverythingSentIsReadBackByAStrictReader) {
  std::mt19937 random(20261121);
  const std::string alphabet = "\r\n..\0a\n\r"s;
  for (int round = 0; round < 20000; ++round) {
    std::string message;
    for (std::size_t size = random() % 24; message.size() < size;)
      message += alphabet[random() % alphabet.size()];
    const std::string wire = stuffed(message, 1 + random() % 5);
    DataReader reader(1000, directory_.path());
    ASSERT_EQ(reader.feed(wire), wire.size());
    ASSERT_TRUE(reader.finished() && !reader.refusal()) << testing::PrintToString(message);
    ASSERT_EQ(wire, stuffed(message)) << "depends on how the octets were cut";
    ASSERT_EQ(wire, stuffed(reader.take().view())) << "is not stable";
  }
}

TEST_F(DataTest, R41_CleanMessagesComeBackOctetForOctet) {
  std::mt19937 random(7);
  const std::string_view words[] = {"\r\n", ".", "..", "a", "From ", "\xC3\xA4"};
  for (int round = 0; round < 5000; ++round) {
    std::string message;
    for (std::size_t i = random() % 12; i > 0; --i) message += words[random() % 6];
    message += "\r\n";
    DataReader reader(1000, directory_.path());
    const std::string wire = stuffed(message);
    for (std::size_t i = 0; i < wire.size(); i += 3)
      reader.feed(std::string_view(wire).substr(i, 3));
    ASSERT_TRUE(reader.finished() && !reader.refusal());
    ASSERT_EQ(reader.take().view(), message);
  }
}

TEST_F(DataTest, LargeMessagesGoThroughANamelessFile) {
  std::string message;
  for (std::size_t i = 0; message.size() < 3 * Blob::map_threshold; ++i)
    message += ".line " + std::to_string(i) + "\r\n";
  EXPECT_EQ(read(stuffed(message), 10000), "");
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
  EXPECT_TRUE(taken() == message);
}

TEST(FindLineOctet, FindsTheFirstOfEach) {
  EXPECT_EQ(smtp::find_line_octet("abc"), std::string_view::npos);
  EXPECT_EQ(smtp::find_line_octet(""), std::string_view::npos);
  EXPECT_EQ(smtp::find_line_octet("a\rb\n"), 1U);
  EXPECT_EQ(smtp::find_line_octet("ab\0\r"s), 2U);
  EXPECT_EQ(smtp::find_line_octet(std::string(10000, 'x') + "\n"), 10000U);
}

}  // namespace
}  // namespace siegel::tests
