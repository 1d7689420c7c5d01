#include <algorithm>

#include "base/error.h"
#include "pki/statuses.h"
#include "pki/store.h"
#include "pki/store_status_rows.h"

namespace siegel::pki {
namespace {

using sql::Rows;
using sql::Session;

constexpr std::int64_t most_needs = 1000;
constexpr std::int64_t most_answers = 5000;
constexpr std::chrono::hours need_lasts{24};
constexpr std::chrono::hours good_kept{24 * 7};
constexpr std::chrono::hours kept_after_expiry{24 * 30};

std::string_view name(OcspAnswer::Status status) {
  switch (status) {
    case OcspAnswer::Status::good:
      return "good";
    case OcspAnswer::Status::revoked:
      return "revoked";
    case OcspAnswer::Status::unknown:
      break;
  }
  return "unknown";
}

OcspAnswer::Status parse_status(const std::string& word) {
  for (const auto status : {OcspAnswer::Status::good, OcspAnswer::Status::revoked})
    if (word == name(status)) return status;
  return OcspAnswer::Status::unknown;
}

OcspAnswer answer_in(const Rows& rows, std::size_t row) {
  OcspAnswer answer{rows.text("subject", row),       parse_status(rows.text("status", row)),
                    rows.moment("this_update", row), rows.moment("next_update", row),
                    rows.moment("revoked_at", row),  rows.text("reason", row),
                    rows.moment("taken", row)};
  if (*answer.next_update == Time{}) answer.next_update.reset();
  return answer;
}

std::optional<OcspAnswer> stored(Session& session, const std::string& subject) {
  const auto rows = sql::select(
      session, "SELECT * FROM ocsp_answer WHERE tenant = 'default' AND subject = ?", subject);
  return rows.empty() ? std::nullopt : std::optional(answer_in(rows, 0));
}

/// What one step of keeping an answer needs to know of it.
struct Arrival {
  const OcspAnswer& answer;
  const StatusNeed& about;
  const std::string& source;
};

void make_room_for_answer(Session& session) {
  const auto count =
      sql::select(session, "SELECT COUNT(*) AS answers FROM ocsp_answer WHERE tenant = 'default'");
  if (count.number("answers") < most_answers) return;
  sql::run(session,
           "DELETE FROM ocsp_answer WHERE tenant = 'default' AND subject = "
           "(SELECT subject FROM ocsp_answer WHERE tenant = 'default' AND status = 'good' "
           "ORDER BY this_update LIMIT 1)");
}

void put(Session& session, const Arrival& arrival) {
  const OcspAnswer& answer = arrival.answer;
  const Certificate& certificate = arrival.about.certificate;
  sql::run(session, "DELETE FROM ocsp_answer WHERE tenant = 'default' AND subject = ?",
           answer.subject);
  make_room_for_answer(session);
  sql::run(session,
           "INSERT INTO ocsp_answer (tenant, subject, issuer, serial, status, this_update, "
           "next_update, revoked_at, reason, not_after, source, taken) "
           "VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
           answer.subject, certificate.issuer(), certificate.serial(),
           std::string(name(answer.status)), to_unix(answer.this_update),
           to_unix(answer.next_update.value_or(Time{})), to_unix(answer.revoked_at), answer.reason,
           to_unix(certificate.not_after()), arrival.source, to_unix(answer.taken));
  sql::changed(session, sql::trust_topic);
}

/// A responder that repeats itself vouches for its answer anew.
void renew(Session& session, const OcspAnswer& answer) {
  sql::run(session, "UPDATE ocsp_answer SET taken = ? WHERE tenant = 'default' AND subject = ?",
           to_unix(answer.taken), answer.subject);
  sql::changed(session, sql::trust_topic);
}

KeyStore::AnswerTaken take(Session& session, const Arrival& arrival, Time now) {
  const auto older = stored(session, arrival.answer.subject);
  if (older && older->repeats(arrival.answer)) {
    renew(session, arrival.answer);
    return KeyStore::AnswerTaken::same;
  }
  if (older && !arrival.answer.supersedes(*older)) return KeyStore::AnswerTaken::rollback;
  put(session, arrival);
  const bool is_news = arrival.answer.status == OcspAnswer::Status::revoked &&
                       (!older || older->status != OcspAnswer::Status::revoked);
  if (is_news)
    sql::record(session, now,
                {by_gateway, "certificate-revoked", arrival.about.certificate.fingerprint(),
                 arrival.answer.reason + " by OCSP from " + arrival.source});
  return KeyStore::AnswerTaken::newer;
}

bool is_noted(Session& session, const std::string& subject) {
  return !sql::select(session,
                      "SELECT subject FROM status_need WHERE tenant = 'default' AND subject = ?",
                      subject)
              .empty();
}

/// Whoever has many certificates of a trusted authority must not be able to fill the database.
void make_room_for_need(Session& session) {
  const auto count =
      sql::select(session, "SELECT COUNT(*) AS needs FROM status_need WHERE tenant = 'default'");
  if (count.number("needs") < most_needs) return;
  sql::run(session,
           "DELETE FROM status_need WHERE tenant = 'default' AND subject = "
           "(SELECT subject FROM status_need WHERE tenant = 'default' "
           "ORDER BY noted, subject LIMIT 1)");
}

void put_need(Session& session, const StatusNeed& need, Time at) {
  const std::string subject = status_subject(need.certificate, need.issuer);
  if (is_noted(session, subject)) return;  // another thread was faster
  make_room_for_need(session);
  std::string authorities = sql::storable(need.issuer);
  for (const Certificate& authority : need.above) authorities += sql::storable(authority);
  sql::run(session,
           "INSERT INTO status_need (tenant, subject, certificate, issuer, noted, tried, attempts, "
           "trouble) VALUES ('default', ?, ?, ?, ?, 0, 0, '')",
           subject, sql::storable(need.certificate), authorities, to_unix(at));
}

/// Good ones of last week, and those about certificates that have expired a month ago. What is kept
/// in memory must not outlive the rows.
void forget_old_answers(Session& session, Time now) {
  constexpr auto old =
      "FROM ocsp_answer WHERE tenant = 'default' AND "
      "((status = 'good' AND taken < ?) OR not_after < ?)";
  const auto taken = to_unix(now - good_kept), expired = to_unix(now - kept_after_expiry);
  const auto found =
      sql::select(session, std::string("SELECT COUNT(*) AS answers ") + old, taken, expired);
  if (found.number("answers") == 0) return;
  sql::run(session, std::string("DELETE ") + old, taken, expired);
  sql::changed(session, sql::trust_topic);
}

StatusNeed need_in(const Rows& rows, std::size_t row) {
  const std::string authorities = rows.text("issuer", row);
  StatusNeed need{sql::stored_certificate(rows.text("certificate", row)),
                  sql::stored_certificate(authorities)};
  need.above = certificates_from_pem(authorities);
  need.above.erase(need.above.begin());  // the issuer itself
  return need;
}

WantedStatus wanted_in(const Rows& rows, std::size_t row) {
  return {need_in(rows, row), rows.moment("noted", row), rows.moment("tried", row),
          rows.number("attempts", row), rows.text("trouble", row)};
}

}  // namespace

OcspAnswers sql::read_answers(Session& session) {
  const auto rows = select(session, "SELECT * FROM ocsp_answer WHERE tenant = 'default'");
  OcspAnswers answers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    OcspAnswer answer = answer_in(rows, i);
    answers.emplace(answer.subject, std::move(answer));
  }
  return answers;
}

void sql::note_needs(Database& database, const config::RevocationSettings& settings,
                     std::span<const StatusNeed> needs, Time at) {
  if (settings.hosts.empty()) return;
  const GuardedFetch fetch(settings.hosts);
  std::vector<StatusNeed> fresh;
  database.read([&](Session& session) {
    std::ranges::copy_if(needs, std::back_inserter(fresh), [&](const StatusNeed& need) {
      return can_be_asked(need, fetch) &&
             !is_noted(session, status_subject(need.certificate, need.issuer));
    });
  });
  if (fresh.empty()) return;
  database.write([&](Session& session) {
    for (const StatusNeed& need : fresh) put_need(session, need, at);
  });
}

void KeyStore::note_wanted(std::span<const StatusNeed> needs, Time at) {
  sql::note_needs(database_, settings()->revocation, needs, at);
}

std::vector<WantedStatus> KeyStore::wanted_statuses() const {
  std::vector<WantedStatus> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT * FROM status_need WHERE tenant = 'default' "
                                  "ORDER BY tried, noted, subject");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto wanted = sql::readable("table status_need, subject " + rows.text("subject", i),
                                  [&] { return wanted_in(rows, i); });
      if (wanted) found.push_back(*std::move(wanted));
    }
  });
  return found;
}

void KeyStore::settle_wanted(const StatusNeed& need) {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM status_need WHERE tenant = 'default' AND subject = ?",
             status_subject(need.certificate, need.issuer));
  });
}

void KeyStore::note_attempt(const StatusNeed& need, Time at, const std::string& trouble) {
  database_.write([&](Session& session) {
    sql::run(session,
             "UPDATE status_need SET tried = ?, attempts = attempts + 1, trouble = ? "
             "WHERE tenant = 'default' AND subject = ?",
             to_unix(at), trouble, status_subject(need.certificate, need.issuer));
  });
}

KeyStore::AnswerTaken KeyStore::keep_answer(const OcspAnswer& answer, const StatusNeed& about,
                                            const std::string& source) {
  AnswerTaken taken = AnswerTaken::newer;
  database_.write([&](Session& session) {
    taken = take(session, {answer, about, source}, clock_.now());
  });
  return taken;
}

void KeyStore::forget_old_statuses() {
  const Time now = clock_.now();
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM status_need WHERE tenant = 'default' AND noted < ?",
             to_unix(now - need_lasts));
    forget_old_answers(session, now);
  });
}

}  // namespace siegel::pki
