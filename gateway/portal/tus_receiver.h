#pragma once

#include <functional>
#include <optional>

#include "gateway/portal/body.h"
#include "gateway/portal/tus_request.h"
#include "gateway/transfer/sealed_file.h"
#include "gateway/transfer/upload_turns.h"

namespace siegel::portal::tus {

enum class Received {
  whole,           ///< the body came to its end
  broken_off,      ///< what came before is kept, unless a checksum was to be checked
  too_much,        ///< more than the upload announced; nothing of the body is kept
  wrong_checksum,  ///< nothing of the body is kept
};

/// What goes on around the octets of one part.
struct Surroundings {
  const transfer::UploadTurns::Turn& turn;  ///< given back as soon as somebody else wants it
  /// Called about once a minute while octets come: a slow client is no forgotten upload.
  std::function<void()> still_coming;
};

/// Takes one request's body into an upload, from the socket into the chunk that is being filled.
/// What was kept is durable on return, whatever happened. Throws Error{world} if the store cannot
/// take it.
[[nodiscard]] Received receive(Body& body, transfer::SealedWriter& writer,
                               const std::optional<Checksum>& checksum,
                               const Surroundings& surroundings);

}  // namespace siegel::portal::tus
