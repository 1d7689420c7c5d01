#include "gateway/portal/oidc_issuer.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "base/ascii.h"
#include "base/blob.h"
#include "base/error.h"
#include "base/utf8.h"
#include "gateway/portal/fields.h"
#include "gateway/portal/percent.h"
#include "pki/private_file.h"
#include "pki/store_base64.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using pki::enrol::HttpAnswer;
using pki::enrol::HttpPlace;
using pki::enrol::HttpRequest;

/// Debian's, of the package ca-certificates.
constexpr auto system_authorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::chrono::seconds patience = 10s, kept_for = 1h, look_again_after = 60s;
constexpr std::size_t secret_limit = 4096, code_limit = 4096;
constexpr std::string_view https = "https://";

Error unusable(const std::string& why) {
  return {Fault::ours, "the sign-in service cannot be used", why};
}

Error away(const std::string& why) {
  return {Fault::world, "the sign-in service does not answer as it should", why};
}

bool is_plain(std::string_view url) {
  return std::ranges::none_of(url, [](char c) {
    return ascii::is_control(c) || ascii::is_8bit(c) || c == ' ' || c == '\\' || c == '"' ||
           c == '<' || c == '>' || c == '#';
  });
}

/// Nothing if it is no https address without fragment and user name.
std::optional<HttpPlace> place_of(const std::string& url) {
  if (!url.starts_with(https) || !is_plain(url)) return std::nullopt;
  try {
    const Poco::URI uri(url);
    if (!uri.getUserInfo().empty() || uri.getHost().empty()) return std::nullopt;
    const std::string path = uri.getPathAndQuery();
    return HttpPlace{ascii::lower(uri.getHost()), uri.getPort(),
                     path.starts_with('/') ? path : '/' + path};
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

std::vector<pki::Certificate> authorities(const config::OidcSettings& settings) {
  const std::filesystem::path file = settings.ca_file.value_or(system_authorities);
  auto found = pki::certificates_from_pem(Blob::from_file(file).view());
  if (found.empty())
    throw unusable("the file " + printable(file.string()) +
                   " holds no certificate in PEM; name the right one in transfer.oidc.ca_file");
  return found;
}

pki::Secret client_secret(const config::OidcSettings& settings) {
  const pki::PrivateFile file{"transfer.oidc.client_secret, in", settings.client_secret,
                              "check that it is there, and its permissions"};
  pki::Secret secret = file.read(secret_limit);
  secret.cut(std::min(secret.octets().find_first_of("\r\n"), secret.octets().size()));
  if (secret.octets().empty())
    throw file.error("is empty; its first line must be the secret that the issuer gave");
  return secret;
}

/// RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
std::string basic(const config::OidcSettings& settings) {
  std::string secret = percent_encoded(client_secret(settings).octets());
  const pki::Cleansing cleansing_secret(secret);
  std::string pair = percent_encoded(settings.client_id) + ':' + secret;
  const pki::Cleansing cleansing_pair(pair);
  return "Basic " + pki::to_base64(pair);
}

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string form_of(const Pairs& pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (!form.empty()) form += '&';
    form += std::string(name) + '=' + percent_encoded(value);
  }
  return form;
}

json object_in(const HttpAnswer& answer, const std::string& url) {
  json object = parse_json(answer.body);
  if (!object.is_object()) throw away(printable(url) + " gives no JSON object");
  return object;
}

/// RFC 6749 §5.2. What is wrong with the code is the browser's fault, what is wrong with our name
/// or secret is ours.
Error not_redeemed(const HttpAnswer& answer) {
  const json said = parse_json(answer.body);
  const std::string error = text_in(said, "error");
  const std::string why = std::to_string(answer.status) + ' ' + printable(error, 80);
  if (answer.status == 401 || error == "invalid_client" || error == "unauthorized_client")
    return unusable("the issuer does not take our client_id and client_secret (" + why +
                    "); check both in transfer.oidc");
  if (answer.status >= 400 && answer.status < 500)
    return {Fault::peer, "the sign-in service does not know of this sign-in",
            "the token endpoint says " + why};
  return away("the token endpoint says " + why);
}

/// RFC 9207 §2.4: an answer of another issuer must not be taken to this one.
void check_sender(const std::optional<std::string>& said, const std::string& issuer,
                  bool must_say_it) {
  if (said ? *said == issuer : !must_say_it) return;
  throw Error(
      Fault::peer, "the sign-in service's answer is not accepted; sign in again",
      said ? "the answer is from another issuer (iss)" : "the answer names no issuer (iss)");
}

Person person_in(const json& claims) {
  const auto verified = claims.find("email_verified");
  return {text_in(claims, "email"), verified != claims.end() && *verified == json(true)};
}

}  // namespace

HttpAnswer ask_by_https(const config::OidcSettings& settings, const HttpPlace& place,
                        const HttpRequest& request) {
  return pki::enrol::ask(place, request, {authorities(settings), {}, "transfer.oidc.ca_file"});
}

Errand::Errand(const transfer::LinkSecret& browser, const transfer::LinkSecret& secret)
    : state(secret.text()),
      nonce(browser.lookup("oidc nonce " + state)),
      verifier(browser.lookup("oidc verifier " + state)) {}

Issuer::Issuer(const Clock& clock, AskIssuer ask) : clock_(clock), ask_(std::move(ask)) {}

void Issuer::check(const config::OidcSettings& settings) {
  const bool has_query = settings.issuer.find('?') != std::string::npos;
  if (!place_of(settings.issuer) || has_query ||
      origin(settings).find_first_of(";,") != std::string::npos)
    throw unusable("transfer.oidc.issuer must be an https:// address without query and user name");
  static_cast<void>(client_secret(settings));
  static_cast<void>(authorities(settings));
}

std::string Issuer::origin(const config::OidcSettings& settings) {
  return settings.issuer.substr(0, settings.issuer.find('/', https.size()));
}

// --- asking

HttpAnswer Issuer::ask(const config::OidcSettings& settings, const std::string& url,
                       HttpRequest& request) const {
  const auto place = place_of(url);
  if (!place) throw away("its discovery document names an address that is not https");
  request.path = place->path;
  request.patience = patience;
  request.fields["Accept"] = "application/json";
  return ask_(settings, *place, request);
}

json Issuer::fetch(const config::OidcSettings& settings, const std::string& url,
                   HttpRequest request) const {
  const HttpAnswer answer = ask(settings, url, request);
  if (answer.status != 200)
    throw away(printable(url) + " answers " + std::to_string(answer.status));
  return object_in(answer, url);
}

bool Issuer::is_younger(Time moment, std::chrono::seconds age) const {
  const Time now = clock_.now();
  return moment <= now && now < moment + age;
}

std::shared_ptr<const Issuer::Metadata> Issuer::metadata(const config::OidcSettings& settings) {
  auto kept = kept_.with([](const Kept& value) { return value.metadata; });
  if (kept && kept->issuer == settings.issuer && is_younger(kept->fetched, kept_for)) return kept;
  // OpenID Connect Discovery §4.1: without the slash at its end.
  const std::string base =
      settings.issuer.substr(0, settings.issuer.size() - (settings.issuer.ends_with('/') ? 1 : 0));
  const json said = fetch(settings, base + "/.well-known/openid-configuration", {});
  const std::string issuer = text_in(said, "issuer");
  if (issuer != settings.issuer)  // §4.3
    throw unusable("the issuer calls itself " + printable(issuer) +
                   "; if that is right, write it into transfer.oidc.issuer");
  auto fresh = std::make_shared<const Metadata>(
      Metadata{issuer, text_in(said, "authorization_endpoint"), text_in(said, "token_endpoint"),
               text_in(said, "jwks_uri"), text_in(said, "userinfo_endpoint"),
               said.value("authorization_response_iss_parameter_supported", json()) == json(true),
               clock_.now()});
  if (!place_of(fresh->authorization)) throw away("it names no https address to sign in at");
  kept_.with([&](Kept& value) { value.metadata = fresh; });
  return fresh;
}

std::shared_ptr<const Issuer::Keys> Issuer::keys(const config::OidcSettings& settings,
                                                 const std::string& url, std::chrono::seconds age) {
  auto kept = kept_.with([](const Kept& value) { return value.keys; });
  if (kept && kept->url == url && is_younger(kept->fetched, age)) return kept;
  auto fresh =
      std::make_shared<const Keys>(Keys{IssuerKeys(fetch(settings, url, {})), url, clock_.now()});
  kept_.with([&](Kept& value) { value.keys = fresh; });
  return fresh;
}

// --- signing in

std::string Issuer::sign_in_url(const RelyingParty& we, const Errand& errand,
                                std::string_view language) {
  const auto about = metadata(we.settings);
  const bool has_query = about->authorization.find('?') != std::string::npos;
  return about->authorization + (has_query ? '&' : '?') +
         form_of({{"response_type", "code"},
                  {"client_id", we.settings.client_id},
                  {"redirect_uri", we.redirect_uri},
                  {"scope", "openid email"},
                  {"state", errand.state},
                  {"nonce", errand.nonce},
                  {"code_challenge", code_challenge(errand.verifier)},
                  {"code_challenge_method", "S256"},
                  {"ui_locales", language}});
}

Person Issuer::identify(const RelyingParty& we, const Errand& errand, const Return& answer) {
  const auto about = metadata(we.settings);
  check_sender(answer.issuer, about->issuer, about->names_itself);
  const Tokens tokens = redeem(we, errand, answer.code, about->token);
  const IdToken token = parse_id_token(tokens.id);
  check_signature(we.settings, about->keys, token);
  check_claims(token.claims, {about->issuer, we.settings.client_id, errand.nonce, clock_.now()});
  // §5.4: whoever issues an access token may keep the address for the UserInfo endpoint.
  if (token.claims.contains("email") || about->user_info.empty()) return person_in(token.claims);
  return person_in(user_info(we.settings, about->user_info, tokens, text_in(token.claims, "sub")));
}

Issuer::Tokens Issuer::redeem(const RelyingParty& we, const Errand& errand, const std::string& code,
                              const std::string& url) const {
  if (code.empty() || code.size() > code_limit) refuse("there is none, for there is no code");
  HttpRequest request;
  request.type = "application/x-www-form-urlencoded";
  request.body = form_of({{"grant_type", "authorization_code"},
                          {"code", code},
                          {"redirect_uri", we.redirect_uri},
                          {"code_verifier", errand.verifier}});
  std::string& field = request.fields["Authorization"];
  const pki::Cleansing cleansing(field);
  field = basic(we.settings);
  const HttpAnswer answer = ask(we.settings, url, request);
  if (answer.status != 200) throw not_redeemed(answer);
  const json said = object_in(answer, url);
  return {text_in(said, "id_token"), text_in(said, "access_token")};
}

void Issuer::check_signature(const config::OidcSettings& settings, const std::string& url,
                             const IdToken& token) {
  auto known = keys(settings, url, kept_for);
  const IssuerKey* key = known->set.find(token.key_id, *token.algorithm);
  if (key == nullptr) {  // the issuer may have a new one
    known = keys(settings, url, look_again_after);
    key = known->set.find(token.key_id, *token.algorithm);
  }
  if (key == nullptr) refuse("the issuer has no such key (kid)");
  if (!key->has_signed(*token.algorithm, token.signed_text, token.signature))
    refuse("its signature is wrong");
}

json Issuer::user_info(const config::OidcSettings& settings, const std::string& url,
                       const Tokens& tokens, const std::string& subject) const {
  // RFC 6750 §2.1; foreign text must not break the head apart.
  if (tokens.access.empty() || !is_field_value(tokens.access))
    refuse("no access token comes with it");
  HttpRequest request;
  request.fields["Authorization"] = "Bearer " + tokens.access;
  json said = fetch(settings, url, std::move(request));
  // §5.3.2: without this check somebody else's address could be put there.
  if (text_in(said, "sub") != subject)
    refuse("the UserInfo endpoint speaks of somebody else (sub)");
  return said;
}

}  // namespace siegel::portal
