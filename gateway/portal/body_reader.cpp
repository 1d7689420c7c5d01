#include "gateway/portal/body_reader.h"

#include <algorithm>

namespace siegel::portal {

BodyReader::BodyReader(Channel& channel, Incoming& incoming, const Framing& framing,
                       Expects expects)
    : channel_(channel),
      incoming_(incoming),
      kind_(framing.kind),
      left_(framing.length),
      expects_(expects) {}

Body BodyReader::body() {
  const auto length = kind_ == Framing::Kind::length ? std::optional(left_) : std::nullopt;
  return {[this](std::span<char> octets) { return read(octets); }, length,
          [this](const smtp::StopSignal* signal) { channel_.give_up_on(signal); }};
}

bool BodyReader::is_finished() const {
  return kind_ == Framing::Kind::length ? left_ == 0 : chunks_.state() == Chunks::State::ended;
}

std::optional<std::size_t> BodyReader::read(std::span<char> octets) {
  if (is_finished()) return 0;
  if (state_ != Channel::State::ready || !go_ahead()) return std::nullopt;
  if (kind_ == Framing::Kind::length) {
    const auto count = read_data(octets, left_);
    if (count) left_ -= *count;
    return count;
  }
  if (chunks_.state() == Chunks::State::framing && !read_framing()) return std::nullopt;
  if (chunks_.state() == Chunks::State::ended) return 0;
  const auto count = read_data(octets, chunks_.left());
  if (count) chunks_.data_taken(*count);
  return count;
}

// Up to the next data or the end; false if there will be neither.
bool BodyReader::read_framing() {
  while (chunks_.state() == Chunks::State::framing) {
    if (incoming_.buffered().empty()) {
      state_ = incoming_.more();
      if (state_ != Channel::State::ready) return false;
    }
    incoming_.consume(chunks_.take(incoming_.buffered()));
  }
  return chunks_.state() != Chunks::State::bad;
}

std::optional<std::size_t> BodyReader::read_data(std::span<char> octets, std::uint64_t left) {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), left));
  const Channel::Got got = incoming_.read(octets.first(most));
  state_ = got.state;
  if (got.state != Channel::State::ready) return std::nullopt;
  return got.octets;
}

// Said when the handler wants the body, and only if the client has not begun with it (RFC 9110
// §10.1.1).
bool BodyReader::go_ahead() {
  const bool waits = expects_ == Expects::go_ahead && incoming_.buffered().empty();
  expects_ = Expects::nothing;
  if (waits) state_ = channel_.write("HTTP/1.1 100 Continue\r\n\r\n");
  return state_ == Channel::State::ready;
}

}  // namespace siegel::portal
