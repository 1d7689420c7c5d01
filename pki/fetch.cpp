#include "pki/fetch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/URI.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"

namespace siegel::pki {
namespace {

using Poco::Net::HTTPResponse;
using Clock = std::chrono::steady_clock;

constexpr std::string_view http_scheme = "http://";

Error unavailable(const std::string& source, const std::string& why) {
  return {Fault::world, "the revocation list " + printable(source) + " cannot be fetched: " + why};
}

Error unusable(const std::string& source, const std::string& why) {
  return {Fault::ours, "the revocation list " + printable(source) + " cannot be used: " + why +
                           "; correct it under revocation.lists in siegel.yaml"};
}

std::string too_large(const FetchLimits& limits) {
  return "it is larger than " + std::to_string(limits.octets) + " octets";
}

// --- files

std::string read_list_file(const std::string& source, const FetchLimits& limits) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(source, problem)) {
    throw unavailable(source, "there is no such file");
  }
  std::ifstream in(source, std::ios::binary);
  if (!in) throw unavailable(source, "the file cannot be read; check its permissions");
  std::string octets;
  std::string piece(std::size_t{1} << 16U, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    octets.append(piece, 0, static_cast<std::size_t>(in.gcount()));
    if (octets.size() > limits.octets) throw unavailable(source, too_large(limits));
  }
  return octets;
}

// --- HTTP

/// A socket that knows by when all must be done. A time-out for each read would let a server that
/// sends one octet now and then hold the housekeeper for ever.
class HurriedSocket final : public Poco::Net::StreamSocketImpl {
 public:
  explicit HurriedSocket(Clock::time_point deadline) : deadline_(deadline) {}

  void connect_to(const Poco::Net::SocketAddress& address) { connect(address, left()); }

  using StreamSocketImpl::receiveBytes;
  int receiveBytes(void* buffer, int length, int flags) override {
    if (!poll(left(), SELECT_READ)) throw Poco::TimeoutException();
    return StreamSocketImpl::receiveBytes(buffer, length, flags);
  }

 protected:
  ~HurriedSocket() override = default;

 private:
  [[nodiscard]] Poco::Timespan left() const {
    const auto rest =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - Clock::now());
    if (rest.count() <= 0) throw Poco::TimeoutException();
    return {rest.count()};
  }

  Clock::time_point deadline_;
};

/// One answer: the octets of the list, or where else they are said to be.
struct Answer {
  std::string octets;
  std::optional<std::string> elsewhere;
};

class Fetch {
 public:
  Fetch(const std::string& source, const FetchLimits& limits)
      : source_(source), limits_(limits), deadline_(Clock::now() + limits.time) {}

  /// Follows redirections on the same server.
  [[nodiscard]] std::string run() {
    const ListLocation first = parse_list_url(source_);
    ListLocation place = first;
    for (int step = 0; step <= limits_.redirections; ++step) {
      Answer answer = ask(place);
      if (!answer.elsewhere) return std::move(answer.octets);
      place = resolve(place, *answer.elsewhere);
      // a redirection must not lead us to whatever host the server names.
      if (place.host != first.host || place.port != first.port) {
        throw unavailable(source_, "the server redirects to another host, " +
                                       printable(place.host) +
                                       "; configure that URL if it is "
                                       "right");
      }
    }
    throw unavailable(source_, "the server redirects too often");
  }

 private:
  [[nodiscard]] Answer ask(const ListLocation& place) const {
    auto* socket = new HurriedSocket(deadline_);
    const Poco::Net::StreamSocket owner(socket);  // counts references to what it was given
    socket->connect_to(Poco::Net::SocketAddress(place.host, place.port));
    Poco::Net::HTTPClientSession session(owner);
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, place.target,
                                   Poco::Net::HTTPMessage::HTTP_1_1);
    request.setHost(place.host, place.port);
    request.set("User-Agent", "Siegel");
    session.sendRequest(request);
    HTTPResponse response;
    std::istream& body = session.receiveResponse(response);
    Answer answer = read(response, body);
    // The stream turns a read that failed into its end; the session remembers what it was.
    if (const auto* problem = session.networkException()) problem->rethrow();
    check_complete(response, answer);
    return answer;
  }

  [[nodiscard]] Answer read(const HTTPResponse& response, std::istream& body) const {
    const int status = response.getStatus();
    if (status >= 300 && status < 400 && response.has("Location")) {
      return {{}, response.get("Location")};
    }
    if (status != HTTPResponse::HTTP_OK) {
      throw unavailable(source_, "the server answers " + std::to_string(status) + ' ' +
                                     printable(response.getReason(), 80));
    }
    return {read_body(response, body), std::nullopt};
  }

  [[nodiscard]] std::string read_body(const HTTPResponse& response, std::istream& body) const {
    if (response.hasContentLength() &&
        static_cast<std::uint64_t>(response.getContentLength64()) > limits_.octets) {
      throw unavailable(source_, too_large(limits_));
    }
    std::string octets;
    std::string piece(std::size_t{1} << 16U, '\0');
    while (body.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
           body.gcount() > 0) {
      octets.append(piece, 0, static_cast<std::size_t>(body.gcount()));
      if (octets.size() > limits_.octets) throw unavailable(source_, too_large(limits_));
    }
    return octets;
  }

  void check_complete(const HTTPResponse& response, const Answer& answer) const {
    if (answer.elsewhere || !response.hasContentLength()) return;
    if (answer.octets.size() != static_cast<std::uint64_t>(response.getContentLength64())) {
      throw unavailable(source_, "the connection broke before the list was complete");
    }
  }

  [[nodiscard]] ListLocation resolve(const ListLocation& place, const std::string& location) const {
    if (location.starts_with('/') && !location.starts_with("//")) {
      return parse_list_url(std::string(http_scheme) + place.host + ':' +
                            std::to_string(place.port) + location);
    }
    try {
      return parse_list_url(location);
    } catch (const Error& problem) {
      throw unavailable(source_,
                        "the server redirects to an address that is not used: " + problem.said());
    }
  }

  const std::string& source_;
  const FetchLimits& limits_;
  Clock::time_point deadline_;
};

std::string fetch_by_http(const std::string& source, const FetchLimits& limits) {
  try {
    return Fetch(source, limits).run();
  } catch (const Poco::TimeoutException&) {
    throw unavailable(source,
                      "no complete answer within " + std::to_string(limits.time.count()) + " ms");
  } catch (const Poco::Exception& problem) {
    throw unavailable(source, printable(problem.displayText()));
  }
}

bool has_strange_octets(std::string_view url) {
  return std::any_of(url.begin(), url.end(), [](char c) {
    return ascii::is_control(c) || ascii::is_8bit(c) || c == ' ' || c == '\\';
  });
}

Error bad_url(const std::string& why) {
  return {Fault::peer, why};
}

}  // namespace

ListLocation parse_list_url(std::string_view url) {
  if (!ascii::starts_ignoring_case(url, http_scheme)) {
    throw bad_url("only http:// URLs and file paths are fetched");
  }
  if (has_strange_octets(url)) {
    throw bad_url("the URL holds blanks, controls or letters beyond ASCII");
  }
  try {
    const Poco::URI uri{std::string(url)};
    if (!uri.getUserInfo().empty()) throw bad_url("a URL with a user name is not used");
    if (uri.getHost().empty()) throw bad_url("the URL names no host");
    const std::string target = uri.getPathAndQuery();
    return {ascii::lower(uri.getHost()), uri.getPort(),
            target.starts_with('/') ? target : '/' + target};
  } catch (const Poco::Exception&) {
    throw bad_url("the URL is not well-formed");
  }
}

std::string fetch_list(const std::string& source, const FetchLimits& limits) {
  if (source.find("://") == std::string::npos) return read_list_file(source, limits);
  try {
    static_cast<void>(parse_list_url(source));
  } catch (const Error& problem) {
    throw unusable(source, problem.said());
  }
  return fetch_by_http(source, limits);
}

}  // namespace siegel::pki
