#include "base/database.h"

#include <array>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/handle.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace Poco::Data::Keywords;
using testing::HasSubstr;
using Session = Database::Session;

constexpr std::array<Migration, 2> steps{
    Migration{"notes",
              "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
              "CREATE INDEX note_text ON note (text);"},
    Migration{"owner", "ALTER TABLE note ADD COLUMN owner TEXT"}};

class DatabaseTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "siegel.db"; }
  [[nodiscard]] std::string url() const { return "sqlite:" + file().string(); }
  static void add(Database& database, const std::string& note) {
    std::string text = note;
    database.write(
        [&](Session& session) { session << "INSERT INTO note (text) VALUES (?)", use(text), now; });
  }
  static int count(const Database& database) {
    int notes = -1;
    database.read(
        [&](Session& session) { session << "SELECT COUNT(*) FROM note", into(notes), now; });
    return notes;
  }
  template <typename Act>
  static std::pair<Fault, std::string> fault_of(const Act& act) {
    try {
      act();
    } catch (const Error& error) {
      return {error.fault(), error.detail()};
    }
    throw std::logic_error("no fault");
  }

  TemporaryDirectory directory_;
};

/// Another process that holds the database's only write lock.
class Intruder {
 public:
  explicit Intruder(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    sqlite3_open(file.c_str(), &opened);
    connection_.reset(opened);
    sqlite3_exec(opened, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr);
  }

 private:
  Handle<sqlite3, sqlite3_close> connection_;
};

TEST_F(DatabaseTest, MigratingTwiceChangesNothing) {
  Database database(url());
  database.migrate(steps);
  add(database, "kept");
  database.migrate(steps);
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, MigratesOnFromAnOlderSchema) {
  Database database(url());
  database.migrate(std::span(steps).first(1));
  add(database, "old");
  database.migrate(steps);
  database.write([](Session& session) { session << "UPDATE note SET owner = 'anna'", now; });
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, ANewerSchemaIsRefused) {
  Database database(url());
  database.migrate(steps);
  const auto [fault, detail] = fault_of([&] { database.migrate(std::span(steps).first(1)); });
  EXPECT_EQ(fault, Fault::ours);
  EXPECT_THAT(detail, HasSubstr("newer version"));
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheOldSchema) {
  Database database(url());
  const std::array<Migration, 2> broken{steps[0],
                                        Migration{"broken", "CREATE TABLE x (a TEXT); NONSENSE"}};
  EXPECT_EQ(fault_of([&] { database.migrate(broken); }).first, Fault::world);
  database.migrate(steps);
  EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, AnyExceptionRollsBack) {
  Database database(url());
  database.migrate(steps);
  EXPECT_THROW(database.write([](Session& session) {
    session << "INSERT INTO note (text) VALUES ('half')", now;
    throw Error(Fault::peer, "no");
  }),
               Error);
  EXPECT_EQ(count(database), 0);
  add(database, "whole");
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, IsThereAfterReopening) {
  {
    Database database(url());
    database.migrate(steps);
    add(database, "durable");
  }
  EXPECT_EQ(count(Database(url())), 1);
}

TEST_F(DatabaseTest, ALockedDatabaseIsAFaultOfTheWorldAndMendsItself) {
  Database database(url());
  database.migrate(steps);
  {
    const Intruder intruder(file());
    EXPECT_EQ(fault_of([&] { add(database, "late"); }).first, Fault::world);
  }
  add(database, "in time");
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, WritersWaitForEachOther) {
  Database database(url());
  database.migrate(steps);
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int j = 0; j < 10; ++j) add(database, "note");
      });
    }
  }
  EXPECT_EQ(count(database), 40);
}

TEST_F(DatabaseTest, NobodyElseMayReadTheFile) {
  const Database database(url());
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsAFaultOfTheWorld) {
  write_file(file(), std::string(8192, 'x'));
  EXPECT_EQ(fault_of([&] { Database(url()).migrate(steps); }).first, Fault::world);
  const std::string nowhere = "sqlite:" + (directory_ / "no" / "siegel.db").string();
  EXPECT_EQ(fault_of([&] { const Database database(nowhere); }).first, Fault::world);
}

TEST_F(DatabaseTest, AnUnknownKindOfUrlIsOurFault) {
  const auto [fault, detail] = fault_of([] { const Database database("oracle://db.example/x"); });
  EXPECT_EQ(fault, Fault::ours);
  EXPECT_THAT(detail, HasSubstr("sqlite:PATH"));
}

TEST_F(DatabaseTest, WhoReadsAtOnceSeesOneMomentOnly) {
  Database database(url());
  database.migrate(steps);
  add(database, "before");
  database.read_at_once([&](Session& session) {
    int first = -1, second = -1;
    session << "SELECT COUNT(*) FROM note", into(first), now;
    add(database, "meanwhile");
    session << "SELECT COUNT(*) FROM note", into(second), now;
    EXPECT_EQ(first, second);
  });
  EXPECT_EQ(count(database), 2);
}

TEST_F(DatabaseTest, AFrameStandsInTheTransactionOfEachWrite) {
  Database database(url());
  database.migrate(steps);
  database.frame_writes([](Session& session, const Database::Work& work) {
    work(session);
    session << "INSERT INTO note (text) VALUES ('framed')", now;
  });
  add(database, "work");
  EXPECT_EQ(count(database), 2);
  EXPECT_THROW(database.write([](Session&) { throw Error(Fault::world, "no"); }), Error);
  EXPECT_EQ(count(database), 2);
}

}  // namespace
}  // namespace siegel::tests
