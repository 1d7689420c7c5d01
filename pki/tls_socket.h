#pragma once

#include <csignal>
#include <string>

#include <Poco/Net/SecureStreamSocketImpl.h>

#include "pki/hurried_socket.h"
#include "pki/tls_rules.h"

namespace siegel::pki {

/// The client's side of TLS 1.2 or later over a HurriedSocket. Throws Error{world} if the server is
/// not `host`, or not one that `rules` believe.
class TlsSocket final : public Poco::Net::SecureStreamSocketImpl {
 public:
  TlsSocket(HurriedSocket* connected, const std::string& host, const TlsRules& rules);

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

}  // namespace siegel::pki
