#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include "base/error.h"
#include "pki/fetch.h"
#include "pki/hurried_socket.h"
#include "pki/tls_rules.h"

namespace siegel::pki {

/// What is asked of a server: GET, or POST if there is a body.
struct HttpQuestion {
  ListLocation place;                ///< stands in the request line and in Host
  Poco::Net::SocketAddress address;  ///< that is connected to
  std::string body, media_type, accept;
  const TlsRules* tls = nullptr;  ///< by HTTPS with a server that they believe; else by HTTP
  bool asks_proxy = false;        ///< `address` is a proxy's, that is told to CONNECT first
  bool may_be_absent = false;     ///< 404 and 410 are an answer
};

/// The octets of the answer, or where else they are said to be.
struct HttpAnswer {
  std::string octets;
  std::optional<std::string> elsewhere;
  bool is_absent = false;  ///< the server says that there is nothing
};

/// A fetch by HTTP, with all its steps within one time. No cookie, log-in or compression, and no
/// proxy unless the question names one.
class HttpVisit {
 public:
  /// @param what  names it in errors: "the revocation list http://…"
  HttpVisit(std::string what, const FetchLimits& limits);

  /// Throws Error{world} for any answer but 200 and a redirection, for one that is too large or was
  /// cut, and when the time is over.
  [[nodiscard]] HttpAnswer ask(const HttpQuestion& question) const;

  /// Where a server at `from` sends us by the Location `to`. Throws Error{world} if that is not the
  /// same host and port, or no URL that is used.
  [[nodiscard]] ListLocation redirected(const ListLocation& from, const std::string& to) const;

  /// The same visit with an equal part of the time that is left, for one of `among` addresses: one
  /// that is silent must not cost the others theirs.
  [[nodiscard]] HttpVisit share(std::size_t among) const;

  /// What is left of the time; throws Error{world} if nothing is.
  [[nodiscard]] std::chrono::milliseconds left() const;
  [[nodiscard]] Error failure(const std::string& why) const;

 private:
  [[nodiscard]] HttpAnswer exchange(const HttpQuestion& question) const;
  [[nodiscard]] HttpAnswer converse(const Poco::Net::StreamSocket& socket,
                                    const HttpQuestion& question) const;
  void pass_proxy(HurriedSocket& socket, const ListLocation& place) const;

  std::string what_;
  FetchLimits limits_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace siegel::pki
