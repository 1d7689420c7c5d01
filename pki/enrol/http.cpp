#include "pki/enrol/http.h"

#include <algorithm>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/tls_socket.h"

namespace siegel::pki::enrol {
namespace {

using Poco::Net::HTTPMessage;
using Poco::Net::HTTPResponse;

constexpr std::size_t body_limit = std::size_t{1} << 20U;
constexpr int field_limit = 100;

Error bad_url(std::string_view setting, const std::string& why) {
  return {Fault::ours, std::string(setting) + " of the CA profile is no address to ask: " + why +
                           "; correct it"};
}

Error no_answer(const std::string& why) {
  return {Fault::world, why};
}

std::optional<std::string> field(const HTTPResponse& response, const std::string& name) {
  if (!response.has(name)) return std::nullopt;
  return response.get(name);
}

Poco::Net::HTTPRequest head_of(const HttpPlace& place, const HttpRequest& request) {
  const auto& method =
      request.type.empty() ? Poco::Net::HTTPRequest::HTTP_GET : Poco::Net::HTTPRequest::HTTP_POST;
  Poco::Net::HTTPRequest head(method, request.path, HTTPMessage::HTTP_1_1);
  head.setHost(place.host, place.port);
  head.set("User-Agent", "Siegel");
  head.setKeepAlive(false);
  for (const auto& [name, value] : request.fields) head.set(name, value);
  if (!request.type.empty()) {
    head.setContentType(request.type);
    head.setContentLength(static_cast<std::streamsize>(request.body.size()));
  }
  return head;
}

std::string read_body(std::istream& in) {
  std::string body;
  std::string piece(std::size_t{1} << 14U, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    body.append(piece, 0, static_cast<std::size_t>(in.gcount()));
    if (body.size() > body_limit) throw no_answer("the server's answer is larger than 1 MiB");
  }
  return body;
}

HttpAnswer converse(const Poco::Net::StreamSocket& socket, const HttpPlace& place,
                    const HttpRequest& request) {
  Poco::Net::HTTPClientSession session(socket);
  Poco::Net::HTTPRequest head = head_of(place, request);
  session.sendRequest(head) << request.body;
  HTTPResponse response;
  response.setFieldLimit(field_limit);
  std::istream& in = session.receiveResponse(response);
  std::string body = read_body(in);
  // The stream turns a read that failed into its end; the session remembers what it was.
  if (const auto* problem = session.networkException()) problem->rethrow();
  if (response.hasContentLength() &&
      body.size() != static_cast<std::uint64_t>(response.getContentLength64()))
    throw no_answer("the connection broke before the server's answer was complete");
  return {static_cast<int>(response.getStatus()),
          response.getReason(),
          response.getContentType(),
          field(response, "Retry-After"),
          field(response, "Location"),
          std::move(body)};
}

/// Turns what Poco throws into an Error{world}.
template <typename Talk>
HttpAnswer in_our_words(const HttpPlace& place, const HttpRequest& request, Talk talk) {
  const NoBrokenPipe quiet;
  // TLS would take an old error of this thread for one of its own.
  static_cast<void>(drain_openssl_errors());
  const std::string server = printable(place.host) + ':' + std::to_string(place.port);
  try {
    return talk();
  } catch (const Poco::TimeoutException&) {
    throw no_answer(server + " gave no complete answer within " +
                    std::to_string(request.patience.count()) + " seconds");
  } catch (const Poco::Exception& problem) {
    throw no_answer(server + " cannot be asked: " + printable(problem.displayText()));
  }
}

}  // namespace

HttpPlace parse_url(const std::string& url, Scheme scheme, std::string_view setting) {
  const std::string_view begin = scheme == Scheme::http ? "http://" : "https://";
  if (!ascii::starts_ignoring_case(url, begin))
    throw bad_url(setting, "it does not begin with " + std::string(begin));
  if (std::ranges::any_of(url, [](char c) {
        return ascii::is_control(c) || ascii::is_8bit(c) || c == ' ' || c == '\\';
      }))
    throw bad_url(setting, "it holds blanks, controls or letters beyond ASCII");
  try {
    const Poco::URI uri(url);
    if (!uri.getUserInfo().empty()) throw bad_url(setting, "a user name does not belong there");
    if (uri.getHost().empty()) throw bad_url(setting, "it names no host");
    const std::string path = uri.getPathAndQuery();
    return {ascii::lower(uri.getHost()), uri.getPort(), path.starts_with('/') ? path : '/' + path};
  } catch (const Poco::Exception&) {
    throw bad_url(setting, "it is not well-formed");
  }
}

HttpAnswer ask(const HttpPlace& place, const HttpRequest& request) {
  return in_our_words(place, request, [&] {
    auto* socket = new HurriedSocket(std::chrono::steady_clock::now() + request.patience);
    const Poco::Net::StreamSocket owner(socket);  // counts references to what it was given
    socket->connect_to({place.host, place.port});
    return converse(owner, place, request);
  });
}

HttpAnswer ask(const HttpPlace& place, const HttpRequest& request, const TlsRules& rules) {
  return in_our_words(place, request, [&] {
    auto* socket = new HurriedSocket(std::chrono::steady_clock::now() + request.patience);
    const Poco::Net::StreamSocket owner(socket);
    socket->connect_to({place.host, place.port});
    socket->leave_waiting_to_poll();
    auto* tls = new TlsSocket(socket, place.host, rules);
    const Poco::Net::StreamSocket secure(tls);
    try {
      tls->shake_hands();
      return converse(secure, place, request);
    } catch (const Poco::TimeoutException&) {
      throw;
    } catch (const Poco::Exception& problem) {
      // A server of TLS 1.3 refuses a certificate only after the handshake, and often the reset of
      // the connection is all that is seen of it.
      if (!rules.client) throw;
      throw no_answer(printable(place.host) + " broke off (" + printable(problem.displayText()) +
                      "); it may not take our TLS client certificate: check that it is valid and "
                      "for clientAuth, and that the CA knows it");
    }
  });
}

}  // namespace siegel::pki::enrol
