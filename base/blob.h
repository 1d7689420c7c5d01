#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace siegel {

/// Immutable octets: heap memory, or a file mapped read-only. Cheap to copy (one shared_ptr), safe
/// to share between threads. Views into a Blob stay valid as long as any copy of it lives.
class Blob {
 public:
  /// No octets.
  Blob() = default;
  /// Takes over `octets`.
  explicit Blob(std::string octets);

  /// The file's octets; files above `map_threshold` are mapped, not read. The file must not be
  /// changed while the Blob lives (our spool never changes a file that it has written). Throws
  /// Error{world} if the file cannot be read.
  static Blob from_file(const std::filesystem::path& file);
  /// The same for an open file, such as one without a name. The descriptor stays the caller's and
  /// may be closed at once. `name` is for error texts.
  static Blob from_descriptor(int descriptor, const std::filesystem::path& name);
  static constexpr std::size_t map_threshold = std::size_t{1} << 20U;

  [[nodiscard]] std::string_view view() const noexcept { return view_; }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }

  /// The same memory, seen through a part of it. REQUIRES: `part` lies within view().
  [[nodiscard]] Blob slice(std::string_view part) const;

 private:
  Blob(std::shared_ptr<const void> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

/// Octets that are being composed: a sequence of Blob slices, so that wrapping 50 MB copies
/// nothing.
class Octets {
 public:
  Octets() = default;
  explicit Octets(Blob blob) { append(std::move(blob)); }

  Octets& append(Blob blob);
  Octets& append(std::string text) { return append(Blob(std::move(text))); }
  Octets& append(const Octets& more);

  [[nodiscard]] const std::vector<Blob>& slices() const noexcept { return slices_; }
  /// Total number of octets.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// One contiguous Blob; copies unless there is only one slice.
  [[nodiscard]] Blob join() const;

 private:
  std::vector<Blob> slices_;
  std::size_t size_ = 0;
};

}  // namespace siegel
