#include "pki/fetch_http.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>

#include "base/utf8.h"
#include "pki/openssl.h"
#include "pki/tls_socket.h"

namespace siegel::pki {
namespace {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;
using Clock = std::chrono::steady_clock;

constexpr int fields_limit = 100;
constexpr std::size_t proxy_head_limit = 8192;

HTTPRequest head_of(const HttpQuestion& question) {
  HTTPRequest request(question.body.empty() ? HTTPRequest::HTTP_GET : HTTPRequest::HTTP_POST,
                      question.place.target, Poco::Net::HTTPMessage::HTTP_1_1);
  request.setHost(question.place.host, question.place.port);
  request.set("User-Agent", "Siegel");
  if (!question.accept.empty()) request.set("Accept", question.accept);
  if (question.body.empty()) return request;
  request.setContentType(question.media_type);
  request.setContentLength64(static_cast<Poco::Int64>(question.body.size()));
  return request;
}

/// Reads one answer; what is wrong with it is an Error of the visit.
class Reader {
 public:
  Reader(const HttpVisit& visit, std::uint64_t limit, const HttpQuestion& question)
      : visit_(visit), limit_(limit), may_be_absent_(question.may_be_absent) {}

  [[nodiscard]] HttpAnswer read(const HTTPResponse& response, std::istream& body) const {
    const int status = response.getStatus();
    if (status >= 300 && status < 400 && response.has("Location")) {
      return {{}, response.get("Location")};
    }
    const bool is_absent =
        status == HTTPResponse::HTTP_NOT_FOUND || status == HTTPResponse::HTTP_GONE;
    if (is_absent && may_be_absent_) return {{}, std::nullopt, true};
    if (status != HTTPResponse::HTTP_OK) {
      throw visit_.failure("the server answers " + std::to_string(status) + ' ' +
                           printable(response.getReason(), 80));
    }
    return {read_body(response, body), std::nullopt};
  }

  void check_complete(const HTTPResponse& response, const HttpAnswer& answer) const {
    if (answer.elsewhere || answer.is_absent || !response.hasContentLength()) return;
    if (answer.octets.size() != static_cast<std::uint64_t>(response.getContentLength64())) {
      throw visit_.failure("the connection broke before the answer was complete");
    }
  }

 private:
  [[nodiscard]] std::string read_body(const HTTPResponse& response, std::istream& body) const {
    if (response.hasContentLength() &&
        static_cast<std::uint64_t>(response.getContentLength64()) > limit_) {
      throw too_large();
    }
    std::string octets;
    std::string piece(std::size_t{1} << 16U, '\0');
    while (body.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
           body.gcount() > 0) {
      octets.append(piece, 0, static_cast<std::size_t>(body.gcount()));
      if (octets.size() > limit_) throw too_large();
    }
    return octets;
  }

  [[nodiscard]] Error too_large() const {
    return visit_.failure("it is larger than " + std::to_string(limit_) + " octets");
  }

  const HttpVisit& visit_;
  std::uint64_t limit_;
  bool may_be_absent_;
};

}  // namespace

HttpVisit::HttpVisit(std::string what, const FetchLimits& limits)
    : what_(std::move(what)), limits_(limits), deadline_(Clock::now() + limits.time) {}

HttpAnswer HttpVisit::ask(const HttpQuestion& question) const {
  try {
    return exchange(question);
  } catch (const Poco::TimeoutException&) {
    throw failure("no complete answer within " + std::to_string(limits_.time.count()) + " ms");
  } catch (const Poco::Exception& problem) {
    throw failure(printable(problem.displayText()));
  }
}

HttpAnswer HttpVisit::exchange(const HttpQuestion& question) const {
  auto* socket = new HurriedSocket(deadline_);
  const Poco::Net::StreamSocket owner(socket);  // counts references to what it was given
  socket->connect_to(question.address);
  if (question.asks_proxy) pass_proxy(*socket, question.place);
  if (question.tls == nullptr) return converse(owner, question);
  const NoBrokenPipe quiet;
  // TLS would take an old error of this thread for one of its own.
  static_cast<void>(drain_openssl_errors());
  socket->leave_waiting_to_poll();
  auto* tls = new TlsSocket(socket, question.place.host, *question.tls);
  const Poco::Net::StreamSocket secure(tls);
  tls->shake_hands();
  return converse(secure, question);
}

/// RFC 9110 §9.3.6. The proxy's answer is read octet by octet: what follows is not the proxy's.
void HttpVisit::pass_proxy(HurriedSocket& socket, const ListLocation& place) const {
  const std::string target = place.host + ':' + std::to_string(place.port);
  const std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
  socket.sendBytes(request.data(), static_cast<int>(request.size()), 0);
  std::string head;
  char octet = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (head.size() > proxy_head_limit || socket.receiveBytes(&octet, 1, 0) != 1)
      throw failure("the proxy gives no answer that makes sense");
    head += octet;
  }
  const bool is_through = head.starts_with("HTTP/1.") && head.substr(8, 2) == " 2";
  if (!is_through)
    throw failure("the proxy answers " + printable(head.substr(0, head.find('\r')), 80));
}

HttpAnswer HttpVisit::converse(const Poco::Net::StreamSocket& socket,
                               const HttpQuestion& question) const {
  Poco::Net::HTTPClientSession session(socket);
  HTTPRequest request = head_of(question);
  session.sendRequest(request) << question.body << std::flush;
  HTTPResponse response;
  response.setFieldLimit(fields_limit);
  std::istream& body = session.receiveResponse(response);
  const Reader reader(*this, limits_.octets, question);
  HttpAnswer answer = reader.read(response, body);
  // The stream turns a read that failed into its end; the session remembers what it was.
  if (const auto* problem = session.networkException()) problem->rethrow();
  reader.check_complete(response, answer);
  return answer;
}

ListLocation HttpVisit::redirected(const ListLocation& from, const std::string& to) const {
  const bool is_path = to.starts_with('/') && !to.starts_with("//");
  if (is_path && printable(to) == to && to.find(' ') == std::string::npos)
    return {from.host, from.port, to};
  ListLocation place;
  try {
    place = parse_list_url(to);
  } catch (const Error& problem) {
    throw failure("the server redirects to an address that is not used: " + problem.said());
  }
  // a redirection must not lead us to whatever host the server names.
  if (place.host == from.host && place.port == from.port) return place;
  throw failure("the server redirects to another host, " + printable(place.host) +
                "; configure that URL if it is right");
}

HttpVisit HttpVisit::share(std::size_t among) const {
  HttpVisit part = *this;
  part.deadline_ = Clock::now() + left() / static_cast<int>(among);
  return part;
}

std::chrono::milliseconds HttpVisit::left() const {
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  if (rest.count() <= 0)
    throw failure("no complete answer within " + std::to_string(limits_.time.count()) + " ms");
  return rest;
}

Error HttpVisit::failure(const std::string& why) const {
  return {Fault::world, what_ + " cannot be fetched: " + why};
}

}  // namespace siegel::pki
