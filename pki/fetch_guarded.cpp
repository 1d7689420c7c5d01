#include "pki/fetch_guarded.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "config/network.h"
#include "pki/fetch_http.h"
#include "pki/forbidden_addresses.h"

namespace siegel::pki {
namespace {

using config::IpAddress;

constexpr std::size_t addresses_limit = 8;

/// True if the host of a URL is an IP address in another form than the usual one: as one number,
/// with octal or hexadecimal parts, or as an IPv6 address with an IPv4 address inside.
bool is_disguised(const std::string& host) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const auto address = IpAddress::parse(host);
  if (is_ipv6) return !address || address->bits != 128 || host.find('%') != std::string::npos;
  return config::is_numeric_host(host) && !address;
}

Error refused(const std::string& url, const std::string& why) {
  return {Fault::peer, printable(url) + " is not fetched: " + why};
}

}  // namespace

/// One URL being fetched, from its look-up to its answer.
struct GuardedFetch::Visit {
  HttpVisit http;
  HttpQuestion question;
  int redirections;
};

GuardedFetch::GuardedFetch(std::vector<config::HostPattern> hosts)
    : GuardedFetch(std::move(hosts), &system_look_up) {}

GuardedFetch::GuardedFetch(std::vector<config::HostPattern> hosts, LookUp look_up)
    : hosts_(std::move(hosts)), look_up_(std::move(look_up)) {}

std::string GuardedFetch::why_not(const std::string& url) const {
  ListLocation place;
  try {
    place = parse_list_url(url);
  } catch (const Error& problem) {
    return problem.said();
  }
  if (is_disguised(place.host))
    return "its host is an IP address in disguise, " + printable(place.host);
  const bool is_listed = std::ranges::any_of(hosts_, [&](const config::HostPattern& pattern) {
    return pattern.covers(place.host, place.port);
  });
  if (is_listed) return {};
  return "its host is not listed; add " + printable(place.host) + ':' + std::to_string(place.port) +
         " to revocation.hosts in siegel.yaml if it belongs to an authority that you trust";
}

ListLocation GuardedFetch::permitted(const std::string& url) const {
  if (const std::string why = why_not(url); !why.empty()) throw refused(url, why);
  return parse_list_url(url);
}

/// what the name leads to is judged, not the name. One address that is forbidden spoils all:
/// no honest answer mixes them.
std::vector<std::string> GuardedFetch::addresses(const ListLocation& place,
                                                 std::chrono::milliseconds time) const {
  std::vector<std::string> found{place.host};
  if (!IpAddress::parse(place.host)) found = look_up_within(look_up_, place.host, time);
  if (found.empty()) throw Error(Fault::world, "the host " + place.host + " has no address");
  found.resize(std::min(found.size(), addresses_limit));
  for (const std::string& address : found) check_address(place, address);
  return found;
}

void GuardedFetch::check_address(const ListLocation& place, const std::string& address) const {
  const auto parsed = IpAddress::parse(address);
  const bool is_named = std::ranges::any_of(hosts_, [&](const config::HostPattern& pattern) {
    return parsed && pattern.covers(address, place.port);
  });
  if (parsed && (is_named || !is_forbidden(*parsed))) return;
  throw Error(Fault::peer, "the host " + place.host + " leads to " + printable(address) +
                               ", where no authority can be; ask its operator, or list that "
                               "address itself under revocation.hosts in siegel.yaml");
}

std::string GuardedFetch::run(const Visit& visit) const {
  const auto found = addresses(visit.question.place, visit.http.left());
  for (std::size_t i = 0; i + 1 < found.size(); ++i) {
    try {
      return ask_at(found[i], visit.http.share(found.size() - i), visit);
    } catch (const Error&) {  // the next one may answer; if none does, the last is told
    }
  }
  return ask_at(found.back(), visit.http, visit);
}

std::string GuardedFetch::ask_at(const std::string& address, const HttpVisit& http,
                                 const Visit& visit) {
  HttpQuestion question = visit.question;
  question.address = Poco::Net::SocketAddress(address, question.place.port);
  for (int step = 0; step <= visit.redirections; ++step) {
    HttpAnswer answer = http.ask(question);
    if (!answer.elsewhere) return std::move(answer.octets);
    question.place = http.redirected(question.place, *answer.elsewhere);
  }
  throw http.failure("the server redirects too often");
}

std::string GuardedFetch::get(const std::string& url, const FetchLimits& limits) const {
  const ListLocation place = permitted(url);
  const Visit visit{HttpVisit("the revocation list " + printable(url), limits),
                    {place, {}, {}, {}, {}},
                    limits.redirections};
  return run(visit);
}

std::string GuardedFetch::ask_responder(const std::string& url, const std::string& request,
                                        const FetchLimits& limits) const {
  const ListLocation place = permitted(url);
  const Visit visit{HttpVisit("the OCSP answer of " + printable(url), limits),
                    {place, {}, request, "application/ocsp-request", "application/ocsp-response"},
                    0};
  return run(visit);
}

}  // namespace siegel::pki
