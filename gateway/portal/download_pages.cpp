#include "gateway/portal/download_pages.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "gateway/portal/file_stream.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/link_lock.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::Links;
using transfer::LinkSecret;
using transfer::Parcel;
using transfer::ParcelFile;
using transfer::ParcelState;
using transfer::Ticket;
using transfer::Visit;

/// What keeps a visitor out for now.
struct Hindrance {
  bool password_wrong = false, locked = false;
};

json files_of(const Parcel& parcel, Language language) {
  json files = json::array();
  for (const ParcelFile& file : parcel.files)
    files.push_back({{"file_name", file.name},
                     {"file_size", size_in_words(file.octets, language)},
                     {"file_id", std::to_string(file.position)}});
  return files;
}

Response show(const Desk& desk, const Visitor& visitor, const Visit& visit, int status = 200,
              Hindrance hindrance = {}) {
  const Parcel& parcel = visit.parcel;
  const Language language = visitor.language();
  const bool is_ready = parcel.state == ParcelState::ready;
  json data{{"problem", hindrance.password_wrong || hindrance.locked},
            {"password_wrong", hindrance.password_wrong},
            {"locked", hindrance.locked},
            {"scanning", !is_ready},
            {"open", is_ready && !hindrance.locked},
            {"password", visit.needs_password},
            {"sender", parcel.note.sender.empty() ? parcel.owner.str() : parcel.note.sender},
            {"sender_address", parcel.owner.str()},
            {"files", files_of(parcel, language)},
            {"files_count", std::to_string(parcel.files.size())},
            {"several", parcel.files.size() > 1},
            {"total_size", size_in_words(parcel.octets, language)},
            {"expires", date_in_words(parcel.expires, language)},
            {"expires_iso", rfc3339_date(parcel.expires)}};
  if (!parcel.note.message.empty()) data["message"] = parcel.note.message;
  if (visit.locked_until)
    data["lock_minutes"] = minutes_until(*visit.locked_until, desk.clock.now());
  return visitor.page(status, "download", data);
}

/// Of files: whole messages have pages of their own.
std::optional<Visit> visit_of(const Desk& desk, const Request& request) {
  const auto secret = LinkSecret::parse(request.parameter("secret"));
  auto visit = secret ? desk.links.visit(*secret) : std::nullopt;
  if (visit && visit->parcel.origin == transfer::Origin::pickup) return std::nullopt;
  return visit;
}

Response look(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto visit = visit_of(desk, request);
  if (!visit) return gone(visitor);
  return show(desk, visitor, *visit, 200, {false, visit->locked_until.has_value()});
}

/// "all", or the number of a file of this parcel.
struct Wanted {
  bool is_all = false;
  std::uint32_t number = 0;  // of the file, if it is one

  [[nodiscard]] std::optional<std::uint32_t> position() const {
    return is_all ? std::nullopt : std::optional(number);
  }
};
std::optional<Wanted> wanted_of(const Form& form, const Parcel& parcel) {
  const std::string text = form.get("file").value_or("");
  if (text == "all") return Wanted{true, 0};
  for (const ParcelFile& file : parcel.files)
    if (std::to_string(file.position) == text) return Wanted{false, file.position};
  return std::nullopt;
}

/// `position`: of the file that is wanted; nothing = all of them.
bool is_used_up(const Desk& desk, const Parcel& parcel, const std::string& recipient,
                std::optional<std::uint32_t> position) {
  const std::uint32_t most = desk.config.load()->transfer->limits.downloads;
  return std::ranges::any_of(parcel.files, [&](const ParcelFile& file) {
    const bool is_wanted = !position || *position == file.position;
    return is_wanted && desk.links.times_fetched(parcel, recipient, file.position) >= most;
  });
}

Response open(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto visit = visit_of(desk, request);
  if (!visit) return gone(visitor);
  const Form form = read_free_form(request);
  const auto wanted = wanted_of(form, visit->parcel);
  if (!wanted || visit->parcel.state != ParcelState::ready) return show(desk, visitor, *visit);
  if (is_used_up(desk, visit->parcel, visit->recipient, wanted->position())) return gone(visitor);
  const auto secret = LinkSecret::parse(request.parameter("secret")).value();
  const auto config = desk.config.load();
  auto key = desk.links.unlock(*visit, secret, pki::Secret(form.get("password").value_or("")),
                               config->transfer->limits);
  if (const auto* const closed = std::get_if<Links::Closed>(&key)) {
    if (*closed == Links::Closed::now_locked) tell_of_lock(desk, *visit);
    return show(
        desk, visitor, visit_of(desk, request).value_or(*visit), 403,
        {*closed == Links::Closed::wrong_password, *closed != Links::Closed::wrong_password});
  }
  const LinkSecret ticket =
      desk.links.issue(*visit, std::get<pki::Secret>(key), wanted->position());
  return Response::see_other("/f/" + ticket.text());
}

std::optional<Ticket> ticket_of(const Desk& desk, const Request& request) {
  const auto secret = LinkSecret::parse(request.parameter("ticket"));
  return secret ? desk.links.find(*secret) : std::nullopt;
}

Response fetch(const Desk& desk, Request& request) {
  const auto ticket = ticket_of(desk, request);
  if (!ticket) return gone(Visitor(desk, request));
  // Who has begun may go on to the end.
  const std::string range = request.field("Range").value_or("bytes=0-");
  if (range.starts_with("bytes=0-") &&
      is_used_up(desk, ticket->parcel, ticket->recipient, ticket->position))
    return gone(Visitor(desk, request));
  return ticket->position ? give_file(desk, *ticket, request) : give_all(desk, *ticket, request);
}

}  // namespace

void add_download_pages(Router& router, const Desk& desk) {
  router.add("GET", "/d/{secret}", [&](Request& request) { return look(desk, request); });
  router.add("POST", "/d/{secret}", [&](Request& request) { return open(desk, request); });
  router.add("GET", "/f/{ticket}", [&](Request& request) { return fetch(desk, request); });
}

}  // namespace siegel::portal
