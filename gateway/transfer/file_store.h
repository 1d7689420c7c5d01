#pragma once

#include <filesystem>

#include "gateway/transfer/blob_store.h"

namespace siegel::transfer {

/// A folder of the operating system's file system: `ab/abcdef….blob` and `.tail`, by the file's id.
/// In a folder that a group may write to, as the relay and the portal share one, files and shelves
/// are that group's too; else they are their owner's alone.
class FileStore final : public BlobStore {
 public:
  /// Makes `directory` if it is not there. Throws Error{world}.
  explicit FileStore(std::filesystem::path directory);

  std::unique_ptr<Appending> append(const FileId& file) override;
  [[nodiscard]] std::unique_ptr<Reading> read(const FileId& file) const override;
  void put_tail(const FileId& file, std::string_view octets) override;
  [[nodiscard]] std::string tail(const FileId& file) const override;
  void remove(const FileId& file) override;
  [[nodiscard]] std::vector<Stored> list() const override;
  [[nodiscard]] std::uint64_t free_octets() const override;

 private:
  [[nodiscard]] std::filesystem::path path(const FileId& file, std::string_view ending) const;
  void make_shelf(const FileId& file) const;

  std::filesystem::path directory_;
};

}  // namespace siegel::transfer
