#include "gateway/portal/tus_receiver.h"

#include <array>
#include <chrono>

#include "gateway/transfer/running_digest.h"

namespace siegel::portal::tus {
namespace {

using transfer::RunningDigest;
using transfer::SealedWriter;

/// Who announces no length may send one octet too many: it shows once the file is full.
bool has_more(Body& body) {
  std::array<char, 1> octet{};
  const auto got = body.try_read(octet);
  return got && *got > 0;
}

/// Waits for octets end once the turn is wanted by somebody else.
class Yielding {
 public:
  Yielding(const Body& body, const transfer::UploadTurns::Turn& turn) : body_(body) {
    body_.give_up_on(turn.wanted());
  }
  Yielding(const Yielding&) = delete;
  Yielding& operator=(const Yielding&) = delete;
  ~Yielding() { body_.leave_alone(); }

 private:
  const Body& body_;
};

/// Tells about once a minute that octets still come.
class Pulse {
 public:
  explicit Pulse(const std::function<void()>& still_coming) : still_coming_(still_coming) {}
  void beat() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::minutes(1);
    still_coming_();
  }

 private:
  const std::function<void()>& still_coming_;
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::minutes(1);
};

/// What the body holds, into the writer; not yet durable.
Received take(Body& body, SealedWriter& writer, std::optional<RunningDigest>& digest,
              const Surroundings& surroundings) {
  const Yielding yielding(body, surroundings.turn);
  Pulse pulse(surroundings.still_coming);
  while (!surroundings.turn.wanted().raised()) {
    const auto room = writer.room();
    if (room.empty()) return has_more(body) ? Received::too_much : Received::whole;
    const auto got = body.try_read(room);
    if (!got) return Received::broken_off;
    if (*got == 0) return Received::whole;
    if (digest) digest->add(room.first(*got));
    writer.advance(*got);
    pulse.beat();
  }
  return Received::broken_off;
}

}  // namespace

Received receive(Body& body, SealedWriter& writer, const std::optional<Checksum>& checksum,
                 const Surroundings& surroundings) {
  if (body.length() && *body.length() > writer.left()) return Received::too_much;
  if (writer.is_complete()) return has_more(body) ? Received::too_much : Received::whole;
  const auto mark = writer.mark();
  auto digest = checksum ? RunningDigest::of(checksum->algorithm) : std::nullopt;
  Received received = take(body, writer, digest, surroundings);
  if (digest && received == Received::whole && digest->finish() != checksum->digest)
    received = Received::wrong_checksum;
  const bool is_unsure = digest.has_value() && received == Received::broken_off;
  if (is_unsure || received == Received::too_much || received == Received::wrong_checksum)
    writer.return_to(mark);
  writer.sync();
  return received;
}

}  // namespace siegel::portal::tus
