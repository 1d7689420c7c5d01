#pragma once

#include <functional>
#include <map>
#include <string>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Thread.h>
#include <Poco/ThreadPool.h>

#include "base/guarded.h"

namespace siegel::tests {

namespace net = Poco::Net;

/// What a page answers; runs in a thread of the server.
using Page = std::function<void(net::HTTPServerRequest&, net::HTTPServerResponse&)>;

/// A real HTTP server on a free port of the loopback.
class ListServer {
 public:
  ListServer()
      : socket_(net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(pages_), threads_, socket_, new net::HTTPServerParams) {
    server_.start();
  }
  ListServer(const ListServer&) = delete;
  ListServer& operator=(const ListServer&) = delete;
  ~ListServer() {
    // Poco leaks its dispatcher if it is stopped between taking a connection and running for it.
    for (int i = 0; i < 1000 && server_.queuedConnections() > 0; ++i) Poco::Thread::sleep(1);
    server_.stopAll(true);
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(socket_.address().port()) + path;
  }
  void serve(const std::string& path, Page page) {
    pages_.with([&](auto& pages) { pages[path] = std::move(page); });
  }
  void serve(const std::string& path, const std::string& octets) {
    serve(path,
          [octets](auto&, auto& response) { response.sendBuffer(octets.data(), octets.size()); });
  }
  void redirect(const std::string& path, const std::string& to) {
    serve(path, [to](auto&, auto& response) { response.redirect(to); });
  }

 private:
  using Pages = Guarded<std::map<std::string, Page>>;

  class Handler final : public net::HTTPRequestHandler {
   public:
    explicit Handler(Page page) : page_(std::move(page)) {}
    void handleRequest(net::HTTPServerRequest& request,
                       net::HTTPServerResponse& response) override {
      try {
        page_(request, response);
      } catch (const Poco::Exception&) {  // the client has hung up, as some tests want it to
      }
    }

   private:
    Page page_;
  };

  class Factory final : public net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(const Pages& pages) : pages_(pages) {}
    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& request) override {
      return new Handler(pages_.with([&](const auto& pages) -> Page {
        const auto found = pages.find(request.getURI());
        if (found != pages.end()) return found->second;
        return [](auto&, auto& response) {
          response.setStatusAndReason(net::HTTPResponse::HTTP_NOT_FOUND);
          response.send();
        };
      }));
    }

   private:
    const Pages& pages_;
  };

  Pages pages_;
  net::ServerSocket socket_;
  Poco::ThreadPool threads_;  // joined before the program ends, as the default one is not
  net::HTTPServer server_;
};

}  // namespace siegel::tests
