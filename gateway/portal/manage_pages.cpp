#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/staff_pages.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::LinkState;
using transfer::Parcel;
using transfer::ParcelEvent;
using transfer::ParcelState;

constexpr std::size_t listed = 200;

/// The flags by which a page tells what state a parcel is in.
void put_state(json& data, ParcelState state) {
  data["scanning"] = state == ParcelState::waiting;
  data["ready"] = state == ParcelState::ready;
  data["infected"] = state == ParcelState::infected;
  data["ended"] = state == ParcelState::recalled || state == ParcelState::expired;
}

bool is_open(ParcelState state) {
  return state == ParcelState::waiting || state == ParcelState::ready;
}

std::size_t have_fetched(const std::vector<ParcelEvent>& events) {
  std::set<std::string> people;
  for (const ParcelEvent& event : events)
    if (event.what == "fetched") people.insert(event.recipient);
  return people.size();
}

json row_of(const Desk& desk, const Parcel& parcel, Language language) {
  const auto links = desk.parcels.links(parcel.id);
  json row{{"transfer_url", "/transfers/" + parcel.id},
           {"first_file", parcel.files.empty() ? "–" : parcel.files.front().name},
           {"first_recipient", links.empty() ? "–" : links.front().recipient},
           {"sent", date_in_words(parcel.created, language)},
           {"sent_iso", rfc3339_date(parcel.created)},
           {"fetched_by", std::to_string(have_fetched(desk.parcels.events(parcel.id)))},
           {"recipients_count", std::to_string(links.size())},
           {"by_mail", parcel.origin == transfer::Origin::mail ||
                           parcel.origin == transfer::Origin::received ||
                           parcel.origin == transfer::Origin::pickup},
           {"expires", date_in_words(parcel.expires, language)},
           {"expires_iso", rfc3339_date(parcel.expires)}};
  put_state(row, parcel.state);
  if (parcel.files.size() > 1) row["more_files"] = std::to_string(parcel.files.size() - 1);
  if (links.size() > 1) row["more_recipients"] = std::to_string(links.size() - 1);
  return row;
}

Response list(const Desk& desk, const Visitor& visitor, Request&) {
  json rows = json::array();
  for (const Parcel& parcel : desk.parcels.of(*visitor.user(), listed))
    rows.push_back(row_of(desk, parcel, visitor.language()));
  return visitor.page(200, "transfers", {{"has_transfers", !rows.empty()}, {"transfers", rows}});
}

// --- one of them

/// The user's own; others do not exist for him.
std::optional<Parcel> own(const Desk& desk, const Visitor& visitor, const Request& request) {
  auto parcel = desk.parcels.find(request.parameter("id"));
  if (!parcel || parcel->owner != *visitor.user()) return std::nullopt;
  return parcel;
}

/// Never less than what it has left: who presses the button without looking wants more.
std::chrono::seconds proposed(const Desk& desk, const Parcel& parcel) {
  const auto left = std::chrono::ceil<std::chrono::days>(parcel.expires - desk.clock.now());
  return std::max<std::chrono::seconds>(desk.config.load()->transfer->lives.standard, left);
}

std::string name_of(const Parcel& parcel, std::optional<std::uint32_t> position) {
  const auto file =
      std::ranges::find_if(parcel.files, [&](const auto& one) { return one.position == position; });
  return file == parcel.files.end() ? "–" : file->name;
}

json fetches_of(const Parcel& parcel, const std::string& recipient,
                const std::vector<ParcelEvent>& events, Language language) {
  json fetches = json::array();
  for (const ParcelEvent& event : events)
    if (event.what == "fetched" && event.recipient == recipient)
      fetches.push_back({{"fetched_at", moment_in_words(event.at, language)},
                         {"fetched_iso", rfc3339(event.at)},
                         {"fetched_file", name_of(parcel, event.position)}});
  return fetches;
}

json recipient_of(const Desk& desk, const Parcel& parcel, const LinkState& link,
                  const std::vector<ParcelEvent>& events, Language language) {
  const json fetches = fetches_of(parcel, link.recipient, events, language);
  const bool is_recalled = link.recalled.has_value();
  const bool is_locked = !is_recalled && link.locked_until > desk.clock.now();
  const bool is_lost = std::ranges::any_of(events, [&](const ParcelEvent& event) {
    return event.what == "undeliverable" && event.recipient == link.recipient;
  });
  const bool is_free = !is_recalled && !is_locked && !is_lost;
  return {{"recipient", link.recipient},
          {"recipient_id", link.recipient},
          {"recallable", !is_recalled && is_open(parcel.state)},
          {"waiting", is_free && parcel.state == ParcelState::waiting},
          {"mailed", is_free && parcel.state != ParcelState::waiting && fetches.empty()},
          {"fetched", is_free && !fetches.empty()},
          {"locked", is_locked && !is_lost},
          {"undeliverable", is_lost && !is_recalled},
          {"recalled", is_recalled},
          {"fetches", fetches}};
}

json recipients_of(const Desk& desk, const Parcel& parcel, Language language) {
  const auto events = desk.parcels.events(parcel.id);
  json recipients = json::array();
  for (const LinkState& link : desk.parcels.links(parcel.id))
    recipients.push_back(recipient_of(desk, parcel, link, events, language));
  return recipients;
}

json files_of(const Parcel& parcel, Language language) {
  json files = json::array();
  for (const auto& file : parcel.files)
    files.push_back(
        {{"file_name", file.name}, {"file_size", size_in_words(file.octets, language)}});
  return files;
}

bool has_password(const Desk& desk, const Parcel& parcel) {
  return std::ranges::any_of(desk.parcels.links(parcel.id), &LinkState::has_password);
}

/// How long it may live from now on: the longest life counts from its beginning.
std::chrono::seconds time_left(const Desk& desk, const Parcel& parcel) {
  const auto left = parcel.created + desk.config.load()->transfer->lives.longest - desk.clock.now();
  return std::max(std::chrono::ceil<std::chrono::days>(left), std::chrono::days(0));
}

/// `flag` says what was just changed, or what went wrong; or is empty.
Response show_one(const Desk& desk, const Visitor& visitor, const Parcel& parcel,
                  std::string_view flag) {
  const auto config = desk.config.load();
  const Language language = visitor.language();
  const bool is_alive = is_open(parcel.state);
  json data{{"problem", flag == "days_wrong"},
            {"changed", !flag.empty() && flag != "days_wrong"},
            {"transfer_url", "/transfers/" + parcel.id},
            {"sent", date_in_words(parcel.created, language)},
            {"password", has_password(desk, parcel)},
            {"files", files_of(parcel, language)},
            {"recipients", recipients_of(desk, parcel, language)},
            {"extendable", is_alive && time_left(desk, parcel).count() > 0},
            {"deletable", is_alive || parcel.state == ParcelState::infected},
            {"days", days_of(std::min(proposed(desk, parcel), time_left(desk, parcel)))},
            {"days_max", days_of(time_left(desk, parcel))},
            {"expires", date_in_words(parcel.expires, language)},
            {"expires_iso", rfc3339_date(parcel.expires)}};
  for (const char* const known : {"days_wrong", "extended", "link_recalled", "deleted"})
    data[known] = flag == known;
  put_state(data, parcel.state);
  if (!parcel.note.message.empty()) data["message"] = parcel.note.message;
  return visitor.page(flag == "days_wrong" ? 422 : 200, "transfer", data);
}

Response look(const Desk& desk, const Visitor& visitor, Request& request) {
  const auto parcel = own(desk, visitor, request);
  return parcel ? show_one(desk, visitor, *parcel, "") : gone(visitor);
}

/// Runs `change` on the user's own parcel, and shows it with the flag that this returns.
template <typename Change>
Response changed(const Desk& desk, const Visitor& visitor, Request& request, const Change& change) {
  const auto form = read_form(request, visitor);
  if (!form) return stale(visitor);
  const auto parcel = own(desk, visitor, request);
  if (!parcel) return gone(visitor);
  const std::string_view flag = change(*parcel, *form);
  return show_one(desk, visitor, desk.parcels.find(parcel->id).value(), flag);
}

Response extend(const Desk& desk, const Visitor& visitor, Request& request) {
  return changed(desk, visitor, request, [&](const Parcel& parcel, const Form& form) {
    const auto life = days_in(form, time_left(desk, parcel));
    if (!life) return "days_wrong";
    return desk.parcels.extend(parcel.id, desk.clock.now() + *life) ? "extended" : "";
  });
}

Response recall(const Desk& desk, const Visitor& visitor, Request& request) {
  return changed(desk, visitor, request, [&](const Parcel& parcel, const Form& form) {
    const std::string recipient = form.get("recipient").value_or("");
    return desk.parcels.recall(parcel.id, recipient) ? "link_recalled" : "";
  });
}

Response erase(const Desk& desk, const Visitor& visitor, Request& request) {
  return changed(desk, visitor, request, [&](const Parcel& parcel, const Form&) {
    return desk.parcels.recall(parcel.id) ? "deleted" : "";
  });
}

}  // namespace

void add_managing_pages(Router& router, const Desk& desk) {
  add_staff_route(router, desk, "GET", "/transfers", list);
  add_staff_route(router, desk, "GET", "/transfers/{id}", look);
  // A form's address asked for by GET: somebody switches the language of what the form brought.
  for (const char* const form :
       {"/transfers/{id}/extend", "/transfers/{id}/recall", "/transfers/{id}/delete"})
    add_staff_route(router, desk, "GET", form, look);
  add_staff_route(router, desk, "POST", "/transfers/{id}/extend", extend);
  add_staff_route(router, desk, "POST", "/transfers/{id}/recall", recall);
  add_staff_route(router, desk, "POST", "/transfers/{id}/delete", erase);
}

}  // namespace siegel::portal
