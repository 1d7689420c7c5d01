#pragma once

#include <chrono>

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>

namespace siegel::pki {

/// A socket that knows by when all must be done: time-outs for each read would let a server that
/// sends one octet now and then hold us for ever. What is late throws Poco::TimeoutException.
class HurriedSocket final : public Poco::Net::StreamSocketImpl {
 public:
  explicit HurriedSocket(std::chrono::steady_clock::time_point deadline) : deadline_(deadline) {}

  /// Throws Poco::Exception.
  void connect_to(const Poco::Net::SocketAddress& address);
  /// From now on reads and writes of the descriptor never block, so that TLS above it has to come
  /// back to poll() each time.
  void leave_waiting_to_poll();

  using StreamSocketImpl::receiveBytes;
  using StreamSocketImpl::sendBytes;
  int receiveBytes(void* buffer, int length, int flags) override;
  int sendBytes(const void* buffer, int length, int flags) override;
  /// Waits until the deadline, whatever `timeout` says.
  bool poll(const Poco::Timespan& timeout, int mode) override;

 protected:
  ~HurriedSocket() override = default;

 private:
  [[nodiscard]] Poco::Timespan left() const;

  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace siegel::pki
