#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/config.h"

namespace siegel::mail {

/// Which conditions the sender wants to be told of (RFC 3461 §4.1).
struct Notify {
  bool never = false;
  bool success = false, failure = true, delay = true;
};

struct Recipient {
  Address address;
  Notify notify{};
  std::string original{};  ///< ORCPT as received, still xtext (RFC 3461 §4.2); empty if not given
};

/// RFC 5321 envelope: what the peer said before DATA, and where and when it said it.
struct Envelope {
  std::string id;  ///< ours, for log, spool and Received; [0-9a-z]+
  config::Side side = config::Side::world;
  std::string client_ip;
  std::string client_helo;  ///< as said; printable characters only
  bool tls = false;
  Time received{};
  std::optional<Address> reverse_path;  ///< nothing for the null reverse-path
  std::vector<Recipient> recipients;    ///< at least one
  bool body_8bit = false;               ///< BODY=8BITMIME (RFC 6152)
  bool smtputf8 = false;                ///< RFC 6531
  std::string envid;                    ///< ENVID, still xtext (RFC 3461 §4.4)
  bool return_headers_only = false;     ///< RET=HDRS (RFC 3461 §4.3)
};

}  // namespace siegel::mail
