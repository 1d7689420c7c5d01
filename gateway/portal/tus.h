#pragma once

#include <functional>
#include <optional>

#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/portal/client_limits.h"
#include "gateway/portal/router.h"
#include "gateway/portal/tus_request.h"
#include "gateway/transfer/upload_turns.h"
#include "gateway/transfer/uploads.h"

namespace siegel::portal {

/// Uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation,
/// creation-with-upload, termination, checksum, expiration. Whoever knows an upload's URL may go on
/// with it; who may begin one says `owner`. Thread-safe.
///
/// A part with a checksum counts once its checksum is right. Whole chunks of such a part that had
/// come in when the machine died count too: nobody says that they are wrong.
class Tus {
 public:
  struct Rooms {
    const Current<config::Config>& config;
    transfer::BlobStore& store;
    transfer::Uploads& uploads;
    ClientLimits& limits;
    const Log& log;
  };
  struct Uploader {
    Address owner;             ///< of the upload
    bool is_stranger = false;  ///< a citizen, for one of our mailboxes
  };
  /// For whom the request may begin an upload: for itself if it is signed in, or for the mailbox
  /// whose page it comes from. Nothing: not at all.
  using Owner = std::function<std::optional<Uploader>(const Request&)>;

  Tus(Rooms rooms, Owner owner) : rooms_(rooms), owner_(std::move(owner)) {}

  /// All routes below /uploads. REQUIRES: this object lives longer than the router.
  void add_routes(Router& router);

 private:
  using Method = Response (Tus::*)(Request&);

  [[nodiscard]] Handler guarded(Method method);
  [[nodiscard]] Response options(Request& request);
  [[nodiscard]] Response create(Request& request);
  [[nodiscard]] Response state(Request& request);
  [[nodiscard]] Response append(Request& request);
  [[nodiscard]] Response terminate(Request& request);
  /// What a client names by X-HTTP-Method-Override counts, whatever method its proxy let through.
  [[nodiscard]] Response by_method(Request& request);

  [[nodiscard]] std::optional<transfer::Upload> upload_of(const Request& request) const;
  [[nodiscard]] Response receive(const transfer::Upload& upload, Request& request, int success);

  Rooms rooms_;
  Owner owner_;
  transfer::UploadTurns turns_;
};

}  // namespace siegel::portal
