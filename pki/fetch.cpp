#include "pki/fetch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include <Poco/Net/NetException.h>
#include <Poco/URI.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "pki/fetch_http.h"

namespace siegel::pki {
namespace {

std::string named(const std::string& source) {
  return "the revocation list " + printable(source);
}

Error unavailable(const std::string& source, const std::string& why) {
  return {Fault::world, named(source) + " cannot be fetched: " + why};
}

Error unusable(const std::string& source, const std::string& why) {
  return {Fault::ours, named(source) + " cannot be used: " + why +
                           "; correct it under revocation.lists in siegel.yaml"};
}

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
    if (octets.size() > limits.octets)
      throw unavailable(source, "it is larger than " + std::to_string(limits.octets) + " octets");
  }
  return octets;
}

/// Where the operator's own source is: its name is looked up and believed.
Poco::Net::SocketAddress address_of(const ListLocation& place, const std::string& source) {
  try {
    return {place.host, place.port};
  } catch (const Poco::Exception& problem) {
    throw unavailable(source, printable(problem.displayText()));
  }
}

std::string fetch_by_http(const std::string& source, const FetchLimits& limits) {
  const HttpVisit visit(named(source), limits);
  ListLocation place = parse_list_url(source);
  const auto address = address_of(place, source);
  for (int step = 0; step <= limits.redirections; ++step) {
    HttpAnswer answer = visit.ask({place, address, {}, {}, {}});
    if (!answer.elsewhere) return std::move(answer.octets);
    place = visit.redirected(place, *answer.elsewhere);
  }
  throw visit.failure("the server redirects too often");
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
  if (!ascii::starts_ignoring_case(url, "http://")) {
    throw bad_url("only http:// URLs and file paths are fetched");
  }
  if (has_strange_octets(url)) {
    throw bad_url("the URL holds blanks, controls or letters beyond ASCII");
  }
  // Not by the parser's user info: it takes but one of two '@' off.
  const auto authority = url.substr(7, url.find_first_of("/?#", 7) - 7);
  if (authority.find('@') != std::string_view::npos)
    throw bad_url("a URL with a user name is not used");
  try {
    const Poco::URI uri{std::string(url)};
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
