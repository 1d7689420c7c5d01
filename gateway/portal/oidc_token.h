#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "gateway/portal/oidc_key.h"

/// What an issuer says of somebody in an ID token: a JWS in compact form (RFC 7515 §7.1) over
/// claims in JSON. What is wrong with one is an Error{peer} whose detail holds nothing of it.
namespace siegel::portal {

/// An ID token taken apart; nothing of it is to be believed yet.
struct IdToken {  // NOLINT(bugprone-exception-escape): moving a json does not throw
  const SignatureAlgorithm* algorithm = nullptr;  ///< one that we take
  std::string key_id;                             ///< `kid`, or empty
  nlohmann::json claims;
  std::string signed_text, signature;
};

/// Throws if it has not three parts of base64url without padding, with JSON objects in the first
/// two; if it is longer than 64 KiB; if it is signed by nothing, by a shared secret or in a way
/// that we do not know; if it demands that we understand more than that (RFC 7515 §4.1.11).
[[nodiscard]] IdToken parse_id_token(std::string_view text);

struct ExpectedToken {
  std::string issuer, client_id, nonce;
  Time now;
};

/// OpenID Connect Core §3.1.3.7, 2–5 and 9–11, each with a minute for clocks that differ. Throws.
/// REQUIRES: the signature is good.
void check_claims(const nlohmann::json& claims, const ExpectedToken& expected);

/// Throws the Error of a token that is not believed.
[[noreturn]] void refuse(const std::string& why);

/// JSON of at most 1 MiB and 32 levels; null if it is none.
[[nodiscard]] nlohmann::json parse_json(std::string_view text);
/// Empty if there is none, or if it is no text.
[[nodiscard]] std::string text_in(const nlohmann::json& object, const char* name);

}  // namespace siegel::portal
