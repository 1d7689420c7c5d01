#include "gateway/transfer/dispatcher.h"

#include "base/rounds.h"
#include "gateway/transfer/examination.h"
#include "gateway/transfer/letters.h"

namespace siegel::transfer {
namespace {

using namespace std::chrono_literals;

constexpr auto failure = "transfer_failed";
constexpr std::chrono::minutes scanner_pause{1}, mail_pause{1}, sweep_pause{5};
constexpr std::chrono::hours give_up_mail{24 * 5};
constexpr std::chrono::days warning_ahead{3};
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
  swept_ = now;
}

// --- virus scan

void Dispatcher::scan_round() {
  attempt(log_, failure, "scan", [this] {
    for (const std::string& id : rooms_.parcels.due())
      attempt(log_, failure, "parcel " + id, [&] { look_at(id); });
  });
}

void Dispatcher::look_at(const std::string& id) {
  // First, so that one whose file cannot be read does not come again at once.
  rooms_.parcels.postpone(id, clock_.now() + scanner_pause);
  const auto parcel = rooms_.parcels.find(id);
  const auto waiting = rooms_.parcels.waiting(id);
  if (!parcel || !waiting) return;
  const auto config = config_.load();
  Examination examination(*config, rooms_.store, rooms_.parcels, rooms_.outbox, clock_);
  const Finding finding = examination.scan(*parcel, *waiting);
  if (const auto* const away = std::get_if<ScannerAway>(&finding.result))
    return log_.warning("scanner_away", {{"parcel", id}, {"why", away->why}});
  examination.settle(*parcel, *waiting, finding);
  log_.info("parcel_scanned",
            {{"parcel", id}, {"clean", std::holds_alternative<Clean>(finding.result)}});
}

// --- mail

void Dispatcher::send_mails() {
  for (const Outbox::Waiting& waiting : rooms_.outbox.due(mails_a_round))
    attempt(log_, failure, "mail " + waiting.id, [&] { send(waiting); });
}

void Dispatcher::send(const Outbox::Waiting& waiting) {
  const auto config = config_.load();
  const Time now = clock_.now();
  const mail::Envelope envelope = envelope_of(waiting.mail, config->name, now);
  const auto outcomes = deliver_(config->transfer->relay, config->name, envelope,
                                 write_mail(waiting.mail, config->name, now));
  const smtp::Outcome& outcome = outcomes.front();
  using Kind = smtp::Outcome::Kind;
  if (outcome.kind == Kind::delivered || outcome.kind == Kind::relayed) {
    log_.info("notice_sent", {{"id", envelope.id}, {"to", waiting.mail.to.str()}});
    return rooms_.outbox.remove(waiting.id);
  }
  const bool is_over = outcome.kind == Kind::refused || now > waiting.created + give_up_mail;
  log_.warning(is_over ? "notice_refused" : "notice_delayed",
               {{"to", waiting.mail.to.str()}, {"why", outcome.text}});
  if (is_over) return give_up(waiting, outcome.text);
  rooms_.outbox.postpone(waiting.id, now + mail_pause);
}

/// The link is lost with its mail: its owner must know, or he waits for nothing.
void Dispatcher::give_up(const Outbox::Waiting& waiting, const std::string& why) {
  const Mail& mail = waiting.mail;
  if (const auto parcel = rooms_.parcels.find(mail.parcel)) {
    const auto house = letters::house_of(*config_.load()->transfer);
    rooms_.parcels.note_event(parcel->id, {clock_.now(), "undeliverable", mail.recipient, {}});
    rooms_.outbox.put({parcel->owner, house.name, parcel->owner,
                       letters::undeliverable(house, *parcel, mail.recipient, why)});
  }
  rooms_.outbox.remove(waiting.id);
}

// --- what ends

void Dispatcher::warn_of_ends() {
  const auto config = config_.load();
  const auto house = letters::house_of(*config->transfer);
  for (const auto& ending : rooms_.parcels.ending(clock_.now() + warning_ahead)) {
    rooms_.parcels.note_event(ending.parcel.id, {clock_.now(), "warned", {}, {}});
    rooms_.outbox.put(Mail{ending.parcel.owner, house.name, ending.parcel.owner,
                           letters::ends_soon(house, ending.parcel, ending.waiting_for)});
  }
}

void Dispatcher::sweep() {
  const auto config = config_.load();
  const std::size_t parcels = rooms_.parcels.sweep(config->transfer->lives.traces);
  const std::size_t uploads = rooms_.uploads.sweep();
  rooms_.links.sweep();
  rooms_.access.sweep();
  remove_strays();
  rooms_.database.forget();
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
