#include "gateway/portal/channel.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <Poco/Exception.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketImpl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

namespace siegel::portal {
namespace {

using Poco::Net::SecureStreamSocket;

constexpr std::size_t most_at_once = std::size_t{1} << 20U;
/// More than is under way on a fast line when a request is refused; who goes on after that would
/// have us swallow a whole file.
constexpr std::size_t thrown_away_at_most = std::size_t{4} << 20U;

// OpenSSL judges a result by what stands in the thread's error queue and in errno, and Poco tries
// again for ever if errno is an old EINTR.
void forget_old_errors() {
  ERR_clear_error();
  errno = 0;
}

}  // namespace

Channel::Channel(const Poco::Net::StreamSocket& socket, const smtp::StopSignal& stop)
    : socket_(socket), stop_(stop), is_tls_(socket_.secure()) {}

void Channel::allow_until(Moment until, OnStop on_stop) {
  until_ = until;
  on_stop_ = on_stop;
  in_progress_ = false;
}

void Channel::expect_progress(const Patience& patience) {
  patience_ = patience;
  on_stop_ = OnStop::finish;
  in_progress_ = true;
  waited_ = {};
  moved_ = 0;
}

// Poco's results: octets, 0 at the end, and below that what the socket waits for.
Channel::Step Channel::tls_step(int result) {
  if (result > 0) return Step::moved;
  if (result == 0) return Step::closed;
  return result == SecureStreamSocket::ERR_SSL_WANT_WRITE ? Step::wants_output : Step::wants_input;
}

Channel::Step Channel::plain_step(ssize_t result, Step wanted) {
  if (result > 0) return Step::moved;
  return result < 0 && (errno == EAGAIN || errno == EINTR) ? wanted : Step::closed;
}

Channel::Step Channel::try_read(std::span<char> octets, std::size_t& count) {
  const std::size_t room = std::min(octets.size(), most_at_once);
  if (is_tls_) {
    const int got = socket_.receiveBytes(octets.data(), static_cast<int>(room));
    count = static_cast<std::size_t>(std::max(0, got));
    return tls_step(got);
  }
  const ssize_t got = ::recv(socket_.impl()->sockfd(), octets.data(), room, 0);
  count = static_cast<std::size_t>(std::max<ssize_t>(0, got));
  return plain_step(got, Step::wants_input);
}

// Without TLS not by Poco, which throws where a socket that does not block is full.
Channel::Step Channel::try_write(std::string_view octets, std::size_t& count) {
  const std::size_t size = std::min(octets.size(), most_at_once);
  if (is_tls_) {
    const int sent = socket_.sendBytes(octets.data(), static_cast<int>(size));
    count = static_cast<std::size_t>(std::max(0, sent));
    return tls_step(sent);
  }
  const ssize_t sent = ::send(socket_.impl()->sockfd(), octets.data(), size, MSG_NOSIGNAL);
  count = static_cast<std::size_t>(std::max<ssize_t>(0, sent));
  return plain_step(sent, Step::wants_output);
}

Channel::Got Channel::read(std::span<char> octets) {
  try {
    while (true) {
      forget_old_errors();
      std::size_t count = 0;
      const Step step = try_read(octets, count);
      moved_ += count;
      if (step == Step::moved) return {State::ready, count};
      if (step == Step::closed) return {State::closed, 0};
      if (const State state = wait(step); state != State::ready) return {state, 0};
    }
  } catch (const Poco::Exception&) {  // reset, broken TLS: the client has gone
    return {State::closed, 0};
  }
}

Channel::State Channel::write(std::string_view octets) {
  try {
    while (!octets.empty()) {
      forget_old_errors();
      std::size_t count = 0;
      const Step step = try_write(octets, count);
      moved_ += count;
      octets.remove_prefix(count);
      if (step == Step::moved) continue;
      if (step == Step::closed) return State::closed;
      if (const State state = wait(step); state != State::ready) return state;
    }
    return State::ready;
  } catch (const Poco::Exception&) {
    return State::closed;
  }
}

std::chrono::milliseconds Channel::time_left() const {
  using std::chrono::ceil;
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  auto left = in_progress_ ? patience_.window - waited_ : until_ - now;
  if (stop_.raised()) left = std::min(left, stop_.last_moment() - now);
  return std::max(milliseconds(0),
                  ceil<milliseconds>(std::min<decltype(left)>(left, std::chrono::hours(1))));
}

void Channel::count_waiting(std::chrono::steady_clock::duration waited) {
  waited_ += waited;
  if (waited_ < patience_.window || moved_ < patience_.progress) return;
  waited_ = {};
  moved_ = 0;
}

Channel::State Channel::wait(Step wanted) {
  const short events = wanted == Step::wants_output ? POLLOUT : POLLIN;
  while (true) {
    const bool stopping = stop_.raised();
    if (stopping && on_stop_ == OnStop::leave) return State::stopping;
    if (given_up_on_ != nullptr && given_up_on_->raised()) return State::stopping;
    const auto left = time_left();
    if (left.count() == 0) return stopping ? State::stopping : State::late;
    const int other = given_up_on_ == nullptr ? -1 : given_up_on_->descriptor();
    std::array<pollfd, 3> watched{{{socket_.impl()->sockfd(), events, 0},
                                   {stopping ? -1 : stop_.descriptor(), POLLIN, 0},
                                   {other, POLLIN, 0}}};
    const auto before = std::chrono::steady_clock::now();
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    count_waiting(std::chrono::steady_clock::now() - before);
    if (watched[0].revents != 0) return State::ready;
    if (ready < 0 && errno != EINTR) return State::closed;
  }
}

void Channel::end(std::chrono::milliseconds linger) {
  try {
    forget_old_errors();
    if (is_tls_) socket_.shutdown();  // only close_notify, for this socket does not block
    const int descriptor = socket_.impl()->sockfd();
    ::shutdown(descriptor, SHUT_WR);
    allow_until(std::chrono::steady_clock::now() + linger, OnStop::leave);
    std::array<char, 4096> thrown_away{};
    for (std::size_t left = thrown_away_at_most; left > 0;) {
      const auto got = ::recv(descriptor, thrown_away.data(), thrown_away.size(), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
      if (got > 0) left -= std::min(left, static_cast<std::size_t>(got));
      if (time_left().count() == 0) break;
      if (got < 0 && wait(Step::wants_input) != State::ready) break;
    }
    socket_.close();
  } catch (const Poco::Exception&) {  // it has ended by itself
    return;
  }
}

void Channel::cut() {
  try {
    forget_old_errors();
    // Poco says goodbye for TLS when it closes; a socket that is shut down takes no more.
    if (is_tls_) ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
    socket_.setLinger(true, 0);  // a reset, and what waits in the kernel goes with it
    socket_.close();
  } catch (const Poco::Exception&) {
    return;
  }
}

}  // namespace siegel::portal
