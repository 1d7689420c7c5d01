#include "gateway/transfer/outbox.h"

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

constexpr std::size_t id_octets = 16;

std::string write(const Mail& mail) {
  return nlohmann::json{{"from", mail.from.str()}, {"from_name", mail.from_name},
                        {"to", mail.to.str()},     {"subject", mail.words.subject},
                        {"text", mail.words.text}, {"html", mail.words.html}}
      .dump();
}

Mail read_mail(const std::string& json) {
  const auto tree = nlohmann::json::parse(json);
  const auto text = [&](const char* key) { return tree.at(key).get<std::string>(); };
  return {rows::address(text("from")),
          text("from_name"),
          rows::address(text("to")),
          {text("subject"), text("text"), text("html")},
          {},
          {}};
}

}  // namespace

Outbox::Outbox(Database& database, const pki::Seal& seal, const Clock& clock)
    : database_(database), seal_(seal), clock_(clock) {}

void Outbox::put(const Mail& mail) {
  database_.write([&](Session& session) { put(session, mail); });
}

void Outbox::put(Session& session, const Mail& mail) {
  const std::string id = random_hex(id_octets);
  const std::int64_t now = to_unix(clock_.now());
  sql::run(session,
           "INSERT INTO outbox (tenant, id, parcel, recipient, sealed, created, next_try) VALUES "
           "('default', ?, ?, ?, ?, ?, ?)",
           id, mail.parcel, mail.recipient, seal_.seal(write(mail), identity::mail(id)), now, now);
}

std::vector<std::string> Outbox::due(std::size_t limit) const {
  std::vector<std::string> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT id FROM outbox WHERE tenant = 'default' AND next_try <= "
                                  "? ORDER BY created, id LIMIT ?",
                                  to_unix(clock_.now()), static_cast<std::int64_t>(limit));
    for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.text("id", i));
  });
  return found;
}

std::optional<Outbox::Waiting> Outbox::find(const std::string& id) const {
  std::optional<Waiting> found;
  database_.read([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT * FROM outbox WHERE tenant = 'default' AND id = ?", id);
    if (rows.empty()) return;
    Mail mail = read_mail(seal_.open(rows.text("sealed"), identity::mail(id)));
    mail.parcel = rows.text("parcel");
    mail.recipient = rows.text("recipient");
    found = {id, std::move(mail), rows.moment("created")};
  });
  return found;
}

void Outbox::remove(const std::string& id) {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM outbox WHERE tenant = 'default' AND id = ?", id);
  });
}

void Outbox::postpone(const std::string& id, Time next_try) {
  database_.write([&](Session& session) {
    sql::run(session, "UPDATE outbox SET next_try = ? WHERE tenant = 'default' AND id = ?",
             to_unix(next_try), id);
  });
}

}  // namespace siegel::transfer
