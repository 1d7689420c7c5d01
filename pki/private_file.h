#pragma once

#include <filesystem>
#include <string>

#include <fcntl.h>

#include "base/error.h"
#include "pki/secret.h"

namespace siegel::pki {

/// An open file; a symbolic link is not followed. Closed with its owner.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags);
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

/// A secret in a file: the key-encryption key, a PIN, a private key.
struct PrivateFile {
  std::string called;  ///< in error texts, before the path: "the key-encryption key"
  std::filesystem::path path;
  std::string if_missing;  ///< what to do if it cannot be read

  /// Its octets. Throws Error{ours} if it is missing, no regular file, not the owner's alone, of
  /// somebody else, or larger than `limit` octets. Never waits for a FIFO's writer.
  [[nodiscard]] Secret read(std::size_t limit = 256) const;
  /// "the key-encryption key /etc/siegel/kek …", printable.
  [[nodiscard]] Error error(const std::string& what_to_do) const;
  [[nodiscard]] Error error(const std::string& what_to_do, int error_number) const;
};

}  // namespace siegel::pki
