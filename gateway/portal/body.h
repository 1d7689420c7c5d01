#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "gateway/smtp/stop_signal.h"

namespace siegel::portal {

/// What a client sends with its request, pulled by the handler. Nobody else bounds its size: the
/// handler does. What it leaves unread costs the client its connection. For one thread.
class Body {
 public:
  /// Fills some of the span, which is not empty. 0: the end. Nothing: it will never come whole; the
  /// client has gone, is too slow, or breaks the framing.
  using Source = std::function<std::optional<std::size_t>(std::span<char>)>;

  /// Makes waiting for octets end, as if the client had gone, once the signal is raised; nullptr:
  /// no more.
  using Watch = std::function<void(const smtp::StopSignal*)>;

  Body() = default;
  /// @param length what Content-Length says; nothing for chunks
  Body(Source source, std::optional<std::uint64_t> length, Watch watch = {})
      : source_(std::move(source)), watch_(std::move(watch)), length_(length) {}
  /// A body that is there already.
  static Body of(std::string text);

  /// The announced length in octets; nothing if the client sends chunks.
  [[nodiscard]] std::optional<std::uint64_t> length() const noexcept { return length_; }

  /// Octets put into the span; 0 is the end of the body. Throws Error{peer} if the body breaks off:
  /// so nobody takes a part for the whole.
  std::size_t read(std::span<char> octets);
  /// The same for those who keep parts, such as uploads that can be resumed: nothing if the body
  /// breaks off.
  std::optional<std::size_t> try_read(std::span<char> octets);
  /// From now on no read waits any longer than until `signal` is raised: nobody hears of a client
  /// that has lost its network. REQUIRES: the signal lives until leave_alone().
  void give_up_on(const smtp::StopSignal& signal) const {
    if (watch_) watch_(&signal);
  }
  void leave_alone() const {
    if (watch_) watch_(nullptr);
  }
  /// All that is left of the body; nothing if that is more than `limit` octets (answer 413).
  /// Throws Error{peer} if the body breaks off.
  std::optional<std::string> text(std::size_t limit);

 private:
  Source source_;
  Watch watch_;
  std::optional<std::uint64_t> length_ = 0;
};

}  // namespace siegel::portal
