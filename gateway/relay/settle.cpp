#include "gateway/relay/settle.h"

#include <algorithm>
#include <string>

namespace siegel::relay {
namespace {

using Action = mail::RecipientReport::Action;
using Kind = smtp::Outcome::Kind;

// --- who is told --------------------------------------------------------------------------------

/// RFC 3461 §4.1: NEVER stands alone; the others each ask for one kind of report.
bool is_wanted(const mail::Notify& notify, Action action) {
  if (notify.never) return false;
  switch (action) {
    case Action::failed:
      return notify.failure;
    case Action::delayed:
      return notify.delay;
    case Action::delivered:
    case Action::relayed:
      return notify.success;
  }
  return false;
}

struct Advice {
  std::string de, en;
};

Advice advice_for(Action action, Kind kind) {
  if (action == Action::delayed) {
    return {"Sie müssen nichts tun: die Zustellung wird weiter versucht.",
            "You need not do anything: delivery will be tried again."};
  }
  if (action != Action::failed) return {};
  if (kind == Kind::deferred) {
    return {
        "Der empfangende Server war zu lange nicht bereit. Bitte senden Sie die Nachricht später "
        "noch einmal, oder wenden Sie sich auf anderem Weg an den Empfänger.",
        "The receiving server was not ready for too long. Please send the message again later, "
        "or reach the recipient by other means."};
  }
  return {
      "Bitte prüfen Sie die Adresse und die Antwort des empfangenden Servers, und senden Sie die "
      "Nachricht dann noch einmal.",
      "Please check the address and the answer of the receiving server, then send the message "
      "again."};
}

// --- what becomes of one recipient --------------------------------------------------------------

/// Collects what becomes of the recipients of one item, one after the other.
class Tally {
 public:
  Tally(const spool::Item& item, const config::Retry& retry, Time now)
      : too_old_(now >= deadline(item, retry)),
        delay_is_due_(!item.delay_told && now - item.arrived >= retry.delay_notice) {
    settlement_.item = item;
    settlement_.item.consignment.envelope.recipients.clear();
  }

  void add(const smtp::Outcome& outcome) {
    switch (outcome.kind) {
      case Kind::delivered:
        // RFC 3461 §5.2.1: a host that speaks DSN reports by itself; without a host we were the
        // last one and must (§5.2.3).
        if (outcome.remote_host.empty()) report(Action::delivered, outcome);
        break;
      case Kind::relayed:
        report(Action::relayed, outcome);
        break;  // RFC 3461 §5.2.2
      case Kind::refused:
        report(Action::failed, outcome);
        break;
      case Kind::deferred:
        defer(outcome);
        break;
    }
  }

  Settlement finish(const config::Retry& retry, Time now) {
    spool::Item& item = settlement_.item;
    if (item.consignment.envelope.recipients.empty()) return std::move(settlement_);
    settlement_.fate = Settlement::Fate::retry;
    item.delay_told = item.delay_told || delay_is_due_;
    item.next_attempt = next_attempt(item, retry, now);
    return std::move(settlement_);
  }

  static Time next_attempt(const spool::Item& item, const config::Retry& retry, Time now);

 private:
  void defer(const smtp::Outcome& outcome) {
    if (too_old_) {
      smtp::Outcome expired = outcome;
      expired.status = "4.4.7";  // RFC 3463 §3.5: delivery time expired
      report(Action::failed, expired);
      return;
    }
    settlement_.item.consignment.envelope.recipients.push_back(outcome.recipient);
    settlement_.item.last_answer = outcome.text;
    if (delay_is_due_) report(Action::delayed, outcome);
  }

  void report(Action action, const smtp::Outcome& outcome) {
    if (action == Action::failed) ++settlement_.failed;
    // RFC 5321 §4.5.5 and §6.1: what came from nobody, such as a report, is never answered.
    const bool is_answerable = settlement_.item.consignment.envelope.reverse_path.has_value();
    if (!is_answerable || !is_wanted(outcome.recipient.notify, action)) return;
    Advice advice = advice_for(action, outcome.kind);
    settlement_.reports.push_back({outcome.recipient, action, outcome.status, outcome.remote_host,
                                   outcome.text, std::move(advice.de), std::move(advice.en)});
  }

  Settlement settlement_;
  bool too_old_;
  bool delay_is_due_;
};

/// The wait after the attempt that was counted last. One more attempt is made when the time is up.
Time Tally::next_attempt(const spool::Item& item, const config::Retry& retry, Time now) {
  constexpr std::chrono::minutes without_plan{30};  // RFC 5321 §4.5.4.1: at least 30 minutes
  const Time end = deadline(item, retry);
  if (retry.after.empty()) return std::min<Time>(now + without_plan, std::max(end, now));
  const std::size_t counted = item.attempts > 0 ? item.attempts - 1 : 0;
  const auto wait = retry.after[std::min(counted, retry.after.size() - 1)];
  return now < end ? std::min<Time>(now + wait, end) : now + wait;
}

/// The outcome for the i-th recipient, if it is really there.
smtp::Outcome outcome_of(const mail::Recipient& recipient, std::span<const smtp::Outcome> outcomes,
                         std::size_t i) {
  if (i < outcomes.size() && outcomes[i].recipient.address == recipient.address) {
    smtp::Outcome outcome = outcomes[i];
    outcome.recipient = recipient;
    return outcome;
  }
  return {recipient, Kind::deferred, "4.3.0", "", "no answer for this recipient"};
}

/// The same fate for all recipients, of our own saying.
std::vector<smtp::Outcome> for_all(const spool::Item& item, Kind kind, const Error& error) {
  std::vector<smtp::Outcome> outcomes;
  for (const mail::Recipient& recipient : item.consignment.envelope.recipients) {
    outcomes.push_back(
        {recipient, kind, kind == Kind::refused ? "5.6.0" : "4.3.0", "", error.said()});
  }
  return outcomes;
}

}  // namespace

Time deadline(const spool::Item& item, const config::Retry& retry) {
  return item.arrived +
         (item.consignment.confidential ? retry.give_up_confidential : retry.give_up);
}

bool has_news(const spool::Item& item, const config::Retry& retry, Time now) {
  return now >= deadline(item, retry) ||
         (!item.delay_told && now - item.arrived >= retry.delay_notice);
}

spool::Item registered(const spool::Item& item, const config::Retry& retry, Time now) {
  spool::Item next = item;
  ++next.attempts;
  next.next_attempt = Tally::next_attempt(next, retry, now);
  return next;
}

Settlement settle(const spool::Item& item, std::span<const smtp::Outcome> outcomes,
                  const config::Retry& retry, Time now) {
  Tally tally(item, retry, now);
  const auto& recipients = item.consignment.envelope.recipients;
  for (std::size_t i = 0; i < recipients.size(); ++i)
    tally.add(outcome_of(recipients[i], outcomes, i));
  return tally.finish(retry, now);
}

Settlement settle(const spool::Item& item, const Error& error, const config::Retry& retry,
                  Time now) {
  switch (error.fault()) {
    case Fault::peer:
      return settle(item, for_all(item, Kind::refused, error), retry, now);
    case Fault::world:
      return settle(item, for_all(item, Kind::deferred, error), retry, now);
    case Fault::ours:
      break;
  }
  Settlement held{Settlement::Fate::hold, item, {}, 0};
  held.item.held = true;
  held.item.last_answer = error.said();
  return held;
}

mail::Returned returned(const Settlement& settlement, std::size_t octets) {
  constexpr std::size_t most = std::size_t{1} << 20U;
  const spool::Consignment& consignment = settlement.item.consignment;
  const bool has_failed = std::ranges::any_of(
      settlement.reports, [](const auto& report) { return report.action == Action::failed; });
  if (consignment.confidential || consignment.envelope.return_headers_only)
    return mail::Returned::head;
  return has_failed && octets <= most ? mail::Returned::message : mail::Returned::head;
}

}  // namespace siegel::relay
