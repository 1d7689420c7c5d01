#include "pki/enrol/ledger_rows.h"

#include "base/error.h"
#include "pki/pem.h"
#include "pki/store_base64.h"

namespace siegel::pki::enrol::rows {
namespace {

/// A word that somebody else wrote into the database.
Error damaged(const std::string& word) {
  return {Fault::ours, "the set-up is broken",
          "table enrol_request holds the unknown word \"" + word +
              "\"; restore the database from the backup"};
}

State state_of(const std::string& word) {
  const auto state = parse_state(word);
  if (!state) throw damaged(word);
  return *state;
}

Purpose purpose_of(const std::string& word) {
  const auto purpose = parse_purpose(word);
  if (!purpose) throw damaged(word);
  return *purpose;
}

KeyType key_type_of(const std::string& word) {
  const auto type = parse_key_type(word);
  if (!type) throw damaged(word);
  return *type;
}

std::optional<Address> optional_address(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(sql::stored_address(text));
}

Wish wish_of(const sql::Rows& rows, std::size_t i, Purpose purpose) {
  return {.mailbox = sql::stored_address(rows.text("mailbox", i)),
          .display_name = rows.text("display_name", i),
          .department = rows.text("department", i),
          .owner = sql::stored_address(rows.text("owner", i)),
          .deputy = optional_address(rows.text("deputy", i)),
          .profile = rows.text("profile", i),
          .key_type = key_type_of(rows.text("key_type", i)),
          .sign = purpose != Purpose::encrypt,
          .encrypt = purpose != Purpose::sign};
}

std::string der_of(const std::string& pem) {
  if (pem.empty()) return {};
  // Only unpacked: thousands are listed, and few of them looked into.
  const auto block = PemReader(pem).next();
  if (!block) throw damaged(pem.substr(0, 40));
  return block->octets;
}

std::string pem_of(const std::string& der) {
  const auto certificate = der.empty() ? std::nullopt : Certificate::from_der(der);
  return certificate ? certificate->pem() : std::string();
}

std::int64_t end_of(const std::string& der) {
  const auto certificate = der.empty() ? std::nullopt : Certificate::from_der(der);
  return certificate ? to_unix(certificate->not_after()) : 0;
}

std::string number_of(const std::string& der) {
  const auto certificate = der.empty() ? std::nullopt : Certificate::from_der(der);
  return certificate ? certificate->serial() : std::string();
}

Request request_of(const sql::Rows& rows, std::size_t i) {
  const Purpose purpose = purpose_of(rows.text("purpose", i));
  return {.id = rows.number("id", i),
          .wish = wish_of(rows, i, purpose),
          .purpose = purpose,
          .state = state_of(rows.text("state", i)),
          .created = rows.moment("created", i),
          .since = rows.moment("since", i),
          .reason = rows.text("reason", i),
          .subject = rows.text("subject", i),
          .key_id = rows.text("key_id", i),
          .csr = from_base64(rows.text("csr", i)),
          .batch = rows.text("batch", i),
          .transaction = from_base64(rows.text("transact", i)),
          .certificate = der_of(rows.text("pem", i)),
          .fingerprint = rows.text("fingerprint", i),
          .renews = rows.number("renews", i),
          .attempts = static_cast<std::uint32_t>(rows.number("attempts", i)),
          .next_try = rows.moment("next_try", i)};
}

}  // namespace

std::vector<Request> requests(const sql::Rows& rows) {
  std::vector<Request> found;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(request_of(rows, i));
  return found;
}

std::vector<Ledger::Line> lines(Session& session) {
  using namespace Poco::Data::Keywords;
  // Column by column into plain lists: ten thousand rows as dynamic values take a second.
  std::vector<std::int64_t> ids, moments;
  std::vector<std::string> mailboxes, purposes, states, profiles, batches, reasons;
  session << "SELECT id, since, mailbox, purpose, state, profile, batch, reason FROM "
             "enrol_request WHERE tenant = 'default' ORDER BY mailbox, id",
      into(ids), into(moments), into(mailboxes), into(purposes), into(states), into(profiles),
      into(batches), into(reasons), now;
  std::vector<Ledger::Line> found;
  found.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    found.push_back({ids[i], std::move(mailboxes[i]), purpose_of(purposes[i]), state_of(states[i]),
                     from_unix(moments[i]), std::move(profiles[i]), std::move(batches[i]),
                     std::move(reasons[i])});
  return found;
}

std::vector<Transition> transitions(const sql::Rows& rows) {
  std::vector<Transition> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back({rows.number("request", i), state_of(rows.text("from_state", i)),
                     state_of(rows.text("to_state", i)), rows.moment("at", i),
                     rows.text("actor", i), rows.text("reason", i), rows.text("evidence", i)});
  }
  return found;
}

void insert(Session& session, const Request& request) {
  const Wish& wish = request.wish;
  sql::run(session,
           "INSERT INTO enrol_request (id, tenant, mailbox, purpose, state, display_name, "
           "department, owner, deputy, profile, key_type, created, since, reason, subject, key_id, "
           "csr, batch, transact, pem, fingerprint, not_after, serial, renews, attempts, next_try) "
           "VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', '', '', "
           "0, '', ?, 0, 0)",
           request.id, wish.mailbox.str(), std::string(name(request.purpose)),
           std::string(name(request.state)), wish.display_name, wish.department, wish.owner.str(),
           wish.deputy ? wish.deputy->str() : std::string(), wish.profile,
           std::string(name(wish.key_type)), to_unix(request.created), to_unix(request.since),
           request.reason, request.renews);
}

bool update(Session& session, const Request& request, State from) {
  const std::string before(name(from));
  if (sql::select(session, "SELECT id FROM enrol_request WHERE id = ? AND state = ?", request.id,
                  before)
          .empty())
    return false;
  sql::run(session,
           "UPDATE enrol_request SET state = ?, since = ?, reason = ?, subject = ?, key_id = ?, "
           "csr = ?, batch = ?, transact = ?, pem = ?, fingerprint = ?, not_after = ?, serial = ?, "
           "attempts = ?, next_try = ? WHERE id = ? AND state = ?",
           std::string(name(request.state)), to_unix(request.since), request.reason,
           request.subject, request.key_id, to_base64(request.csr), request.batch,
           to_base64(request.transaction), pem_of(request.certificate), request.fingerprint,
           end_of(request.certificate), number_of(request.certificate),
           static_cast<std::int64_t>(request.attempts), to_unix(request.next_try), request.id,
           before);
  return true;
}

void entrust(Session& session, const Request& request) {
  sql::run(session,
           "UPDATE enrol_request SET owner = ?, deputy = ? WHERE tenant = 'default' AND "
           "mailbox = ? AND profile = ?",
           request.wish.owner.str(),
           request.wish.deputy ? request.wish.deputy->str() : std::string(),
           request.wish.mailbox.str(), request.wish.profile);
}

void insert(Session& session, const Transition& transition) {
  sql::run(session,
           "INSERT INTO enrol_transition (id, tenant, request, from_state, to_state, at, actor, "
           "reason, evidence) VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?)",
           sql::next_number(session, "enrol_transition"), transition.request,
           std::string(name(transition.from)), std::string(name(transition.to)),
           to_unix(transition.at), transition.actor, transition.reason, transition.evidence);
}

}  // namespace siegel::pki::enrol::rows
