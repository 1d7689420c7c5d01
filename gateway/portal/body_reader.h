#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gateway/portal/body.h"
#include "gateway/portal/chunks.h"
#include "gateway/portal/incoming.h"
#include "gateway/portal/request_head.h"

namespace siegel::portal {

/// Whether the client waits for "100 Continue" before it sends its body (RFC 9110 §10.1.1).
enum class Expects { nothing, go_ahead };

/// Takes one request's body out of what the client sends, by its framing (RFC 9112 §6).
class BodyReader {
 public:
  BodyReader(Channel& channel, Incoming& incoming, const Framing& framing, Expects expects);
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  /// For the handler. REQUIRES: the reader lives longer.
  [[nodiscard]] Body body();
  /// True once the next octet belongs to another request.
  [[nodiscard]] bool is_finished() const;

 private:
  [[nodiscard]] std::optional<std::size_t> read(std::span<char> octets);
  [[nodiscard]] bool read_framing();
  [[nodiscard]] std::optional<std::size_t> read_data(std::span<char> octets, std::uint64_t left);
  [[nodiscard]] bool go_ahead();

  Channel& channel_;
  Incoming& incoming_;
  Framing::Kind kind_;
  std::uint64_t left_;  // of a body with a length
  Chunks chunks_;
  Expects expects_;
  Channel::State state_ = Channel::State::ready;
};

}  // namespace siegel::portal
