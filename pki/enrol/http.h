#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.h"
#include "pki/enrol/credentials.h"
#include "pki/tls_rules.h"

/// Asking the server of a CA by HTTP/1.1: one question, one answer, one connection, no proxy, no
/// cookie, no redirection. An answer is at most 1 MiB; all of it, from the connection on, is over
/// within the question's patience.
namespace siegel::pki::enrol {

struct HttpPlace {
  std::string host;
  std::uint16_t port = 0;
  std::string path;  ///< begins with a slash
};

enum class Scheme { http, https };

/// The place of `url`, which stands under `setting` ("cmp.url") in a CA profile. Throws Error{ours}
/// saying what is wrong with it.
[[nodiscard]] HttpPlace parse_url(const std::string& url, Scheme scheme, std::string_view setting);

struct HttpRequest {
  std::string path;
  std::string type;  ///< of the body: "application/pkixcmp"; without one it is a GET
  std::string body;
  std::map<std::string, std::string> fields;  ///< what else stands in the head
  std::chrono::seconds patience{30};
};

struct HttpAnswer {
  int status = 0;
  std::string reason;                        ///< of the status line
  std::string type;                          ///< Content-Type, as it stands there
  std::optional<std::string> retry_after{};  ///< Retry-After
  std::optional<std::string> location{};     ///< Location
  std::string body;
};

/// By plain HTTP: for messages that protect themselves. Throws Error{world} with a reason for the
/// operator; an answer of whatever status is an answer.
[[nodiscard]] HttpAnswer ask(const HttpPlace& place, const HttpRequest& request);
/// By TLS 1.2 or later; the server's certificate must chain to an anchor, and be for `place.host`.
[[nodiscard]] HttpAnswer ask(const HttpPlace& place, const HttpRequest& request,
                             const TlsRules& rules);

}  // namespace siegel::pki::enrol
