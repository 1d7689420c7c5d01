#include "gateway/portal/pickup_pages.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/link_lock.h"
#include "gateway/transfer/pickup_letters.h"
#include "gateway/transfer/spoken_code.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::Links;
using transfer::LinkSecret;
using transfer::Origin;
using transfer::Pickups;
using transfer::Visit;

/// A link and whoever stands before it.
struct Caller {
  Visitor visitor;
  LinkSecret secret;
  Visit visit;
};

std::optional<Caller> caller_of(const Desk& desk, const Request& request) {
  auto secret = LinkSecret::parse(request.parameter("secret"));
  auto visit = secret ? desk.links.visit(*secret) : std::nullopt;
  if (!visit || visit->parcel.origin != Origin::pickup) return std::nullopt;
  return Caller{Visitor(desk, request), *std::move(secret), *std::move(visit)};
}

/// `flag` is what has just happened, or keeps the visitor out; or is empty.
Response show(const Desk& desk, const Caller& caller, int status, std::string_view flag) {
  const Visit& visit = caller.visit;
  const Language language = caller.visitor.language();
  const bool is_locked = flag == "locked" || visit.locked_until.has_value();
  json data{{"problem", is_locked || (!flag.empty() && flag != "code_sent")},
            {"locked", is_locked},
            {"password", !visit.needs_code && !is_locked},
            {"by_code", visit.needs_code},
            {"sender_address", visit.parcel.owner.str()},
            {"pickup_url", "/m/" + caller.secret.text()},
            {"expires", date_in_words(visit.parcel.expires, language)},
            {"expires_iso", rfc3339_date(visit.parcel.expires)}};
  for (const char* const known :
       {"password_wrong", "code_wrong", "code_over", "codes_many", "code_sent", "no_cookies"})
    data[known] = !is_locked && flag == known;
  data["ask_code"] = visit.needs_code && (flag == "code_sent" || flag == "code_wrong");
  if (visit.needs_code) data["code_way"] = desk.pickups.code_way(visit).masked();
  if (visit.locked_until)
    data["lock_minutes"] = minutes_until(*visit.locked_until, desk.clock.now());
  return caller.visitor.page(status, "pickup", data);
}

Response look(const Desk& desk, Request& request) {
  const auto caller = caller_of(desk, request);
  if (!caller) return gone(Visitor(desk, request));
  return show(desk, *caller, 200, "");
}

// --- codes

/// Of one browser's town hall, however many links it has.
bool asks_too_often(const Desk& desk, const Request& request) {
  const std::uint32_t most = desk.config.load()->transfer->limits.sign_ins_per_client;
  return desk.limits.take("codes", request.client.ip, {most, std::chrono::hours(1)}).has_value();
}

void mail_code(const Desk& desk, const Visit& visit, const pki::Secret& code) {
  const auto config = desk.config.load();
  const config::TransferSettings& settings = *config->transfer;
  const auto house = transfer::letters::house_of(settings);
  const transfer::CodeWay way = desk.pickups.code_way(visit);
  const auto to = way.address(settings.sms_domain);
  if (!to)
    throw Error(Fault::ours, "codes cannot be sent just now; tell whoever sent the message",
                "a link needs codes by text message, and transfer.sms_domain is not set any more");
  desk.outbox.put({settings.sender.value_or(visit.parcel.owner), house.name, *to,
                   transfer::letters::code(house, way, code.text(), Pickups::code_life)});
}

Response send_code(const Desk& desk, Request& request) {
  const auto caller = caller_of(desk, request);
  if (!caller || !caller->visit.needs_code) return gone(Visitor(desk, request));
  if (asks_too_often(desk, request)) return notice(caller->visitor, 429, "busy");
  const auto code = desk.pickups.make_code(caller->visit, caller->secret);
  if (!code) return show(desk, *caller, 429, "codes_many");
  mail_code(desk, caller->visit, *code);
  return show(desk, *caller, 200, "code_sent");
}

/// What keeps the visitor out; empty if the code was right.
std::string_view hindrance(Pickups::Checked checked) {
  switch (checked) {
    case Pickups::Checked::right:
      return {};
    case Pickups::Checked::wrong:
      return "code_wrong";
    case Pickups::Checked::over:
      break;
  }
  return "code_over";
}

// --- the door

Response admit(const Desk& desk, const Caller& caller, const pki::Secret& key) {
  const LinkSecret ticket = desk.links.issue_for(caller.visit, key, caller.visitor.browser());
  return Response::see_other("/v/" + ticket.text());
}

Response open(const Desk& desk, Request& request) {
  const auto caller = caller_of(desk, request);
  if (!caller) return gone(Visitor(desk, request));
  if (caller->visitor.is_new()) return show(desk, *caller, 403, "no_cookies");
  const Form form = read_free_form(request);
  if (caller->visit.needs_code) {
    const auto checked =
        desk.pickups.check(caller->visit, caller->secret, form.get("code").value_or(""));
    if (const auto flag = hindrance(checked); !flag.empty()) return show(desk, *caller, 403, flag);
  }
  const std::string entered = form.get("password").value_or("");
  const auto key =
      desk.links.unlock(caller->visit, caller->secret, pki::Secret(transfer::bare_code(entered)),
                        desk.config.load()->transfer->limits);
  const auto* const closed = std::get_if<Links::Closed>(&key);
  if (closed == nullptr) return admit(desk, *caller, std::get<pki::Secret>(key));
  if (*closed == Links::Closed::now_locked) tell_of_lock(desk, caller->visit);
  const auto again = caller_of(desk, request);
  const bool is_wrong = *closed == Links::Closed::wrong_password;
  return again ? show(desk, *again, 403, is_wrong ? "password_wrong" : "locked")
               : gone(caller->visitor);
}

}  // namespace

void add_pickup_pages(Router& router, const Desk& desk) {
  router.add("GET", "/m/{secret}", [&](Request& request) { return look(desk, request); });
  router.add("POST", "/m/{secret}", [&](Request& request) { return open(desk, request); });
  // Asked for by GET where somebody switches the language of what the form brought.
  router.add("GET", "/m/{secret}/code", [&](Request& request) { return look(desk, request); });
  router.add("POST", "/m/{secret}/code",
             [&](Request& request) { return send_code(desk, request); });
}

}  // namespace siegel::portal
