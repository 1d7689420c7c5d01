#include "gateway/portal/oidc_token.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "gateway/portal/oidc_base64url.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t token_limit = std::size_t{64} << 10U;
constexpr std::chrono::seconds tolerance = 60s;
/// Issued for this very sign-in, which takes as long as a link by mail is good for.
constexpr std::chrono::seconds oldest = 15min;

json object_in(std::string_view part, const char* called) {
  const auto text = from_base64url(part);
  json object = text ? parse_json(*text) : json();
  if (!object.is_object()) refuse(std::string("its ") + called + " is no JSON object in base64url");
  return object;
}

/// RFC 7519 §2, NumericDate: it may have a fraction.
std::optional<Time> time_in(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const auto seconds = found->get<double>();
  constexpr double year_9999 = 253402300799.0;
  if (!(seconds >= 0 && seconds <= year_9999)) return std::nullopt;
  return from_unix(static_cast<std::int64_t>(std::floor(seconds)));
}

bool names(const json& audience, const std::string& client_id) {
  if (audience.is_array()) return std::ranges::find(audience, json(client_id)) != audience.end();
  return audience == json(client_id);
}

void check_audience(const json& claims, const std::string& client_id) {
  const json audience = claims.value("aud", json());
  if (!names(audience, client_id)) refuse("it is for somebody else (aud)");
  // §3.1.3.7, 3 and 4: others may be named beside us only if it was issued to us.
  const bool is_for_others = audience.is_array() && audience.size() > 1;
  const bool must_name_us = is_for_others || claims.contains("azp");
  if (must_name_us && text_in(claims, "azp") != client_id)
    refuse("it was issued to somebody else (azp)");
}

void check_times(const json& claims, Time now) {
  const auto expires = time_in(claims, "exp"), issued = time_in(claims, "iat");
  if (!expires || now >= *expires + tolerance) refuse("it has expired (exp)");
  if (!issued || *issued > now + tolerance) refuse("it was issued in the future (iat)");
  if (*issued < now - oldest - tolerance) refuse("it was issued too long ago (iat)");
  if (!claims.contains("nbf")) return;
  const auto begins = time_in(claims, "nbf");
  if (!begins || *begins > now + tolerance) refuse("it is not yet valid (nbf)");
}

}  // namespace

void refuse(const std::string& why) {
  throw Error(Fault::peer, "the sign-in service's answer is not accepted; sign in again",
              "the ID token: " + why);
}

json parse_json(std::string_view text) {
  constexpr std::size_t limit = std::size_t{1} << 20U;
  constexpr int deepest = 32;  // values are copied by recursion
  if (text.size() > limit) return {};
  bool is_deep = false;
  const auto bounded = [&](int depth, json::parse_event_t, json&) {
    is_deep = is_deep || depth > deepest;
    return !is_deep;
  };
  json value = json::parse(text, bounded, false);
  if (is_deep || value.is_discarded()) return {};
  return value;
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

IdToken parse_id_token(std::string_view text) {
  if (text.size() > token_limit) refuse("it is longer than 64 KiB");
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    refuse("it has not three parts");
  const json head = object_in(text.substr(0, first), "header");
  IdToken token;
  token.algorithm = find_algorithm(text_in(head, "alg"));
  if (token.algorithm == nullptr) refuse("it is not signed in a way that we take (alg)");
  if (head.contains("crit")) refuse("its header demands what we do not know (crit)");
  if (head.contains("kid") && text_in(head, "kid").empty()) refuse("its key has no name (kid)");
  token.key_id = text_in(head, "kid");
  token.claims = object_in(text.substr(first + 1, second - first - 1), "payload");
  token.signed_text = text.substr(0, second);
  token.signature = from_base64url(text.substr(second + 1)).value_or("");
  return token;
}

void check_claims(const json& claims, const ExpectedToken& expected) {
  if (text_in(claims, "iss") != expected.issuer) refuse("it is from somebody else (iss)");
  if (text_in(claims, "sub").empty()) refuse("it is about nobody (sub)");
  check_audience(claims, expected.client_id);
  check_times(claims, expected.now);
  if (text_in(claims, "nonce") != expected.nonce) refuse("it answers another question (nonce)");
}

}  // namespace siegel::portal
