#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "gateway/transfer/file_id.h"

namespace siegel::transfer {

/// Seam: where sealed octets lie. FileStore keeps them in a folder; an S3 store will. It knows
/// nothing of what they mean. Every function throws Error{world} if the store cannot do it now.
/// Thread-safe; one file has one Appending at a time.
class BlobStore {
 public:
  BlobStore() = default;
  BlobStore(const BlobStore&) = delete;
  BlobStore& operator=(const BlobStore&) = delete;
  virtual ~BlobStore() = default;

  /// A file that grows at its end only.
  class Appending {
   public:
    Appending() = default;
    Appending(const Appending&) = delete;
    Appending& operator=(const Appending&) = delete;
    virtual ~Appending() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    virtual void append(std::span<const char> octets) = 0;
    /// Takes away what lies behind the first `size` octets, such as a chunk that was torn.
    virtual void cut(std::uint64_t size) = 0;
    /// Fills `into` as far as the file goes, from octet `offset`; returns how much that was.
    virtual std::size_t read(std::uint64_t offset, std::span<char> into) const = 0;
    /// After it returns, all that was appended survives a power cut.
    virtual void sync() = 0;
  };

  class Reading {
   public:
    Reading() = default;
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    virtual ~Reading() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    virtual std::size_t read(std::uint64_t offset, std::span<char> into) const = 0;
  };

  /// The file, or a new and empty one.
  virtual std::unique_ptr<Appending> append(const FileId& file) = 0;
  /// nullptr if there is none. What is being read may be removed meanwhile and stays readable.
  [[nodiscard]] virtual std::unique_ptr<Reading> read(const FileId& file) const = 0;

  /// The begun chunk of an upload, beside its file: replaced as a whole, durable on return.
  virtual void put_tail(const FileId& file, std::string_view octets) = 0;
  /// Empty if there is none.
  [[nodiscard]] virtual std::string tail(const FileId& file) const = 0;

  /// The file and its tail; what is not there is no error.
  virtual void remove(const FileId& file) = 0;

  struct Stored {
    FileId file;
    Time changed;
  };
  /// All that is there, for what looks for files that no row knows any more.
  [[nodiscard]] virtual std::vector<Stored> list() const = 0;
  /// Octets that can still be stored.
  [[nodiscard]] virtual std::uint64_t free_octets() const = 0;
};

}  // namespace siegel::transfer
