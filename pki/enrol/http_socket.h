#pragma once

#include <csignal>
#include <string>

#include <Poco/Net/SecureStreamSocketImpl.h>

#include "pki/enrol/http.h"
#include "pki/hurried_socket.h"

namespace siegel::pki::enrol {

/// The client's side of TLS over a HurriedSocket. Throws Error{world} if the server is not the one
/// that `rules` believe.
class TlsSocket final : public Poco::Net::SecureStreamSocketImpl {
 public:
  TlsSocket(HurriedSocket* connected, const HttpPlace& place, const TlsRules& rules);

  void shake_hands();

 protected:
  ~TlsSocket() override = default;

 private:
  std::string to_check_;
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
