#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <gpgme.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/handle.h"
#include "pki/secret.h"

/// The edge to GpgME: owners of its objects, octets in and out, and its errors as ours. For the
/// files of Gpg only.
namespace siegel::pki::gpg {

using Context = Handle<gpgme_context, gpgme_release>;
using KeyHandle = Handle<_gpgme_key, gpgme_key_unref>;

/// Before anything else; once is enough. Throws Error{ours} with what to do if gpg is missing or
/// too old.
void start();

/// For gpg in this home: armoured, offline, asks nobody. One thread at a time.
[[nodiscard]] Context make_context(const std::filesystem::path& home);

/// What an error means to us: its code without its source.
[[nodiscard]] gpgme_err_code_t code(gpgme_error_t error);
/// gpg itself cannot do its work.
[[nodiscard]] Error failure(gpgme_error_t error, std::string_view what);
/// Throws failure() unless all went well.
void demand(gpgme_error_t error, std::string_view what);

/// Octets that gpg reads; they must outlive it. Nothing is copied.
class Source {
 public:
  explicit Source(std::string_view octets);
  explicit Source(const Octets& octets);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();
  [[nodiscard]] gpgme_data_t data() const { return data_; }

 private:
  static ssize_t read(void* self, void* buffer, std::size_t size);
  void open();

  std::string_view whole_;
  const Octets* octets_ = nullptr;
  std::size_t slice_ = 0, at_ = 0;
  gpgme_data_t data_ = nullptr;
};

/// Octets that gpg writes, up to a limit: then gpg is told that there is no more room, and ends.
/// Never gpg's own max-output, by which it cuts and reports success (STANDARDS §0.9).
class Sink {
 public:
  explicit Sink(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  /// Cleanses what was not taken.
  ~Sink();
  [[nodiscard]] gpgme_data_t data() const { return data_; }
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] std::string take() { return std::move(octets_); }

 private:
  static ssize_t write(void* self, const void* buffer, std::size_t size);

  std::uint64_t limit_;
  bool over_ = false;
  std::string octets_;
  gpgme_data_t data_ = nullptr;
};

}  // namespace siegel::pki::gpg
