#pragma once

#include <chrono>
#include <csignal>
#include <string>

#include <Poco/Net/SecureStreamSocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>

#include "pki/enrol/http.h"

namespace siegel::pki::enrol {

/// A socket that knows by when all must be done: time-outs for each read would let a server that
/// sends one octet now and then hold us for ever.
class HurriedSocket final : public Poco::Net::StreamSocketImpl {
 public:
  explicit HurriedSocket(std::chrono::seconds time)
      : deadline_(std::chrono::steady_clock::now() + time) {}

  /// Throws Poco::Exception.
  void connect_to(const HttpPlace& place);
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

/// The client's side of TLS over a HurriedSocket. Throws Error{world} if the server is not the one
/// that `rules` believe.
class TlsSocket final : public Poco::Net::SecureStreamSocketImpl {
 public:
  TlsSocket(HurriedSocket* connected, const HttpPlace& place, const TlsRules& rules);

  void shake_hands();

 protected:
  ~TlsSocket() override = default;

 private:
  std::string distrust_;  // why the server's certificate is not believed
};

/// While it lives, writing to a connection that the server has closed is an error, no signal that
/// ends the program: TLS writes without MSG_NOSIGNAL.
class NoBrokenPipe {
 public:
  NoBrokenPipe();
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe();

 private:
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace siegel::pki::enrol
