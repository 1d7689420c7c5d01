#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Net/StreamSocket.h>

#include "gateway/smtp/stop_signal.h"
#include "gateway/smtp/tls.h"

namespace siegel::smtp {

/// One connection, plain or TLS, with buffered reading by lines and octets, buffered writing, and a
/// moment for everything after which it waits no longer. For one thread at a time.
class Channel {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  enum class State {
    ready,      ///< what was asked for has happened
    closed,     ///< the peer has gone
    timed_out,  ///< the moment is over
    stopping,   ///< the server ends, and the caller said that it leaves then
  };
  /// What a wait does when the server ends: give up at once, or go on up to the last moment.
  enum class OnStop { leave, finish };
  struct Patience {
    Moment until;
    OnStop on_stop = OnStop::finish;
  };

  struct Line {
    enum class End {
      crlf,        ///< a good line
      bare_lf,     ///< ended by LF alone
      over_limit,  ///< longer than the limit; what was too much is skipped
      none,        ///< no line came; `state` says why
    };
    End end = End::none;
    State state = State::ready;
    std::string text;  ///< without its end
  };

  /// `stop` may be null: then nothing but time ends a wait.
  explicit Channel(Poco::Net::StreamSocket socket, const StopSignal* stop = nullptr);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// Reads up to the next LF, at most `limit` octets without the line's end. Writes what is waiting
  /// to be written first.
  [[nodiscard]] Line read_line(std::size_t limit, const Patience& patience);
  /// Waits until received() is not empty. Writes what is waiting to be written first.
  [[nodiscard]] State await_octets(const Patience& patience);
  /// What has come and was not consumed.
  [[nodiscard]] std::string_view received() const { return std::string_view(in_).substr(taken_); }
  void consume(std::size_t octets);
  /// True if the peer has sent something that was not consumed, be it still in the kernel.
  [[nodiscard]] bool has_more_input();

  /// Kept until flush(), or the next read, so that replies to pipelined commands go together (RFC
  /// 2920 §3.2).
  void write(std::string_view octets) { out_ += octets; }
  [[nodiscard]] std::size_t waiting() const { return out_.size(); }
  [[nodiscard]] State flush(const Patience& patience);
  /// Writes what is waiting and closes. What the peer still sends is read for a moment and thrown
  /// away: otherwise the kernel answers it with a reset, which can destroy the last reply.
  void end(const Patience& patience);

  /// Turns the connection into a TLS one. The caller makes sure that nothing was received in clear
  /// text before. Nothing if it worked, or why not.
  [[nodiscard]] std::optional<std::string> start_tls(Tls tls, const Patience& patience);
  [[nodiscard]] bool is_tls() const { return tls_.has_value(); }

 private:
  [[nodiscard]] State wait(short events, const Patience& patience);
  [[nodiscard]] State receive(std::string& octets, const Patience& patience);
  [[nodiscard]] State send(std::string_view octets, const Patience& patience);
  [[nodiscard]] State fill(const Patience& patience);
  [[nodiscard]] State skip_line(const Patience& patience);

  Poco::Net::StreamSocket socket_;
  const StopSignal* stop_;
  std::optional<Tls> tls_;
  std::string in_;
  std::size_t taken_ = 0;     // of in_
  std::size_t searched_ = 0;  // of in_, without a LF
  std::string out_;
};

}  // namespace siegel::smtp
