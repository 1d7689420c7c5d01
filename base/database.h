#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <semaphore>
#include <span>
#include <string>
#include <string_view>

#include <Poco/Data/Session.h>
#include <Poco/Data/SessionPool.h>

#include "base/guarded.h"

namespace siegel {

/// One step of a schema. Steps are applied in order, each once; all that are missing in one
/// transaction, so that an upgrade happens as a whole or not at all. A step that was released is
/// never changed. `sql` holds statements divided by
/// ';' and uses the subset that SQLite and PostgreSQL share: INTEGER/BIGINT/TEXT, no AUTOINCREMENT,
/// no BLOB (octets are kept as text: PEM, base64 or hexadecimal).
struct Migration {
  std::string_view name;
  std::string_view sql;
};

/// A relational database, opened by URL; today `sqlite:PATH` (WAL, foreign keys on, waits 5 s for a
/// lock). Thread-safe: each unit of work borrows a session of its own.
class Database {
 public:
  using Session = Poco::Data::Session;

  /// Who else may read and write the file: with_group means the group of its folder, if that may
  /// write to the folder; for two daemons that share it.
  enum class Sharing { owner_only, with_group };

  /// Opens and, for SQLite, creates the file with mode 0600. Throws Error{ours} for an unknown kind
  /// of URL, Error{world} if the database cannot be opened.
  explicit Database(const std::string& url, Sharing sharing = Sharing::owner_only);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Brings the schema up to the last step. Throws Error{ours} if the database is newer than this
  /// program.
  void migrate(std::span<const Migration> steps);

  using Work = std::function<void(Session&)>;

  /// Runs `work` in one transaction and commits; any exception rolls back. A database that is
  /// locked or broken ends as Error{world}.
  void write(const Work& work);

  /// What stands around the work of each later write(), in its transaction: it calls the work.
  using Frame = std::function<void(Session&, const Work&)>;
  /// Instead of the frame that was set before.
  void frame_writes(Frame frame);

  /// What was deleted and is committed leaves the files too: until then a journal may still hold
  /// it. Waits for nobody: what is in use just now leaves at the next call.
  void forget();

  /// Runs `work` on a session outside of any transaction; errors as in write.
  void read(const Work& work) const;

  /// Runs `work`, which only reads, in one transaction: all that it selects stood there at one
  /// moment, whoever writes meanwhile. Errors as in write.
  void read_at_once(const Work& work) const;

 private:
  /// Prepares each session once, when it is opened.
  class Sessions final : public Poco::Data::SessionPool {
   public:
    using SessionPool::SessionPool;

   protected:
    void customizeSession(Session& session) override;
  };

  static constexpr std::ptrdiff_t sessions_at_most = 64;

  mutable Sessions pool_;
  // The pool throws at once where it is empty; who comes then waits for his turn.
  mutable std::counting_semaphore<sessions_at_most> free_{sessions_at_most};
  Guarded<std::shared_ptr<const Frame>> frame_;
};

}  // namespace siegel
