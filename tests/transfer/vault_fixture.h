#pragma once

#include <string>

#include <gmock/gmock.h>

#include "gateway/transfer/file_store.h"
#include "gateway/transfer/sealed_file.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A store in a folder, and one file in it that is written and read in pieces.
class VaultTest : public ::testing::Test {
 protected:
  [[nodiscard]] transfer::SealedFile file() const { return {id_, key_, length_}; }

  /// Octets that are nowhere the same.
  static std::string content(std::size_t length) {
    std::string text;
    for (std::size_t i = 0; text.size() < length; ++i) text += std::to_string(i) + ' ';
    text.resize(length);
    return text;
  }

  /// Goes on from where the file stands; returns how many octets were taken.
  static std::size_t put(transfer::SealedWriter& writer, std::string_view octets) {
    std::size_t done = 0;
    while (done < octets.size()) {
      const auto room = writer.room();
      const std::size_t step = std::min(room.size(), octets.size() - done);
      if (step == 0) break;
      octets.copy(room.data(), step, done);
      writer.advance(step);
      done += step;
    }
    return done;
  }

  /// The whole file in one go.
  void store(const std::string& octets) {
    length_ = octets.size();
    transfer::SealedWriter writer(store_, file());
    EXPECT_EQ(put(writer, octets), octets.size());
    writer.sync();
    EXPECT_TRUE(writer.is_complete());
  }

  [[nodiscard]] std::string load() const {
    transfer::SealedReader reader(store_, file());
    std::string octets;
    for (auto part = reader.read(0); !part.empty(); part = reader.read(octets.size()))
      octets += part;
    return octets;
  }

  [[nodiscard]] std::filesystem::path blob() const {
    return folder_ / "vault" / id_.str().substr(0, 2) / (id_.str() + ".blob");
  }

  TemporaryDirectory folder_;
  transfer::FileStore store_{folder_ / "vault"};
  transfer::FileId id_ = transfer::FileId::make();
  pki::Secret key_ = transfer::ChunkCipher::make_key();
  std::uint64_t length_ = 0;
};

}  // namespace siegel::tests
