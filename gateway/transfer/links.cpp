#include "gateway/transfer/links.h"

#include "base/returning.h"
#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/password.h"

namespace siegel::transfer {
namespace {

using sql::Session;

constexpr std::int64_t all_files = -1;

std::int64_t number_of(std::optional<std::uint32_t> position) {
  return position ? static_cast<std::int64_t>(*position) : all_files;
}

/// A link's row, as far as what opens it goes.
struct Lock {
  std::string sealed_key, salt;
};

std::optional<Lock> lock_of(const Database& database, const std::string& lookup) {
  std::optional<Lock> found;
  database.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT sealed_key, salt FROM link WHERE tenant = 'default' AND lookup = ?",
        lookup);
    if (!rows.empty()) found = {rows.text("sealed_key"), rows.text("salt")};
  });
  return found;
}

}  // namespace

Links::Links(Database& database, const Parcels& parcels, const Clock& clock)
    : database_(database), parcels_(parcels), clock_(clock) {}

std::optional<Visit> Links::visit(const LinkSecret& secret) const {
  const std::string lookup = secret.lookup(kind);
  std::string id, recipient;
  bool needs_password = false, needs_code = false;
  Time locked{};
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session,
        "SELECT l.parcel AS parcel, l.recipient AS recipient, l.salt AS salt, l.locked AS locked, "
        "COALESCE(p.sealed_code_to, '') AS code_to FROM link l LEFT JOIN pickup p ON p.tenant = "
        "l.tenant AND p.link = l.lookup WHERE l.tenant = 'default' AND l.lookup = ? AND l.recalled "
        "= 0",
        lookup);
    if (rows.empty()) return;
    id = rows.text("parcel");
    recipient = rows.text("recipient");
    needs_password = !rows.text("salt").empty();
    needs_code = !rows.text("code_to").empty();
    locked = rows.moment("locked");
  });
  auto parcel = id.empty() ? std::nullopt : parcels_.find(id);
  const Time now = clock_.now();
  const bool is_open =
      parcel && parcel->expires > now &&
      (parcel->state == ParcelState::waiting || parcel->state == ParcelState::ready);
  if (!is_open) return std::nullopt;
  return Visit{std::move(*parcel), lookup,     recipient,
               needs_password,     needs_code, locked > now ? std::optional(locked) : std::nullopt};
}

std::variant<pki::Secret, Links::Closed> Links::unlock(const Visit& visit, const LinkSecret& secret,
                                                       const pki::Secret& password,
                                                       const config::TransferLimits& limits) {
  const auto found = lock_of(database_, visit.lookup);
  if (!found) return Closed::locked;
  const bool needs_password = !found->salt.empty();
  const auto attempt = needs_password ? take_attempt(visit, limits) : std::nullopt;
  if (needs_password && !attempt) return Closed::locked;
  const pki::Secret salt = stretched(password, found->salt);
  auto key = secret.seal(kind, salt.octets())
                 .try_open(found->sealed_key, identity::link_key(visit.parcel.id));
  if (key) return pki::Secret(*std::move(key));
  return attempt && *attempt == limits.wrong_passwords ? Closed::now_locked
                                                       : Closed::wrong_password;
}

pki::Secret Links::stretched(const pki::Secret& password, const std::string& salt) {
  if (salt.empty()) return {};
  password_checks_.acquire();
  const Returning returning(password_checks_);
  return stretch(password, salt);
}

std::optional<std::int64_t> Links::take_attempt(const Visit& visit,
                                                const config::TransferLimits& limits) {
  std::optional<std::int64_t> attempt;
  database_.write([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT wrong, locked FROM link WHERE tenant = 'default' AND lookup = ?",
        visit.lookup);
    if (rows.empty() || rows.moment("locked") > clock_.now()) return;
    attempt = rows.number("wrong") + 1;
    const bool is_last = *attempt >= limits.wrong_passwords;
    sql::run(session,
             "UPDATE link SET wrong = ?, locked = ? WHERE tenant = 'default' AND lookup = ?",
             is_last ? std::int64_t{0} : *attempt,
             is_last ? to_unix(clock_.now() + limits.lock) : std::int64_t{0}, visit.lookup);
  });
  return attempt;
}

LinkSecret Links::issue(const Visit& visit, const pki::Secret& key,
                        std::optional<std::uint32_t> position) {
  return issue(visit, key, position, {ticket_kind, {}});
}

LinkSecret Links::issue_for(const Visit& visit, const pki::Secret& key, const LinkSecret& browser) {
  return issue(visit, key, std::nullopt, seat_of(browser));
}

Links::Seat Links::seat_of(const LinkSecret& browser) {
  return {message_kind, browser.lookup(message_kind)};
}

LinkSecret Links::issue(const Visit& visit, const pki::Secret& key,
                        std::optional<std::uint32_t> position, const Seat& seat) {
  LinkSecret ticket = LinkSecret::make();
  const std::string sealed =
      ticket.seal(seat.kind, seat.salt)
          .seal(key.octets(), identity::ticket_key(visit.parcel.id, number_of(position)));
  database_.write([&](Session& session) {
    sql::run(session,
             "UPDATE link SET wrong = 0, locked = 0 WHERE tenant = 'default' AND lookup = ?",
             visit.lookup);
    sql::run(session,
             "INSERT INTO ticket (tenant, lookup, link, parcel, position, sealed_key, expires) "
             "VALUES ('default', ?, ?, ?, ?, ?, ?)",
             ticket.lookup(seat.kind), visit.lookup, visit.parcel.id, number_of(position), sealed,
             to_unix(clock_.now() + ticket_life));
  });
  return ticket;
}

std::optional<Ticket> Links::find(const LinkSecret& ticket) const {
  return find(ticket, {ticket_kind, {}});
}

std::optional<Ticket> Links::find_for(const LinkSecret& ticket, const LinkSecret& browser) const {
  return find(ticket, seat_of(browser));
}

std::optional<Ticket> Links::find(const LinkSecret& ticket, const Seat& seat) const {
  std::string id, link, recipient, sealed;
  std::int64_t position = all_files;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT t.link AS link, t.parcel AS parcel, t.position AS "
                                  "position, t.sealed_key AS sealed_key, l.recipient AS recipient "
                                  "FROM ticket t JOIN link l ON l.tenant = t.tenant AND l.lookup = "
                                  "t.link WHERE t.tenant = 'default' AND t.lookup = ? AND "
                                  "t.expires > ? AND l.recalled = 0",
                                  ticket.lookup(seat.kind), to_unix(clock_.now()));
    if (rows.empty()) return;
    id = rows.text("parcel");
    link = rows.text("link");
    recipient = rows.text("recipient");
    sealed = rows.text("sealed_key");
    position = rows.number("position");
  });
  auto parcel = id.empty() ? std::nullopt : parcels_.find(id);
  if (!parcel || parcel->state != ParcelState::ready || parcel->expires <= clock_.now())
    return std::nullopt;
  auto key = ticket.seal(seat.kind, seat.salt).try_open(sealed, identity::ticket_key(id, position));
  if (!key) return std::nullopt;  // another browser's
  return Ticket{
      std::move(*parcel), link, recipient,
      position == all_files ? std::nullopt : std::optional(static_cast<std::uint32_t>(position)),
      pki::Secret(*std::move(key))};
}

std::uint32_t Links::times_fetched(const Parcel& parcel, const std::string& recipient,
                                   std::uint32_t position) const {
  std::int64_t count = 0;
  database_.read([&](Session& session) {
    count = sql::select(session,
                        "SELECT COUNT(*) AS times FROM parcel_event WHERE tenant = 'default' AND "
                        "parcel = ? AND what = 'fetched' AND recipient = ? AND position = ?",
                        parcel.id, recipient, static_cast<std::int64_t>(position))
                .number("times");
  });
  return static_cast<std::uint32_t>(count);
}

void Links::sweep() {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM ticket WHERE tenant = 'default' AND expires <= ?",
             to_unix(clock_.now()));
  });
}

}  // namespace siegel::transfer
