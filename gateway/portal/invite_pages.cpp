#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/staff_pages.h"
#include "gateway/transfer/letters.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::LinkSecret;

constexpr std::size_t note_limit = 2000, address_limit = 254;

Response ask(const Desk& desk, const Visitor& visitor, const Form& form, std::string_view problem) {
  const auto config = desk.config.load();
  json data{{"problem", !problem.empty()},
            {"address_wrong", problem == "address_wrong"},
            {"days_wrong", problem == "days_wrong"},
            {"days", form.get("days").value_or(days_of(config->transfer->lives.standard))},
            {"days_max", days_of(config->transfer->lives.longest)}};
  for (const char* const name : {"address", "note"})
    if (const auto text = form.get(name); text && !text->empty()) data[name] = *text;
  return visitor.page(problem.empty() ? 200 : 422, "invite", data);
}

Response show(const Desk& desk, const Visitor& visitor, Request&) {
  return ask(desk, visitor, {}, "");
}

Response invite(const Desk& desk, const Visitor& visitor, Request& request) {
  const auto form = read_form(request, visitor);
  if (!form) return stale(visitor);
  const auto config = desk.config.load();
  const std::string wanted = entered_line(*form, "address", address_limit);
  const auto address = Address::parse(wanted);
  if (!wanted.empty() && !address) return ask(desk, visitor, *form, "address_wrong");
  const auto life = days_in(*form, config->transfer->lives.longest);
  if (!life) return ask(desk, visitor, *form, "days_wrong");
  const std::string note = entered_text(*form, "note", note_limit);
  const Time expires = desk.clock.now() + *life;
  const LinkSecret secret = desk.access.invite({*visitor.user(), note, expires});
  const auto house = transfer::letters::house_of(*config->transfer);
  const std::string user = visitor.user()->str();
  json data{{"link", house.url + "/i/" + secret.text()},
            {"expires", date_in_words(expires, visitor.language())},
            {"expires_iso", rfc3339_date(expires)}};
  if (!note.empty()) data["note"] = note;
  if (address) {
    data["address"] = address->str();
    desk.outbox.put({*visitor.user(), house.name, *address,
                     transfer::letters::invitation(house, user, note, secret.text(), expires)});
  }
  return visitor.page(200, "invited", data);
}

}  // namespace

void add_inviting_pages(Router& router, const Desk& desk) {
  add_staff_route(router, desk, "GET", "/invite", show);
  add_staff_route(router, desk, "GET", "/invitations", show);
  add_staff_route(router, desk, "POST", "/invitations", invite);
}

}  // namespace siegel::portal
