#include "pki/hurried_socket.h"

#include <Poco/Net/NetException.h>
#include <fcntl.h>
#include <sys/socket.h>

namespace siegel::pki {

void HurriedSocket::connect_to(const Poco::Net::SocketAddress& address) {
  connect(address, left());
  setSendTimeout(left());
}

void HurriedSocket::leave_waiting_to_poll() {
  // Poco's setBlocking() would tell Poco too, and it would stop to poll.
  const int flags = ::fcntl(sockfd(), F_GETFL);
  if (flags < 0 || ::fcntl(sockfd(), F_SETFL, flags | O_NONBLOCK) != 0)
    throw Poco::Net::NetException("the socket cannot be set up");
}

int HurriedSocket::receiveBytes(void* buffer, int length, int flags) {
  if (!poll({}, SELECT_READ)) throw Poco::TimeoutException();
  return StreamSocketImpl::receiveBytes(buffer, length, flags);
}

int HurriedSocket::sendBytes(const void* buffer, int length, int flags) {
  return StreamSocketImpl::sendBytes(buffer, length, flags | MSG_NOSIGNAL);
}

bool HurriedSocket::poll(const Poco::Timespan& /*timeout*/, int mode) {
  return StreamSocketImpl::poll(left(), mode);
}

Poco::Timespan HurriedSocket::left() const {
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(
      deadline_ - std::chrono::steady_clock::now());
  if (rest.count() <= 0) throw Poco::TimeoutException();
  return {rest.count()};
}

}  // namespace siegel::pki
