#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/database.h"
#include "config/transfer.h"
#include "gateway/transfer/blob_store.h"
#include "gateway/transfer/link_secret.h"
#include "gateway/transfer/parcel.h"
#include "gateway/transfer/sealed_file.h"

namespace siegel::transfer {

struct UploadWish {
  Address owner;  ///< one of our addresses: who sends, or whom a citizen sends to
  std::string name, media_type;
  std::uint64_t octets = 0;
  std::string said{};  ///< all that the client told of it, in its own form; given back to it
  /// A citizen's: what strangers promise and do not send must not keep us from working.
  bool is_stranger = false;
};

/// A file on its way in.
struct Upload {
  std::string lookup;
  FileId id;
  pki::Secret key;
  Address owner;
  std::string name, media_type;
  std::uint64_t octets = 0;
  std::string said;
  Time expires{};

  [[nodiscard]] SealedFile file() const { return {id, key, octets}; }
};

/// Why a file is not taken.
enum class Refusal {
  file_too_large,  ///< for the settings
  owner_full,      ///< its owner keeps too much already
  store_full,      ///< all do, or the disk is nearly full
};

/// The files that are on their way in. How far each has come is known by the store alone; the rows
/// say whose it is and how it is sealed. Thread-safe.
class Uploads {
 public:
  /// The secret under which each is looked up; in the URL that a client goes on with.
  static constexpr std::string_view kind = "upload";

  /// All outlive it.
  Uploads(Database& database, BlobStore& store, const pki::Seal& seal, const Clock& clock);

  [[nodiscard]] std::variant<LinkSecret, Refusal> begin(const UploadWish& wish,
                                                        const config::TransferSettings& settings);
  /// Nothing for a wrong secret, and for one that was given up.
  [[nodiscard]] std::optional<Upload> find(const LinkSecret& secret) const;
  /// It was gone on with: its time begins anew. Returns when it ends.
  Time touch(const Upload& upload, const config::Lives& lives);
  /// It turned out to be so long; `upload` announced more.
  void settle(const Upload& upload, std::uint64_t octets);
  /// Takes it away with all that was received. Nothing to do is no error.
  void cancel(const LinkSecret& secret);
  /// Takes away those whose time has ended; returns how many.
  std::size_t sweep();

 private:
  Database& database_;
  BlobStore& store_;
  const pki::Seal& seal_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
