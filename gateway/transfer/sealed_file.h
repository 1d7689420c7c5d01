#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/transfer/blob_store.h"
#include "gateway/transfer/chunk_cipher.h"

namespace siegel::transfer {

/// What is needed to write or read a sealed file.
struct SealedFile {
  FileId id;
  const pki::Secret& key;
  std::uint64_t length = 0;  ///< plain octets; known from the beginning
};

/// What a complete file of `length` plain octets takes in the store.
[[nodiscard]] std::uint64_t sealed_length(std::uint64_t length);

/// Writes a sealed file from where it stands: after a broken connection or a kill -9, each whole
/// chunk that was written is there, and so is every octet before the last sync(). Not thread-safe;
/// one at a time for each file. Throws Error{world} if the store cannot take it.
class SealedWriter {
 public:
  /// Goes to the end of what is there. A chunk that was torn, or does not open, is cut off.
  SealedWriter(BlobStore& store, const SealedFile& file);

  /// Plain octets that the file holds so far.
  [[nodiscard]] std::uint64_t offset() const noexcept { return begin_of_chunk() + filled_; }
  /// Octets that it still takes.
  [[nodiscard]] std::uint64_t left() const noexcept { return length_ - offset(); }
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

  /// Where the next octets are put: never more than the chunk and the file still take. Empty once
  /// the file is complete.
  [[nodiscard]] std::span<char> room() noexcept;
  /// So many octets were put there. REQUIRES: no more than room() had.
  void advance(std::size_t octets);
  /// The file ends here: the length that was announced was only the most that it could have.
  /// Returns the length that it has.
  std::uint64_t end_here();

  /// Where it stands, to come back to.
  struct Mark {
    std::uint64_t index = 0;
    std::vector<char> begun;
  };
  /// REQUIRES: the file is not complete.
  [[nodiscard]] Mark mark() const;
  /// Forgets what was put there since.
  void return_to(const Mark& mark);

  /// Durable from here on: offset() will be the same after a crash.
  void sync();

 private:
  [[nodiscard]] std::uint64_t begin_of_chunk() const noexcept { return index_ * chunk_octets; }
  [[nodiscard]] std::size_t octets_of_chunk(std::uint64_t index) const noexcept;
  [[nodiscard]] ChunkPlace place(std::uint64_t index) const noexcept;
  [[nodiscard]] bool opens(std::uint64_t index);
  void go_to_end();
  void take_tail();
  void flush();

  BlobStore& store_;
  FileId id_;
  std::uint64_t length_;
  ChunkCipher cipher_;
  std::unique_ptr<BlobStore::Appending> blob_;
  std::uint64_t index_ = 0;  // of the chunk that is being filled
  std::size_t filled_ = 0;   // octets of it
  bool is_complete_ = false;
  std::vector<char> plain_, sealed_;
};

/// Reads a complete sealed file from any place. Not thread-safe.
class SealedReader {
 public:
  /// Throws Error{world} if the store does not have the file.
  SealedReader(const BlobStore& store, const SealedFile& file);

  /// The octets from `offset` to the end of its chunk; none behind the end of the file. They stay
  /// until the next call. Throws Error{ours} if they are not what was sealed: altered, cut,
  /// swapped.
  [[nodiscard]] std::string_view read(std::uint64_t offset);

 private:
  void open(std::uint64_t index);

  FileId id_;
  std::uint64_t length_;
  ChunkCipher cipher_;
  std::unique_ptr<BlobStore::Reading> blob_;
  std::optional<std::uint64_t> open_;  // the chunk in plain_
  std::vector<char> plain_, sealed_;
};

}  // namespace siegel::transfer
