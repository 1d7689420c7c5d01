#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/mail/report.h"
#include "gateway/smtp/outcome.h"
#include "gateway/spool/spool.h"

/// The failure policy. Nowhere else is it decided what an outcome or a fault means for an item:
///
///   delivered          the recipient is done; reported only if nobody after us will (RFC 3461
///   §5.2) relayed            done; reported if asked for by NOTIFY=SUCCESS refused done; reported
///   as failed deferred           stays, until the item is too old; then done, reported as failed
///   Fault::peer        every recipient is done, reported as failed
///   Fault::world       every recipient stays, as if deferred
///   Fault::ours        the item is held for an operator, nobody is told anything yet
///
/// Once an item is older than retry.delay_notice, the sender is told once which recipients still
/// wait. A null reverse-path is never answered (RFC 5321 §4.5.5, R-52); NOTIFY decides for each
/// recipient (RFC 3461 §4.1). All functions here are pure.
namespace siegel::relay {

/// What becomes of an item.
struct Settlement {
  enum class Fate {
    done,   ///< no recipient is left: remove the item
    retry,  ///< write `item`
    hold,   ///< write `item`, which is held, and raise an alarm
  };
  Fate fate = Fate::done;
  /// The changed item with the recipients that are left. As it was if done.
  spool::Item item;
  /// What the reverse-path is to be told, before the item is written or removed; may be empty.
  std::vector<mail::RecipientReport> reports;
  /// How many recipients will never get it, whether or not anybody may be told.
  std::size_t failed = 0;
};

/// The item with its next attempt counted and registered, as it must be on the disk before that
/// attempt dials: a crash then never hammers the next hop.
[[nodiscard]] spool::Item registered(const spool::Item& item, const config::Retry& retry, Time now);

/// After an attempt. `item` is the registered one; outcomes[i] is the fate of its i-th recipient
/// (what is missing or names somebody else counts as deferred).
[[nodiscard]] Settlement settle(const spool::Item& item, std::span<const smtp::Outcome> outcomes,
                                const config::Retry& retry, Time now);

/// After an attempt that was ended by an Error.
[[nodiscard]] Settlement settle(const spool::Item& item, const Error& error,
                                const config::Retry& retry, Time now);

/// When the item is given up: its arrival and retry.give_up, or give_up_confidential.
[[nodiscard]] Time deadline(const spool::Item& item, const config::Retry& retry);

/// True if settling the item now would tell its sender something although nothing has happened to
/// it: it is too old, or the delay notice is due.
[[nodiscard]] bool has_news(const spool::Item& item, const config::Retry& retry, Time now);

/// How much of a message of this size its report carries. The head only if the mail had to be
/// encrypted or was decrypted, if the sender asked for it, if nothing failed (RFC 3461 §4.3)
/// or if it is over 1 MiB.
[[nodiscard]] mail::Returned returned(const Settlement& settlement, std::size_t octets);

}  // namespace siegel::relay
