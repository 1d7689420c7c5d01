#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "pki/fetch.h"
#include "pki/look_up.h"

namespace siegel::pki {

class HttpVisit;

/// Fetching from URLs that stand in other people's certificates. A host is asked only if the
/// operator's list names it. Its name is looked up once, the addresses are judged, and the
/// connection goes to one of these very addresses, each with its share of the time. Never to what
/// is_forbidden, whatever name leads there; unless the list names that address itself.
/// Of redirections only those to the same host and port are followed, and none for a POST.
/// Immutable, thread-safe.
class GuardedFetch {
 public:
  /// Asks the system's resolver.
  explicit GuardedFetch(std::vector<config::HostPattern> hosts);
  GuardedFetch(std::vector<config::HostPattern> hosts, LookUp look_up);

  /// Why this URL is not fetched at all, as a sentence; empty if it may be. Nothing is looked up.
  [[nodiscard]] std::string why_not(const std::string& url) const;

  /// What is at `url`. Throws Error{world} if it cannot be had, Error{peer} if it is not allowed.
  [[nodiscard]] std::string get(const std::string& url,
                                const FetchLimits& limits = {
                                    .octets = 20U << 20U, .time = std::chrono::seconds(5)}) const;
  /// The answer to an OCSP request (RFC 6960 appendix A.1). Throws as above.
  [[nodiscard]] std::string ask_responder(const std::string& url, const std::string& request,
                                          const FetchLimits& limits = {
                                              .octets = 1U << 20U,
                                              .time = std::chrono::seconds(3)}) const;

 private:
  struct Visit;

  [[nodiscard]] ListLocation permitted(const std::string& url) const;
  [[nodiscard]] std::vector<std::string> addresses(const ListLocation& place,
                                                   std::chrono::milliseconds time) const;
  void check_address(const ListLocation& place, const std::string& address) const;
  [[nodiscard]] std::string run(const Visit& visit) const;
  [[nodiscard]] static std::string ask_at(const std::string& address, const HttpVisit& http,
                                          const Visit& visit);

  std::vector<config::HostPattern> hosts_;
  LookUp look_up_;
};

}  // namespace siegel::pki
