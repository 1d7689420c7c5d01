#include "gateway/smtp/channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <Poco/Net/SocketImpl.h>
#include <poll.h>
#include <sys/socket.h>

namespace siegel::smtp {
namespace {

constexpr std::size_t receive_size = 65536;
constexpr std::size_t skip_limit = std::size_t{1} << 20U;  // of a line that is too long anyway
constexpr std::chrono::seconds drain_time{1};

int milliseconds_until(Channel::Moment moment) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(moment - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp(left, milliseconds(0), milliseconds(3'600'000)).count());
}

int descriptor_of(const Poco::Net::StreamSocket& socket) {
  return socket.impl()->sockfd();
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

Channel::Channel(Poco::Net::StreamSocket socket, const StopSignal* stop)
    : socket_(std::move(socket)), stop_(stop) {
  socket_.setBlocking(false);
}

Channel::~Channel() {
  if (!tls_) return;
  tls_->close();
  const std::string goodbye = tls_->take_to_send();
  // Whether it arrives is of no interest: SMTP has its own end.
  static_cast<void>(::send(descriptor_of(socket_), goodbye.data(), goodbye.size(), MSG_NOSIGNAL));
}

Channel::State Channel::wait(short events, const Patience& patience) {
  while (true) {
    const bool stopped = stop_ != nullptr && stop_->raised();
    if (stopped && patience.on_stop == OnStop::leave) return State::stopping;
    const Moment until = stopped ? std::min(patience.until, stop_->last_moment()) : patience.until;
    std::array<pollfd, 2> watched{{{descriptor_of(socket_), events, 0},
                                   {stop_ == nullptr ? -1 : stop_->descriptor(), POLLIN, 0}}};
    const int seen = ::poll(watched.data(), stopped ? 1 : 2, milliseconds_until(until));
    if (seen < 0 && errno != EINTR) return State::closed;
    if (seen > 0 && watched[0].revents != 0) return State::ready;
    if (seen == 0 && std::chrono::steady_clock::now() >= until)
      return stopped ? State::stopping : State::timed_out;
  }
}

Channel::State Channel::receive(std::string& octets, const Patience& patience) {
  std::array<char, receive_size> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled
  while (true) {
    const ssize_t got = ::recv(descriptor_of(socket_), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      octets.append(buffer.data(), static_cast<std::size_t>(got));
      return State::ready;
    }
    if (got == 0) return State::closed;
    if (errno == EINTR) continue;
    if (!would_block()) return State::closed;
    if (const State state = wait(POLLIN, patience); state != State::ready) return state;
  }
}

Channel::State Channel::send(std::string_view octets, const Patience& patience) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(descriptor_of(socket_), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      octets.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block()) return State::closed;
    if (const State state = wait(POLLOUT, patience); state != State::ready) return state;
  }
  return State::ready;
}

Channel::State Channel::flush(const Patience& patience) {
  if (out_.empty()) return State::ready;
  const std::string octets = std::exchange(out_, {});
  // What is to be said is said to the end, even when the server stops.
  const Patience finishing{patience.until, OnStop::finish};
  if (!tls_) return send(octets, finishing);
  if (tls_->write(octets) != Tls::Progress::done) return State::closed;
  return send(tls_->take_to_send(), finishing);
}

void Channel::end(const Patience& patience) {
  if (flush(patience) != State::ready || !has_more_input()) return;
  ::shutdown(descriptor_of(socket_), SHUT_WR);
  const Patience short_while{
      std::min(patience.until, std::chrono::steady_clock::now() + drain_time)};
  std::string ignored;
  while (ignored.size() < skip_limit && receive(ignored, short_while) == State::ready) {
  }
}

// Appends at least one octet to in_, unless it says otherwise.
Channel::State Channel::fill(const Patience& patience) {
  in_.erase(0, taken_);
  searched_ -= std::min(searched_, taken_);
  taken_ = 0;
  if (!tls_) return receive(in_, patience);
  const std::size_t before = in_.size();
  while (true) {
    const Tls::Progress progress = tls_->read(in_);
    const std::string ciphertext = tls_->take_to_send();  // key updates, alerts
    if (const State state = send(ciphertext, patience); state != State::ready) return state;
    if (in_.size() > before) return State::ready;
    if (progress != Tls::Progress::wants_more) return State::closed;
    std::string received;
    if (const State state = receive(received, patience); state != State::ready) return state;
    tls_->put_received(received);
  }
}

Channel::State Channel::await_octets(const Patience& patience) {
  if (const State state = flush(patience); state != State::ready) return state;
  return received().empty() ? fill(patience) : State::ready;
}

void Channel::consume(std::size_t octets) {
  taken_ += octets;
  searched_ = std::max(searched_, taken_);
}

bool Channel::has_more_input() {
  if (!received().empty()) return true;
  char octet = 0;
  return ::recv(descriptor_of(socket_), &octet, 1, MSG_PEEK) > 0;
}

Channel::State Channel::skip_line(const Patience& patience) {
  for (std::size_t skipped = 0; skipped < skip_limit;) {
    const std::string_view octets = received();
    const auto end = octets.find('\n');
    skipped += octets.size();
    consume(end == std::string_view::npos ? octets.size() : end + 1);
    if (end != std::string_view::npos) return State::ready;
    if (const State state = fill(patience); state != State::ready) return state;
  }
  return State::closed;
}

Channel::Line Channel::read_line(std::size_t limit, const Patience& patience) {
  if (const State state = flush(patience); state != State::ready)
    return {Line::End::none, state, {}};
  while (true) {
    const auto end = in_.find('\n', searched_);
    if (end != std::string::npos) {
      std::string text = in_.substr(taken_, end - taken_);
      consume(text.size() + 1);
      const bool crlf = text.ends_with('\r');
      if (crlf) text.pop_back();
      if (text.size() > limit) return {Line::End::over_limit, State::ready, {}};
      return {crlf ? Line::End::crlf : Line::End::bare_lf, State::ready, std::move(text)};
    }
    searched_ = in_.size();
    if (in_.size() - taken_ > limit + 1) {  // one more: the CR of a line that just fits
      const State state = skip_line(patience);
      return {state == State::ready ? Line::End::over_limit : Line::End::none, state, {}};
    }
    if (const State state = fill(patience); state != State::ready)
      return {Line::End::none, state, {}};
  }
}

std::optional<std::string> Channel::start_tls(Tls tls, const Patience& patience) {
  if (flush(patience) != State::ready) return "the connection broke";
  while (true) {
    const Tls::Progress progress = tls.handshake();
    // An alert goes out even where the handshake has failed: it tells the peer why.
    if (send(tls.take_to_send(), patience) != State::ready) return "the connection broke";
    if (progress == Tls::Progress::done) break;
    if (progress != Tls::Progress::wants_more) return tls.failure();
    std::string received;
    const State state = receive(received, patience);
    if (state != State::ready)
      return state == State::timed_out ? "timeout in the TLS handshake" : "the peer broke off";
    tls.put_received(received);
  }
  tls_.emplace(std::move(tls));
  return std::nullopt;
}

}  // namespace siegel::smtp
