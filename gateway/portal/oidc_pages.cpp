#include "gateway/portal/oidc_pages.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/portal/form_page.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::LinkSecret;

RelyingParty relying_party(const config::TransferSettings& settings) {
  return {*settings.oidc, settings.url + std::string(oidc_path)};
}

/// The page that says what to do instead; `flag` is the one that says why.
Response failed(const Visitor& visitor, int status, std::string_view flag) {
  json data = json::object();
  for (const char* const known : {"away", "refused", "no_address", "address_foreign"})
    data[known] = flag == known;
  return visitor.page(status, "sign_in_failed", data);
}

/// Whatever goes wrong with the issuer ends here: its trouble must not keep anybody from signing in
/// by mail, so the page is another one than that of our own trouble.
Response explain(const Desk& desk, const Visitor& visitor, const Error& error) {
  const Log::Fields fields{{"by", "oidc"}, {"why", error.what()}};
  switch (error.fault()) {
    case Fault::peer:
      desk.log.info("sign_in_refused", fields);
      return failed(visitor, 403, "refused");
    case Fault::world:
      desk.log.warning("sign_in_failed", fields);
      return failed(visitor, 503, "away");
    case Fault::ours:
      break;
  }
  desk.log.alarm("sign_in_failed", fields);
  return failed(visitor, 503, "away");
}

Response send_away(const Desk& desk, Issuer& issuer, Request& request) {
  const Visitor visitor(desk, request);
  const auto config = desk.config.load();
  if (!config->transfer->oidc) return notice(visitor, 404, "not_found");
  if (!read_form(request, visitor)) return stale(visitor);
  const Errand errand(visitor.browser(), desk.access.send_away(visitor.browser()));
  try {
    return Response::see_other(
        issuer.sign_in_url(relying_party(*config->transfer), errand, code(visitor.language())));
  } catch (const Error& error) {
    return explain(desk, visitor, error);
  }
}

/// RFC 6749 §3.1: a parameter that comes twice is none.
std::optional<std::string> parameter(const Request& request, std::string_view name) {
  const auto values = request.query.all(name);
  return values.size() == 1 ? std::optional(values.front()) : std::nullopt;
}

Response admit(const Desk& desk, const Visitor& visitor, const Person& person) {
  const auto address = person.is_verified ? Address::parse(person.email) : std::nullopt;
  if (!address) return failed(visitor, 403, "no_address");
  if (!desk.config.load()->is_ours(*address)) return failed(visitor, 403, "address_foreign");
  Response response = Response::see_other("/new");
  Visitor::open_session(response, desk.access.open(*address));
  return response;
}

/// A GET that changes something, as the protocol wants it: but only once, and only in the browser
/// that was sent away.
Response welcome_back(const Desk& desk, Issuer& issuer, Request& request) {
  const Visitor visitor(desk, request);
  const auto config = desk.config.load();
  if (!config->transfer->oidc) return notice(visitor, 404, "not_found");
  const auto state = LinkSecret::parse(parameter(request, "state").value_or(""));
  if (!state || !desk.access.welcome_back(*state, visitor.browser()))
    return failed(visitor, 403, "refused");
  Person person;
  try {
    if (const auto error = parameter(request, "error"))  // RFC 6749 §4.1.2.1
      throw Error(Fault::peer, "the sign-in service says no", printable(*error, 80));
    person = issuer.identify(relying_party(*config->transfer), Errand(visitor.browser(), *state),
                             {parameter(request, "code").value_or(""), parameter(request, "iss")});
  } catch (const Error& error) {
    return explain(desk, visitor, error);
  }
  return admit(desk, visitor, person);
}

}  // namespace

void add_oidc_pages(Router& router, const Desk& desk, Issuer& issuer) {
  router.add("POST", oidc_path, [&](Request& request) { return send_away(desk, issuer, request); });
  router.add("GET", oidc_path,
             [&](Request& request) { return welcome_back(desk, issuer, request); });
}

}  // namespace siegel::portal
