// What the reader of a message writes back, on its page.

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/kept_uploads.h"
#include "gateway/portal/message_pages.h"
#include "gateway/portal/plain_upload.h"
#include "gateway/transfer/dispatcher.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::Parcels;

constexpr std::size_t answer_limit = 20'000, subject_limit = 300;  // characters, octets

std::string text_of(const Form& form) {
  return entered_text(form, "answer", answer_limit);
}

/// RFC 5322 §3.6.5: "Re: " once, however often one answers.
std::string subject_of(const MessageView& view) {
  for (const std::string_view begin : {"Re:", "AW:"})
    if (ascii::starts_ignoring_case(view.subject, begin))
      return std::string(utf8_prefix(view.subject, subject_limit));
  return "Re: " + std::string(utf8_prefix(view.subject, subject_limit));
}

json problems_of(const Form& form, const KeptUploads& uploads,
                 const config::TransferLimits& limits) {
  json problems = json::object();
  if (uploads.has_lost()) problems["upload_gone"] = true;
  if (text_of(form).empty()) problems["no_answer"] = true;
  if (uploads.size() > limits.files || uploads.octets() > limits.transfer)
    problems["too_large"] = true;
  return problems;
}

transfer::ParcelWish wish_of(const Reading& reading, const Form& form, const KeptUploads& uploads,
                             std::chrono::seconds life) {
  return {.origin = transfer::Origin::answer,
          .owner = reading.ticket.parcel.owner,
          .note = {.message = text_of(form),
                   .sender = reading.ticket.recipient,
                   .reply_to = {},
                   .reference = {},
                   .subject = subject_of(reading.view),
                   .answers_to = reading.view.message_id},
          .uploads = uploads.secrets(),
          .recipients = {},
          .life = life,
          .password = {}};
}

Response confirm(const Visitor& visitor, const Reading& reading, const KeptUploads& uploads) {
  return visitor.page(200, "answered",
                      {{"sender_address", reading.ticket.parcel.owner.str()},
                       {"message_url", reading.url},
                       {"has_attachments", !uploads.empty()},
                       {"files_count", std::to_string(uploads.size())}});
}

/// Longer than its mail is tried: what was confirmed does not end untold.
std::chrono::seconds life_of_answer(const config::Lives& lives) {
  return std::max<std::chrono::seconds>(lives.standard,
                                        transfer::give_up_mail + std::chrono::days(1));
}

Response post(const Desk& desk, const Visitor& visitor, const Reading& reading, Attempt attempt) {
  const auto config = desk.config.load();
  const KeptUploads uploads(desk, attempt.form, reading.ticket.parcel.owner);
  const config::TransferLimits limits = answer_limits(*config);
  if (attempt.problems.empty()) attempt.problems = problems_of(attempt.form, uploads, limits);
  if (attempt.problems.empty() && !desk.pickups.take_answer(reading.ticket.link))
    attempt.problems["answers_many"] = true;
  if (!attempt.problems.empty()) return show_message(desk, visitor, reading, attempt);
  const auto posted = desk.parcels.post(
      wish_of(reading, attempt.form, uploads, life_of_answer(config->transfer->lives)),
      limits.transfer);
  if (std::holds_alternative<Parcels::Posted>(posted)) {
    desk.parcels.note_event(reading.ticket.parcel.id,
                            {desk.clock.now(), "answered", reading.ticket.recipient, {}});
    return confirm(visitor, reading, uploads);
  }
  attempt.problems["upload_gone"] = true;
  return show_message(desk, visitor, reading, attempt);
}

bool is_multipart(const Request& request) {
  return ascii::lower(request.field("Content-Type").value_or("")).starts_with("multipart/");
}

}  // namespace

Response answer_message(const Desk& desk, MessageReader& reader, Request& request) {
  const Visitor visitor(desk, request);
  const auto reading = reader.read(visitor, request);
  if (!reading) return gone(visitor);
  if (!is_multipart(request)) {
    auto form = read_form(request, visitor);
    return form ? post(desk, visitor, *reading, {*std::move(form)}) : stale(visitor);
  }
  auto plain = read_plain_upload(desk, request, visitor, reading->ticket.parcel.owner);
  if (!plain) return stale(visitor);
  if (plain->too_often) return notice(visitor, 429, "busy");
  Attempt attempt{std::move(plain->form)};
  if (plain->too_large) attempt.problems["too_large"] = true;
  return post(desk, visitor, *reading, std::move(attempt));
}

}  // namespace siegel::portal
