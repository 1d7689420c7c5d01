#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "gateway/transfer/uploads.h"

namespace siegel::transfer {

/// What a program of our own puts into the vault, such as the relay with an attachment. It is given
/// up again unless a parcel takes it. Not thread-safe.
class OwnUploads {
 public:
  /// Both outlive it.
  OwnUploads(Uploads& uploads, BlobStore& store) : uploads_(uploads), store_(store) {}
  OwnUploads(const OwnUploads&) = delete;
  OwnUploads& operator=(const OwnUploads&) = delete;
  ~OwnUploads();

  /// Puts octets into the span, which is not empty, and tells how many; 0 at the end.
  using Source = std::function<std::size_t(std::span<char>)>;

  /// One file, durable on return; or why it is not taken. Throws Error{world} if the source gives
  /// less than `wish` says.
  [[nodiscard]] std::optional<Refusal> put(const UploadWish& wish, const Source& source,
                                           const config::TransferSettings& settings);
  /// Of all that were put, for ParcelWish. They live as long as this object.
  [[nodiscard]] std::vector<const LinkSecret*> secrets() const;

 private:
  void fill(const Upload& upload, const Source& source);

  Uploads& uploads_;
  BlobStore& store_;
  std::vector<LinkSecret> secrets_;
};

}  // namespace siegel::transfer
