#include "gateway/portal/upload_pages.h"

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/kept_uploads.h"
#include "gateway/portal/message_pages.h"
#include "gateway/portal/plain_upload.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using transfer::Access;
using transfer::LinkSecret;
using transfer::Parcel;
using transfer::Parcels;
using transfer::ParcelState;

constexpr std::size_t name_limit = 200, address_limit = 254, message_limit = 4000;

/// Whom a page sends files to, and how one came to it.
struct Goal {
  Address owner;
  std::string office_name;
  std::optional<LinkSecret> secret{};  ///< of an invitation
  std::optional<Access::Invitation> invitation{};
};

std::optional<Goal> office_goal(const Desk& desk, const std::string& office) {
  const auto config = desk.config.load();
  for (const auto& one : config->transfer->upload_addresses)
    if (one.mailbox->str() == office) return Goal{*one.mailbox, one.name};
  return std::nullopt;
}

std::optional<Goal> invitation_goal(const Desk& desk, const std::string& text) {
  auto secret = LinkSecret::parse(text);
  auto invitation = secret ? desk.access.find(*secret) : std::nullopt;
  if (!invitation) return std::nullopt;
  const Address owner = invitation->owner;
  return Goal{owner, owner.str(), std::move(secret), std::move(invitation)};
}

std::optional<Goal> goal_of(const Desk& desk, const Request& request) {
  if (request.parameters.contains("office")) return office_goal(desk, request.parameter("office"));
  return invitation_goal(desk, request.parameter("secret"));
}

Response ask(const Desk& desk, const Visitor& visitor, const Goal& goal, const Form& form,
             const json& problems) {
  const auto config = desk.config.load();
  json data;
  for (const char* const flag :
       {"no_files", "upload_gone", "too_large", "no_name", "address_wrong"})
    data[flag] = false;
  data.update(problems);
  data["problem"] = !problems.empty();
  data["office_name"] = goal.office_name;
  data["invitation"] = goal.invitation.has_value();
  if (goal.invitation) {
    data["invited_by"] = goal.owner.str();
    data["expires"] = date_in_words(goal.invitation->expires, visitor.language());
    data["expires_iso"] = rfc3339_date(goal.invitation->expires);
    if (!goal.invitation->message.empty()) data["note"] = goal.invitation->message;
  }
  KeptUploads(desk, form, goal.owner).put_into(data, visitor.language());
  put_limits(data, config->transfer->limits, visitor.language());
  for (const char* const name : {"name", "address", "reference", "message"})
    if (const auto text = form.get(name); text && !text->empty()) data[name] = *text;
  return visitor.page(problems.empty() ? 200 : 422, "upload", data);
}

Response show(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto goal = goal_of(desk, request);
  return goal ? ask(desk, visitor, *goal, {}, json::object()) : gone(visitor);
}

bool is_multipart(const Request& request) {
  return ascii::lower(request.field("Content-Type").value_or("")).starts_with("multipart/");
}

json problems_of(const Form& form, const KeptUploads& uploads,
                 const config::TransferLimits& limits) {
  json problems = json::object();
  const std::string address(ascii::trim(form.get("address").value_or("")));
  if (uploads.has_lost()) problems["upload_gone"] = true;
  if (uploads.empty() && !uploads.has_lost()) problems["no_files"] = true;
  if (uploads.size() > limits.files || uploads.octets() > limits.transfer)
    problems["too_large"] = true;
  if (ascii::trim(form.get("name").value_or("")).empty()) problems["no_name"] = true;
  if (!address.empty() && !Address::parse(address)) problems["address_wrong"] = true;
  return problems;
}

transfer::ParcelWish wish_of(const Goal& goal, const Form& form, const KeptUploads& uploads,
                             std::chrono::seconds life) {
  return {
      .origin = transfer::Origin::citizen,
      .owner = goal.owner,
      .note = {entered_text(form, "message", message_limit), entered_line(form, "name", name_limit),
               entered_line(form, "address", address_limit),
               entered_line(form, "reference", name_limit)},
      .uploads = uploads.secrets(),
      .recipients = {goal.owner.str()},
      .life = life,
      .password = {}};
}

Response confirm(const Desk& desk, const Visitor& visitor, const Goal& goal, const Parcel& parcel,
                 const std::string& receipt) {
  json files = json::array();
  for (const auto& file : parcel.files)
    files.push_back(
        {{"file_name", file.name}, {"file_size", size_in_words(file.octets, visitor.language())}});
  json data{{"code", receipt},
            {"scanning", desk.config.load()->transfer->clamd.has_value()},
            {"office_name", goal.office_name},
            {"arrived", moment_in_words(parcel.created, visitor.language())},
            {"arrived_iso", rfc3339(parcel.created)},
            {"files_count", std::to_string(parcel.files.size())},
            {"files", files}};
  if (!parcel.note.reference.empty()) data["reference"] = parcel.note.reference;
  return visitor.page(200, "uploaded", data);
}

Response post(const Desk& desk, const Visitor& visitor, const Goal& goal, const Form& form,
              json problems) {
  const auto config = desk.config.load();
  const KeptUploads uploads(desk, form, goal.owner);
  if (problems.empty()) problems = problems_of(form, uploads, config->transfer->limits);
  if (!problems.empty()) return ask(desk, visitor, goal, form, problems);
  const auto posted =
      desk.parcels.post(wish_of(goal, form, uploads, config->transfer->lives.standard),
                        config->transfer->limits.transfer);
  const auto* const sent = std::get_if<Parcels::Posted>(&posted);
  if (sent == nullptr) return ask(desk, visitor, goal, form, {{"upload_gone", true}});
  // Used only now, so that who has to mend the form first can do so; and by one of two at once.
  if (goal.secret && !desk.access.use(*goal.secret)) {
    desk.parcels.recall(sent->waiting.parcel);
    return gone(visitor);
  }
  return confirm(desk, visitor, goal, desk.parcels.find(sent->waiting.parcel).value(),
                 sent->receipt);
}

Response send(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto goal = goal_of(desk, request);
  if (!goal) return gone(visitor);
  if (!is_multipart(request)) {
    const auto form = read_form(request, visitor);
    return form ? post(desk, visitor, *goal, *form, json::object()) : stale(visitor);
  }
  const auto plain = read_plain_upload(desk, request, visitor, goal->owner);
  if (!plain) return stale(visitor);
  if (plain->too_often) return notice(visitor, 429, "busy");
  return post(desk, visitor, *goal, plain->form,
              plain->too_large ? json{{"too_large", true}} : json::object());
}

// --- receipts

Response ask_for_code(const Visitor& visitor, bool is_problem, const std::string& code = {}) {
  json data{{"problem", is_problem}, {"found", false}};
  if (!code.empty()) data["code"] = code;
  return visitor.page(is_problem ? 422 : 200, "receipt", data);
}

std::optional<Time> fetched_at(const Desk& desk, const Parcel& parcel) {
  for (const auto& event : desk.parcels.events(parcel.id))
    if (event.what == "fetched") return event.at;
  return std::nullopt;
}

Response tell(const Desk& desk, const Visitor& visitor, const Parcel& parcel) {
  const auto fetched = fetched_at(desk, parcel);
  const bool has_ended =
      parcel.state == ParcelState::recalled || parcel.state == ParcelState::expired;
  json data{{"problem", false},
            {"found", true},
            {"scanning", parcel.state == ParcelState::waiting},
            {"waiting", parcel.state == ParcelState::ready && !fetched},
            {"fetched", fetched.has_value()},
            {"infected", parcel.state == ParcelState::infected},
            {"ended", has_ended && !fetched},
            {"office_name", parcel.owner.str()},
            {"arrived", moment_in_words(parcel.created, visitor.language())},
            {"arrived_iso", rfc3339(parcel.created)},
            {"files_count", std::to_string(parcel.files.size())}};
  if (fetched) {
    data["fetched_at"] = moment_in_words(*fetched, visitor.language());
    data["fetched_iso"] = rfc3339(*fetched);
  }
  return visitor.page(200, "receipt", data);
}

Response look_up(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const std::string code = entered_line(read_free_form(request), "code", name_limit);
  const auto parcel = desk.parcels.by_receipt(code);
  return parcel ? tell(desk, visitor, *parcel) : ask_for_code(visitor, true, code);
}

}  // namespace

std::string upload_path(const config::UploadAddress& office) {
  return "/upload/" + office.mailbox->str();
}

std::optional<Tus::Uploader> upload_owner(const Desk& desk, const Request& request) {
  const Visitor visitor(desk, request);
  if (!visitor.has_sent(request.field("X-Siegel-Token").value_or(""))) return std::nullopt;
  const std::string page = request.field("X-Siegel-Page").value_or("");
  constexpr std::string_view office = "/upload/", invited = "/i/", message = "/v/";
  const auto goal = page.starts_with(office)    ? office_goal(desk, page.substr(office.size()))
                    : page.starts_with(invited) ? invitation_goal(desk, page.substr(invited.size()))
                                                : std::nullopt;
  if (goal) return Tus::Uploader{goal->owner, true};
  if (page.starts_with(message)) {
    const std::string text = page.substr(message.size());
    const auto ticket = message_ticket(desk, visitor, text.substr(0, text.find('/')));
    if (ticket) return Tus::Uploader{ticket->parcel.owner, true};
  }
  if (!visitor.user()) return std::nullopt;
  return Tus::Uploader{*visitor.user(), false};
}

void add_upload_pages(Router& router, const Desk& desk) {
  router.add("GET", "/upload/{office}", [&](Request& request) { return show(desk, request); });
  router.add("POST", "/upload/{office}", [&](Request& request) { return send(desk, request); });
  router.add("GET", "/i/{secret}", [&](Request& request) { return show(desk, request); });
  router.add("POST", "/i/{secret}", [&](Request& request) { return send(desk, request); });
  router.add("GET", "/receipt",
             [&](Request& request) { return ask_for_code(Visitor(desk, request), false); });
  router.add("POST", "/receipt", [&](Request& request) { return look_up(desk, request); });
}

}  // namespace siegel::portal
