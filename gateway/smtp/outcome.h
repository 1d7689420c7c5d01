#pragma once

#include <string>

#include "gateway/mail/envelope.h"

namespace siegel::smtp {

/// The fate of one recipient at a remote host.
struct Outcome {
  enum class Kind {
    delivered,  ///< the remote host took responsibility
    relayed,    ///< the same, but it does not speak DSN (RFC 3461 §5.2.2)
    deferred,   ///< 4yz, or the host was not reached: try again
    refused,    ///< 5yz: will never work
  };
  mail::Recipient recipient;
  Kind kind = Kind::deferred;
  std::string status;       ///< enhanced status code, 4.4.1 if the host was not reached
  std::string remote_host;  ///< who said so; empty if nobody did
  std::string text;         ///< the reply, or why there was none
};

}  // namespace siegel::smtp
