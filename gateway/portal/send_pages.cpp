#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/kept_uploads.h"
#include "gateway/portal/staff_pages.h"
#include "gateway/transfer/password.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::ParcelRefusal;
using transfer::Parcels;

constexpr std::size_t message_limit = 4000;

/// What is asked for, and what is wrong with it.
struct Order {
  std::vector<std::string> recipients;
  std::optional<std::chrono::seconds> life;
  std::string password;  ///< or empty
  json problems = json::object();
};

/// Addresses divided by blanks, commas, semicolons or lines, as people paste them.
std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view dividers = " ,;\t\r\n";
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(dividers);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = text.find_first_of(dividers);
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end);
  }
  return words;
}

void read_recipients(Order& order, const Form& form, std::uint32_t most) {
  for (const std::string& word : words_of(form.get("recipients").value_or(""))) {
    const auto address = Address::parse(word);
    if (!address) {
      if (!order.problems.contains("bad_recipient")) order.problems["bad_recipient"] = word;
    } else if (std::ranges::find(order.recipients, address->str()) == order.recipients.end()) {
      order.recipients.push_back(address->str());
    }
  }
  if (order.recipients.size() > most) order.problems["many_recipients"] = true;
  if (order.recipients.empty() && !order.problems.contains("bad_recipient"))
    order.problems["no_recipients"] = true;
}

Order read_order(const Form& form, const KeptUploads& uploads,
                 const config::TransferSettings& settings) {
  Order order;
  read_recipients(order, form, settings.limits.recipients);
  order.life = days_in(form, settings.lives.longest);
  if (!order.life) order.problems["days_wrong"] = true;
  order.password = form.get("password").value_or("");
  if (transfer::is_short(order.password)) order.problems["password_short"] = true;
  if (uploads.has_lost()) order.problems["upload_gone"] = true;
  if (uploads.empty() && !uploads.has_lost()) order.problems["no_files"] = true;
  if (uploads.size() > settings.limits.files || uploads.octets() > settings.limits.transfer)
    order.problems["too_large"] = true;
  return order;
}

Response ask(const Desk& desk, const Visitor& visitor, const Form& form, const json& problems) {
  const auto config = desk.config.load();
  const config::TransferSettings& settings = *config->transfer;
  json data;
  for (const char* const flag :
       {"no_files", "upload_gone", "too_large", "quota_full", "no_recipients", "many_recipients",
        "days_wrong", "password_short"})
    data[flag] = false;
  data.update(problems);
  data["problem"] = !problems.empty();
  KeptUploads(desk, form, *visitor.user()).put_into(data, visitor.language());
  put_limits(data, settings.limits, visitor.language());
  data["recipients_max"] = std::to_string(settings.limits.recipients);
  data["days"] = form.get("days").value_or(days_of(settings.lives.standard));
  data["days_max"] = days_of(settings.lives.longest);
  for (const char* const name : {"recipients", "message"})
    if (const auto text = form.get(name); text && !text->empty()) data[name] = *text;
  return visitor.page(problems.empty() ? 200 : 422, "new", data);
}

Response show(const Desk& desk, const Visitor& visitor, Request&) {
  return ask(desk, visitor, {}, json::object());
}

json problem_of(ParcelRefusal refusal) {
  if (refusal == ParcelRefusal::too_large) return {{"too_large", true}};
  return {{"upload_gone", true}};
}

Response confirm(const Desk& desk, const Visitor& visitor, const transfer::Parcel& parcel,
                 const Order& order) {
  json recipients = json::array();
  for (const std::string& recipient : order.recipients)
    recipients.push_back({{"recipient", recipient}});
  return visitor.page(200, "sent",
                      {{"files_count", std::to_string(parcel.files.size())},
                       {"total_size", size_in_words(parcel.octets, visitor.language())},
                       {"scanning", desk.config.load()->transfer->clamd.has_value()},
                       {"password", !order.password.empty()},
                       {"recipients", recipients},
                       {"transfer_url", "/transfers/" + parcel.id},
                       {"expires", date_in_words(parcel.expires, visitor.language())},
                       {"expires_iso", rfc3339_date(parcel.expires)}});
}

Response send(const Desk& desk, const Visitor& visitor, Request& request) {
  const auto form = read_form(request, visitor);
  if (!form) return stale(visitor);
  const auto config = desk.config.load();
  const KeptUploads uploads(desk, *form, *visitor.user());
  const Order order = read_order(*form, uploads, *config->transfer);
  if (!order.problems.empty()) return ask(desk, visitor, *form, order.problems);
  const Address& user = *visitor.user();
  const auto posted = desk.parcels.post(
      {.origin = transfer::Origin::staff,
       .owner = user,
       .note = {entered_text(*form, "message", message_limit), user.str(), {}, {}},
       .uploads = uploads.secrets(),
       .recipients = order.recipients,
       .life = *order.life,
       .password = pki::Secret(std::string(order.password))},
      config->transfer->limits.transfer);
  if (const auto* const refusal = std::get_if<ParcelRefusal>(&posted))
    return ask(desk, visitor, *form, problem_of(*refusal));
  const auto& sent = std::get<Parcels::Posted>(posted);
  return confirm(desk, visitor, desk.parcels.find(sent.waiting.parcel).value(), order);
}

}  // namespace

void add_staff_route(Router& router, const Desk& desk, std::string_view method,
                     std::string_view pattern, StaffHandler handler) {
  router.add(method, pattern, [&desk, handler](Request& request) {
    const Visitor visitor(desk, request);
    if (!visitor.user()) return Response::see_other("/sign-in");
    return handler(desk, visitor, request);
  });
}

void add_sending_pages(Router& router, const Desk& desk) {
  add_staff_route(router, desk, "GET", "/new", show);
  add_staff_route(router, desk, "POST", "/transfers", send);
}

}  // namespace siegel::portal
