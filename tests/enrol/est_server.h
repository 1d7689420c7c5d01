#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/ThreadPool.h>

#include "base/guarded.h"
#include "base/time.h"
#include "pki/local_ca.h"

namespace siegel::tests {

/// A small EST server (RFC 7030) over real TLS on the loopback: cacerts, simpleenroll and
/// simplereenroll; it issues by a LocalCa, which signs its TLS certificate too. Whoever has a TLS
/// client certificate or the right password is let in.
class EstServer {
 public:
  struct Settings {
    pki::LocalCa ca;
    std::filesystem::path clients;  ///< PEM: who signs client certificates; empty: nobody
    std::string user, password;     ///< HTTP Basic; without a user there is none
    std::chrono::seconds wait{0};   ///< 202 until a request is known for so long
    std::uint16_t port = 0;
    std::string host = "127.0.0.1";  ///< that its TLS certificate is for
    int newest_tls = 0;              ///< TLS1_1_VERSION: nothing newer is spoken; 0: anything
  };
  using Page = std::function<void(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse&)>;

  explicit EstServer(Settings settings);
  EstServer(const EstServer&) = delete;
  EstServer& operator=(const EstServer&) = delete;
  ~EstServer() { server_.stopAll(true); }

  [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }
  [[nodiscard]] std::string url() const;

  /// The registration authority approves all that waits, and all that comes.
  void approve() { is_approved_ = true; }
  /// From now on everything is answered with `page`.
  void answer(Page page);
  /// One line for each request: "simpleenroll by CN=…", "cacerts by nobody".
  [[nodiscard]] std::vector<std::string> seen() const;

 private:
  class Handler;
  class Factory;

  void serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response);
  void enrol(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response);
  [[nodiscard]] bool lets_in(Poco::Net::HTTPServerRequest& request,
                             const std::string& client) const;
  [[nodiscard]] bool must_wait(const std::string& csr);

  Settings settings_;
  std::atomic<bool> is_approved_ = false;
  Guarded<std::map<std::string, Time>> first_seen_;
  Guarded<std::vector<std::string>> seen_;
  Guarded<Page> page_;
  Poco::Net::SecureServerSocket socket_;
  Poco::ThreadPool threads_;  // joined before the program ends, as the default one is not
  Poco::Net::HTTPServer server_;
};

/// `certificates` as PKCS#7 certs-only, base64 with line breaks.
std::string certs_only(const std::vector<pki::Certificate>& certificates);

}  // namespace siegel::tests
