#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include <Poco/Net/StreamSocket.h>
#include <sys/types.h>

#include "gateway/portal/patience.h"
#include "gateway/smtp/stop_signal.h"

namespace siegel::portal {

/// One connection, plain or TLS, on a socket that never blocks: all waiting happens in one place,
/// which knows until when, how fast the client has to be, and whether the server ends. Blocks the
/// calling thread; for one thread at a time.
class Channel {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  enum class State {
    ready,     ///< octets have moved
    closed,    ///< the client has gone
    late,      ///< the moment is over, or too little has moved
    stopping,  ///< the server ends
  };
  struct Got {
    State state = State::ready;
    std::size_t octets = 0;  ///< 0 only if the state is not `ready`
  };
  /// What a wait does when the server ends: give up at once, or go on up to its last moment.
  enum class OnStop { leave, finish };

  /// `socket` must not block; for TLS it is one that TlsContext::wrap has given.
  Channel(const Poco::Net::StreamSocket& socket, const smtp::StopSignal& stop);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// From now on all waits end at that moment.
  void allow_until(Moment until, OnStop on_stop);
  /// From now on waits go on while the client makes the progress that `patience` asks for.
  void expect_progress(const Patience& patience);

  /// Until further notice every wait ends as if the server did once this signal is raised too;
  /// nullptr: no more.
  void give_up_on(const smtp::StopSignal* signal) { given_up_on_ = signal; }

  /// Fills some of the span.
  [[nodiscard]] Got read(std::span<char> octets);
  /// Writes all of it.
  [[nodiscard]] State write(std::string_view octets);

  /// Says goodbye and closes. What the client still sends is read for a while, up to 4 MiB of it,
  /// and thrown away: otherwise the kernel answers it with a reset, which can destroy the last
  /// response.
  void end(std::chrono::milliseconds linger);
  /// Closes without goodbye, so that the client cannot take what it has got for the whole.
  void cut();

 private:
  enum class Step { moved, wants_input, wants_output, closed };
  [[nodiscard]] static Step tls_step(int result);
  [[nodiscard]] static Step plain_step(ssize_t result, Step wanted);
  [[nodiscard]] Step try_read(std::span<char> octets, std::size_t& count);
  [[nodiscard]] Step try_write(std::string_view octets, std::size_t& count);
  [[nodiscard]] State wait(Step wanted);
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  void count_waiting(std::chrono::steady_clock::duration waited);

  Poco::Net::StreamSocket socket_;
  const smtp::StopSignal& stop_;
  const smtp::StopSignal* given_up_on_ = nullptr;
  bool is_tls_;
  OnStop on_stop_ = OnStop::leave;
  Moment until_{};
  bool in_progress_ = false;  // judged by progress, not by until_
  Patience patience_;
  std::chrono::steady_clock::duration waited_{};
  std::uint64_t moved_ = 0;
};

}  // namespace siegel::portal
