#include "gateway/transfer/dispatcher.h"

#include <algorithm>

#include "base/error.h"
#include "base/rounds.h"
#include "base/utf8.h"
#include "gateway/transfer/examination.h"
#include "gateway/transfer/letters.h"
#include "gateway/transfer/pickup_letters.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using namespace std::chrono_literals;

constexpr auto failure = "transfer_failed";
constexpr std::chrono::minutes scanner_pause{1}, mail_pause{1}, sweep_pause{5};
constexpr std::chrono::hours damage_pause{1};
constexpr std::chrono::days warning_ahead{3};
constexpr std::chrono::hours delay_notice{1};
/// An upload makes its row before its file, and a file lives for a moment without one.
constexpr std::chrono::hours stray_age{24};
constexpr std::size_t mails_a_round = 100;

}  // namespace

Dispatcher::Dispatcher(const Current<config::Config>& config, Rooms rooms, Deliver deliver,
                       const Clock& clock, const Log& log)
    : config_(config), rooms_(rooms), deliver_(std::move(deliver)), clock_(clock), log_(log) {}

void Dispatcher::mail_round() {
  attempt(log_, failure, "mail", [this] { send_mails(); });
  const Time now = clock_.now();
  if (now >= swept_ && now < swept_ + sweep_pause) return;
  attempt(log_, failure, "warnings", [this] { warn_of_ends(); });
  attempt(log_, failure, "sweep", [this] { sweep(); });
  attempt(log_, failure, "strays", [this] { remove_strays(); });
  attempt(log_, failure, "journal", [this] { rooms_.database.forget(); });
  swept_ = now;
}

// --- virus scan

void Dispatcher::scan_round() {
  attempt(log_, failure, "scan", [this] {
    for (const std::string& id : rooms_.parcels.due())
      attempt(log_, failure, "parcel " + id, [&] { look_at_or_postpone(id); });
  });
}

/// One whose files cannot be read does not come again at once; one that a crash cut off does.
void Dispatcher::look_at_or_postpone(const std::string& id) {
  try {
    look_at(id);
  } catch (const Error&) {
    rooms_.parcels.postpone(id, clock_.now() + damage_pause);
    throw;
  }
}

void Dispatcher::look_at(const std::string& id) {
  const auto parcel = rooms_.parcels.find(id);
  const auto waiting = rooms_.parcels.waiting(id);
  if (!parcel || !waiting) return;
  const auto config = config_.load();
  Examination examination(*config, rooms_.store, rooms_.parcels, rooms_.outbox, clock_);
  const Finding finding = examination.scan(*parcel, *waiting);
  if (const auto* const away = std::get_if<ScannerAway>(&finding.result)) {
    log_.warning("scanner_away", {{"parcel", id}, {"why", away->why}});
    rooms_.parcels.postpone(id, clock_.now() + scanner_pause);
    return tell_of_delay(*parcel);
  }
  examination.settle(*parcel, *waiting, finding);
  log_.info("parcel_scanned",
            {{"parcel", id}, {"clean", std::holds_alternative<Clean>(finding.result)}});
}

/// Once, when it has waited for an hour: nobody who waits for an answer wonders why.
void Dispatcher::tell_of_delay(const Parcel& parcel) {
  if (clock_.now() < parcel.created + delay_notice) return;
  const auto is_notice = [](const ParcelEvent& event) { return event.what == "delayed"; };
  if (std::ranges::any_of(rooms_.parcels.events(parcel.id), is_notice)) return;
  const auto house = letters::house_of(*config_.load()->transfer);
  tell_owner(parcel, "delayed", letters::delayed(house, parcel));
}

// --- mail

void Dispatcher::send_mails() {
  for (const std::string& id : rooms_.outbox.due(mails_a_round))
    attempt(log_, failure, "mail " + id, [&] { send_or_postpone(id); });
}

/// One that cannot be read, or not handed over, does not stand in the way of the others.
void Dispatcher::send_or_postpone(const std::string& id) {
  try {
    if (const auto waiting = rooms_.outbox.find(id)) send_or_give_up(*waiting);
  } catch (const Error&) {
    rooms_.outbox.postpone(id, clock_.now() + mail_pause);
    throw;
  }
}

/// A file that cannot be read may be put back; until then it is tried, but not for ever.
void Dispatcher::send_or_give_up(const Outbox::Waiting& waiting) {
  try {
    send(waiting);
  } catch (const Error& error) {
    if (clock_.now() <= waiting.created + give_up_mail) throw;
    log_.alarm("notice_lost", {{"to", waiting.mail.to.str()}, {"why", error.what()}});
    give_up(waiting, error.said());
  }
}

void Dispatcher::send(const Outbox::Waiting& waiting) {
  const auto config = config_.load();
  const Time now = clock_.now();
  const mail::Envelope envelope = envelope_of(waiting.mail, config->name, now);
  const auto outcomes = deliver_(config->transfer->relay, config->name, envelope,
                                 write_mail(waiting, config->name, now, rooms_.store));
  const smtp::Outcome& outcome = outcomes.front();
  using Kind = smtp::Outcome::Kind;
  if (outcome.kind == Kind::delivered || outcome.kind == Kind::relayed) {
    log_.info("notice_sent", {{"id", envelope.id}, {"to", waiting.mail.to.str()}});
    return forget(waiting);
  }
  const bool is_over = outcome.kind == Kind::refused || now > waiting.created + give_up_mail;
  log_.warning(is_over ? "notice_refused" : "notice_delayed",
               {{"to", waiting.mail.to.str()}, {"why", outcome.text}});
  if (is_over) return give_up(waiting, printable(outcome.text));
  rooms_.outbox.postpone(waiting.id, now + mail_pause);
}

/// It has left, or never will: nothing of an answer stays behind.
void Dispatcher::forget(const Outbox::Waiting& waiting) {
  if (is_answer(waiting.mail)) rooms_.parcels.forget(waiting.mail.parcel);
  rooms_.outbox.remove(waiting.id);
}

bool Dispatcher::is_answer(const Mail& mail) const {
  const auto parcel = mail.parcel.empty() ? std::nullopt : rooms_.parcels.find(mail.parcel);
  return parcel && parcel->origin == Origin::answer;
}

/// The link is lost with its mail: its owner must know, or he waits for nothing.
void Dispatcher::give_up(const Outbox::Waiting& waiting, const std::string& why) {
  const Mail& mail = waiting.mail;
  if (const auto parcel = rooms_.parcels.find(mail.parcel)) {
    const auto house = letters::house_of(*config_.load()->transfer);
    rooms_.parcels.note_event(parcel->id, {clock_.now(), "undeliverable", mail.recipient, {}});
    rooms_.outbox.put({parcel->owner, house.name, parcel->owner,
                       parcel->origin == Origin::answer
                           ? letters::answer_lost(house, *parcel, why)
                           : letters::undeliverable(house, *parcel, mail.recipient, why)});
  }
  forget(waiting);
}

// --- what ends

void Dispatcher::warn_of_ends() {
  const auto config = config_.load();
  const auto house = letters::house_of(*config->transfer);
  const Time now = clock_.now();
  for (const auto& [parcel, waiting_for] : rooms_.parcels.ending(now + warning_ahead)) {
    // One that lives for a few days only is not warned of in its first minute.
    const auto ahead =
        std::min<std::chrono::milliseconds>(warning_ahead, (parcel.expires - parcel.created) / 4);
    if (now < parcel.expires - ahead) continue;
    tell_owner(parcel, "warned", letters::ends_soon(house, parcel, waiting_for));
  }
}

/// Noted and told in one transaction: never told twice, and never noted in vain.
void Dispatcher::tell_owner(const Parcel& parcel, const std::string& what, Wording words) {
  const Mail mail{parcel.owner, config_.load()->transfer->look.name, parcel.owner,
                  std::move(words)};
  rooms_.database.write([&](sql::Session& session) {
    rows::put_event(session, parcel.id, {clock_.now(), what, {}, {}});
    rooms_.outbox.put(session, mail);
  });
}

void Dispatcher::sweep() {
  const auto config = config_.load();
  const std::size_t parcels = rooms_.parcels.sweep(config->transfer->lives.traces);
  const std::size_t uploads = rooms_.uploads.sweep();
  rooms_.links.sweep();
  rooms_.access.sweep();
  if (parcels + uploads > 0)
    log_.info("transfer_erased", {{"parcels", parcels}, {"uploads", uploads}});
}

/// Files that no row knows: a crash came between the row and the file.
void Dispatcher::remove_strays() {
  const Time now = clock_.now();
  std::vector<FileId> old;
  for (const BlobStore::Stored& stored : rooms_.store.list())
    if (stored.changed + stray_age < now) old.push_back(stored.file);
  for (const FileId& stray : rooms_.parcels.unknown(old)) rooms_.store.remove(stray);
}

}  // namespace siegel::transfer
