#include "gateway/transfer/own_uploads.h"

#include <exception>

#include "base/error.h"

namespace siegel::transfer {

OwnUploads::~OwnUploads() {
  try {
    // What a parcel has taken is no upload any more, and nothing happens to it.
    for (const LinkSecret& secret : secrets_) uploads_.cancel(secret);
  } catch (const std::exception&) {
    // The daemon sweeps them when their time is over.
  }
}

std::optional<Refusal> OwnUploads::put(const UploadWish& wish, const Source& source,
                                       const config::TransferSettings& settings) {
  auto begun = uploads_.begin(wish, settings);
  if (const auto* const refusal = std::get_if<Refusal>(&begun)) return *refusal;
  secrets_.push_back(std::move(std::get<LinkSecret>(begun)));
  fill(uploads_.find(secrets_.back()).value(), source);
  return std::nullopt;
}

void OwnUploads::fill(const Upload& upload, const Source& source) {
  SealedWriter writer(store_, upload.file());
  while (!writer.is_complete()) {
    const std::size_t got = source(writer.room());
    if (got == 0)
      throw Error(Fault::world, upload.name + " was cut short while it was read; send it again");
    writer.advance(got);
  }
  writer.sync();
}

std::vector<const LinkSecret*> OwnUploads::secrets() const {
  std::vector<const LinkSecret*> found;
  for (const LinkSecret& secret : secrets_) found.push_back(&secret);
  return found;
}

}  // namespace siegel::transfer
