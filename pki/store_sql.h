#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "base/database.h"
#include "base/error.h"
#include "base/time.h"
#include "pki/audit.h"
#include "pki/certificate.h"

/// The few words in which the store's files speak SQL.
namespace siegel::pki::sql {

using Session = Database::Session;

/// What a SELECT found; columns by their name.
class Rows {
 public:
  explicit Rows(const Poco::Data::Statement& statement) : found_(statement) {}

  [[nodiscard]] std::size_t size() const { return found_.rowCount(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::string text(const char* column, std::size_t row = 0) const {
    return found_.value(column, row).convert<std::string>();
  }
  [[nodiscard]] std::int64_t number(const char* column, std::size_t row = 0) const {
    return found_.value(column, row).convert<std::int64_t>();
  }
  [[nodiscard]] bool flag(const char* column, std::size_t row = 0) const {
    return number(column, row) != 0;
  }
  [[nodiscard]] Time moment(const char* column, std::size_t row = 0) const {
    return from_unix(number(column, row));
  }

 private:
  Poco::Data::RecordSet found_;
};

/// Prepares `text` and binds `values` (std::string or std::int64_t) to its question marks.
template <typename... Values>
void bind(Poco::Data::Statement& statement, std::string_view text, Values&... values) {
  statement << std::string(text);
  (static_cast<void>((statement, Poco::Data::Keywords::use(values))), ...);
}

template <typename... Values>
void run(Session& session, std::string_view text, Values... values) {
  Poco::Data::Statement statement(session);
  bind(statement, text, values...);
  statement.execute();
}

template <typename... Values>
[[nodiscard]] Rows select(Session& session, std::string_view text, Values... values) {
  Poco::Data::Statement statement(session);
  bind(statement, text, values...);
  statement.execute();
  return Rows(statement);
}

/// The next number of `counter`; a number is never given twice, not even after its row has gone.
[[nodiscard]] std::int64_t next_number(Session& session, const std::string& counter);

/// Tells every KeyStore on this database that what it keeps of `topic` has changed.
void changed(Session& session, const std::string& topic);
inline constexpr auto trust_topic = "trust";
inline constexpr auto mailbox_topic = "mailbox";

/// Adds to the audit; to be called in the transaction that does what it tells.
void record(Session& session, Time at, const Event& event);

/// The PEM under which the database keeps a certificate. Throws Error{peer} if it could not be read
/// back from there: one such row would be in the way of all others.
[[nodiscard]] std::string storable(const Certificate& certificate);

/// Keeps a helper certificate. False if it was there already. Throws as storable().
bool put_intermediate(Session& session, const Certificate& certificate, Time now);

/// The certificate kept in a PEM column. Throws Error{ours} if it is none: someone else wrote
/// there.
[[nodiscard]] Certificate stored_certificate(const std::string& pem);
/// The address kept in a column; throws as above.
[[nodiscard]] Address stored_address(const std::string& text);

void note_damaged(const std::string& row, const Error& problem);

/// What `read` makes of a row that the others can do without; nothing, and a note for
/// take_damaged(), if it throws. `row` names it: "table peer, id 7".
template <typename Read>
[[nodiscard]] auto readable(const std::string& row, const Read& read)
    -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& problem) {
    note_damaged(row, problem);
    return std::nullopt;
  }
}
/// The rows that this program has passed over since the last call, each once, at most 100.
[[nodiscard]] std::vector<std::string> take_damaged();

}  // namespace siegel::pki::sql
