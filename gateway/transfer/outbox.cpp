#include "gateway/transfer/outbox.h"

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/rows.h"
#include "pki/store_base64.h"

namespace siegel::transfer {
namespace {

using sql::Session;

constexpr std::size_t id_octets = 16;

nlohmann::json write(const Enclosure& enclosure) {
  return {{"file", enclosure.file.str()},
          {"key", pki::to_base64(enclosure.key)},
          {"name", enclosure.name},
          {"media_type", enclosure.media_type},
          {"octets", enclosure.octets}};
}

std::string write(const Mail& mail) {
  nlohmann::json tree{{"from", mail.from.str()}, {"from_name", mail.from_name},
                      {"to", mail.to.str()},     {"subject", mail.words.subject},
                      {"text", mail.words.text}, {"html", mail.words.html}};
  if (mail.reply_to) tree["reply_to"] = mail.reply_to->str();
  if (!mail.answers_to.empty()) tree["answers_to"] = mail.answers_to;
  for (const Enclosure& enclosure : mail.enclosures) tree["enclosures"].push_back(write(enclosure));
  return tree.dump();
}

std::vector<Enclosure> read_enclosures(const nlohmann::json& tree) {
  std::vector<Enclosure> enclosures;
  const auto found = tree.find("enclosures");
  if (found == tree.end()) return enclosures;
  for (const nlohmann::json& one : *found) {
    const auto text = [&](const char* key) { return one.at(key).get<std::string>(); };
    enclosures.push_back({rows::file_id(text("file")), pki::from_base64(text("key")), text("name"),
                          text("media_type"), one.at("octets").get<std::uint64_t>()});
  }
  return enclosures;
}

Mail read_mail(const std::string& json) {
  const auto tree = nlohmann::json::parse(json);
  const auto text = [&](const char* key) { return tree.at(key).get<std::string>(); };
  const std::string reply_to = tree.value("reply_to", "");
  return {.from = rows::address(text("from")),
          .from_name = text("from_name"),
          .to = rows::address(text("to")),
          .words = {text("subject"), text("text"), text("html")},
          .reply_to = reply_to.empty() ? std::nullopt : std::optional(rows::address(reply_to)),
          .answers_to = tree.value("answers_to", ""),
          .enclosures = read_enclosures(tree)};
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
