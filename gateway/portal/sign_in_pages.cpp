#include "gateway/portal/sign_in_pages.h"

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/oidc_issuer.h"
#include "gateway/portal/security_fields.h"
#include "gateway/transfer/letters.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using transfer::LinkSecret;

/// The sign-in page; `problem` is the flag of what is wrong about `address`, if anything is.
Response ask(const Desk& desk, const Visitor& visitor, std::string_view problem = {},
             const std::string& address = {}) {
  const auto config = desk.config.load();
  const auto& oidc = config->transfer->oidc;
  json data{{"problem", !problem.empty()},
            {"address_wrong", problem == "address_wrong"},
            {"address_foreign", problem == "address_foreign"},
            {"oidc", oidc.has_value()}};
  if (!address.empty()) data["address"] = address;
  Response response = visitor.page(problem.empty() ? 200 : 422, "sign_in", data);
  if (oidc) allow_forms_to(Issuer::origin(*oidc), response);
  return response;
}

Response show(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  if (visitor.user()) return Response::see_other("/new");
  return ask(desk, visitor);
}

/// A mail leaves to every address of ours: who uses this service is nobody's business.
Response send_link(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto form = read_form(request, visitor);
  if (!form) return stale(visitor);
  const std::string entered = form->get("address").value_or("");
  const auto address = Address::parse(entered);
  if (!address) return ask(desk, visitor, "address_wrong", entered);
  const auto config = desk.config.load();
  if (!config->is_ours(*address)) return ask(desk, visitor, "address_foreign", entered);
  const auto& limits = config->transfer->limits;
  const bool is_too_often =
      desk.limits.take("sign-ins", request.client.ip, {limits.sign_ins_per_client, 1h}) ||
      desk.limits.take("sign-ins to", ascii::lower(address->str()), {limits.sign_ins_per_hour, 1h});
  if (is_too_often) return notice(visitor, 429, "busy");
  const LinkSecret link = desk.access.offer(*address, visitor.browser());
  const auto house = transfer::letters::house_of(*config->transfer);
  desk.outbox.put({config->transfer->sender.value(), house.name, *address,
                   transfer::letters::sign_in(house, link.text())});
  return visitor.page(200, "sign_in_sent",
                      {{"address", address->str()},
                       {"minutes", std::to_string(transfer::Access::sign_in_life.count())}});
}

/// Looking uses nothing up: link scanners look too.
Response confirm(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto link = LinkSecret::parse(request.parameter("secret"));
  const auto address = link ? desk.access.offered(*link, visitor.browser()) : std::nullopt;
  json data{{"other_browser", !address}};
  if (address) data["address"] = address->str();
  return visitor.page(200, "sign_in_confirm", data);
}

Response enter(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  if (!read_form(request, visitor)) return stale(visitor);
  const auto link = LinkSecret::parse(request.parameter("secret"));
  const auto session = link ? desk.access.accept(*link, visitor.browser()) : std::nullopt;
  if (!session) return notice(visitor, 404, "gone");
  Response response = Response::see_other("/new");
  Visitor::open_session(response, *session);
  return response;
}

Response leave(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  if (!read_form(request, visitor)) return stale(visitor);
  if (visitor.session()) desk.access.close(*visitor.session());
  Response response = Response::see_other("/");
  Visitor::close_session(response);
  return response;
}

}  // namespace

void add_sign_in_pages(Router& router, const Desk& desk) {
  router.add("GET", "/sign-in", [&](Request& request) { return show(desk, request); });
  router.add("POST", "/sign-in", [&](Request& request) { return send_link(desk, request); });
  router.add("GET", "/sign-in/{secret}", [&](Request& request) { return confirm(desk, request); });
  router.add("POST", "/sign-in/{secret}", [&](Request& request) { return enter(desk, request); });
  router.add("POST", "/sign-out", [&](Request& request) { return leave(desk, request); });
}

}  // namespace siegel::portal
