#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "base/database.h"
#include "base/time.h"

/// The few words in which SQL is spoken, inside of the work given to a Database.
namespace siegel::sql {

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

}  // namespace siegel::sql
