#include "base/database.h"

#include <cerrno>
#include <filesystem>

#include <Poco/Data/DataException.h>
#include <Poco/Data/RecordSet.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Transaction.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/error.h"
#include "base/returning.h"

namespace siegel {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr int sessions_kept = 1;
constexpr int idle_seconds = 60;

std::string sqlite_path(const std::string& url, Database::Sharing sharing) {
  if (!url.starts_with(sqlite_scheme)) {
    throw Error(Fault::ours, "the set-up is broken",
                "database URL \"" + url +
                    "\" is not of a kind that this program knows; "
                    "write sqlite:PATH");
  }
  std::string path = url.substr(sqlite_scheme.size());
  // SQLite would create the file by the umask: the keys in it, though sealed, are nobody else's
  // business.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw system_error("open database " + path, errno);
  give_to_folder_owner(file, path);
  if (sharing == Database::Sharing::with_group) share_with_folder_group(file, path);
  ::close(file);
  return path;
}

const std::string& registered() {
  static const std::string key = [] {
    Poco::Data::SQLite::Connector::registerConnector();
    return Poco::Data::SQLite::Connector::KEY;
  }();
  return key;
}

Error database_error(const Poco::Exception& problem) {
  return {Fault::world, "the database is not available, please try again later",
          problem.displayText()};
}

void run_transaction(Session& session, const char* begin,
                     const std::function<void(Session&)>& work) {
  session << begin, now;
  try {
    work(session);
    session << "COMMIT", now;
  } catch (...) {
    try {
      session << "ROLLBACK", now;
    } catch (const Poco::Exception&) {  // the transaction is gone already; the first error is the
                                        // one to tell
    }
    throw;
  }
}

void run_statements(Session& session, std::string_view sql) {
  while (true) {
    const auto end = sql.find(';');
    const std::string statement(sql.substr(0, end));
    if (statement.find_first_not_of(" \t\r\n") != std::string::npos) session << statement, now;
    if (end == std::string_view::npos) return;
    sql.remove_prefix(end + 1);
  }
}

void check_known(std::int64_t applied, std::size_t steps) {
  if (applied <= static_cast<std::int64_t>(steps)) return;
  throw Error(Fault::ours, "the set-up is broken",
              "the database was written by a newer version of Siegel; install that version again");
}

}  // namespace

void Database::Sessions::customizeSession(Session& session) {
  session << "PRAGMA busy_timeout = 5000", now;
  session << "PRAGMA journal_mode = WAL", now;
  // A harvested pin or an approval must survive a power cut.
  session << "PRAGMA synchronous = FULL", now;
  session << "PRAGMA foreign_keys = ON", now;
  // Sealed keys that were deleted are to be gone: pages are overwritten, not only given up.
  session << "PRAGMA secure_delete = ON", now;
}

Database::Database(const std::string& url, Sharing sharing)
    : pool_(registered(), sqlite_path(url, sharing), sessions_kept, sessions_at_most,
            idle_seconds) {
  read([](Session&) {});
}

Database::~Database() {
  pool_.shutdown();
}

void Database::frame_writes(Frame frame) {
  auto framed = std::make_shared<const Frame>(std::move(frame));
  frame_.with([&](auto& kept) { kept.swap(framed); });
}

void Database::forget() {
  read([](Session& session) {
    session << "PRAGMA busy_timeout = 0", now;
    session << "PRAGMA wal_checkpoint(TRUNCATE)", now;
    session << "PRAGMA busy_timeout = 5000", now;
  });
}

void Database::read(const Work& work) const {
  free_.acquire();
  const Returning returning(free_);
  try {
    Session session = pool_.get();
    work(session);
  } catch (const Poco::Exception& problem) {
    throw database_error(problem);
  }
}

void Database::write(const Work& work) {
  const auto frame = frame_.with([](const auto& kept) { return kept; });
  const auto framed = [&](Session& session) { frame ? (*frame)(session, work) : work(session); };
  // A reader that turns writer half-way would fail at once instead of waiting.
  read([&](Session& session) { run_transaction(session, "BEGIN IMMEDIATE", framed); });
}

void Database::read_at_once(const Work& work) const {
  read([&](Session& session) { run_transaction(session, "BEGIN", work); });
}

void Database::migrate(std::span<const Migration> steps) {
  write([&](Session& session) {
    session << "CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, name TEXT NOT "
               "NULL)",
        now;
    std::int64_t applied = 0;
    session << "SELECT COUNT(*) FROM schema_step", into(applied), now;
    check_known(applied, steps.size());
    for (std::size_t i = static_cast<std::size_t>(applied); i < steps.size(); ++i) {
      run_statements(session, steps[i].sql);
      int number = static_cast<int>(i) + 1;
      std::string name(steps[i].name);
      session << "INSERT INTO schema_step (number, name) VALUES (?, ?)", use(number), use(name),
          now;
    }
  });
}

}  // namespace siegel
