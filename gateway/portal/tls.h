#pragma once

#include <memory>

#include <Poco/Net/StreamSocket.h>

#include "config/places.h"

namespace Poco::Net {
class Context;
}

namespace siegel::portal {

/// Our certificate and what we speak with it: TLS 1.2 and 1.3 with the AEAD suites and curves of
/// TR-02102-2 §3, HTTP/1.1 by ALPN (RFC 7301), no resumption, compression or renegotiation. Buffers
/// are given back while a connection is idle. Immutable; safe to share between threads.
class TlsContext {
 public:
  /// Throws Error{ours} if the files cannot be read or do not belong together.
  explicit TlsContext(const config::TlsFiles& files);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// The connection as the server's side of TLS; the handshake happens with the first reading.
  [[nodiscard]] Poco::Net::StreamSocket wrap(Poco::Net::StreamSocket& socket) const;

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace siegel::portal
