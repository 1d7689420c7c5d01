#include "pki/audit.h"

#include <barrier>
#include <thread>

#include <Poco/Data/Statement.h>
#include <gmock/gmock.h>

#include "pki/store_sql.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// An audit of five entries, and somebody who can write into the database.
class AuditTest : public StoreTest {
 protected:
  AuditTest() { append(5 - store_.trust_events().size()); }

  void append(std::size_t entries) {
    for (std::size_t i = 0; i < entries; ++i)
      database_.write([&](Database::Session& session) {
        pki::sql::record(session, clock_.now(),
                         {"anna", "done", "thing " + std::to_string(i), "detail"});
      });
  }

  void tamper(const std::string& statement) {
    intruder_.write(
        [&](Database::Session& session) { session << statement, Poco::Data::Keywords::now; });
  }
  [[nodiscard]] std::string trouble() const { return store_.check_audit().trouble.value_or(""); }
  [[nodiscard]] std::string trouble_if(const std::string& statement) {
    tamper(statement);
    return trouble();
  }

  Database intruder_{database_url()};  // without the key-encryption key
};

TEST_F(AuditTest, WhatNobodyTouchedIsFine) {
  const auto check = store_.check_audit();
  EXPECT_EQ(check.entries, 5);
  EXPECT_EQ(check.head, store_.trust_events(1).front().digest);
  EXPECT_FALSE(check.trouble) << *check.trouble;
}

TEST_F(AuditTest, WhatWasNotedIsFoundAmongTheEntriesThatCameLater) {
  const auto noted = store_.check_audit().head;
  append(3);
  EXPECT_EQ(store_.check_audit(noted).noted, 5);
  EXPECT_EQ(store_.check_audit(noted).entries, 8);
  EXPECT_EQ(store_.check_audit(std::string(64, '0')).noted, 0);
}

TEST_F(AuditTest, WhatWasNotedAndThenCutOffIsNotFoundAgain) {
  const auto noted = store_.check_audit().head;
  tamper("DELETE FROM trust_event WHERE id > 3");
  tamper("UPDATE counter SET last = 3 WHERE name = 'trust_event'");
  clock_.advance(1h);
  append(4);
  EXPECT_EQ(store_.check_audit(noted).noted, 0);
}

TEST_F(AuditTest, WhoAppendsMeanwhileRaisesNoAlarm) {
  constexpr int rounds = 200;
  std::barrier both(2);  // in each round one entry is appended and the chain verified at once
  std::thread appender([&] {
    for (int i = 0; i < rounds; ++i) {
      both.arrive_and_wait();
      append(1);
    }
  });
  std::vector<std::string> alarms;
  for (int i = 0; i < rounds; ++i) {
    both.arrive_and_wait();
    alarms.push_back(trouble());
  }
  appender.join();
  EXPECT_THAT(alarms, Each(IsEmpty()));
}

// --- the seal of the last entry

TEST_F(AuditTest, ATailThatWasCutOffIsFound) {
  tamper("DELETE FROM trust_event WHERE id > 3");
  EXPECT_THAT(trouble_if("UPDATE counter SET last = 3 WHERE name = 'trust_event'"),
              HasSubstr("is not the one that was sealed"));
}

TEST_F(AuditTest, ATailThatWasCutOffIsFoundWhateverComesThen) {
  tamper("DELETE FROM trust_event WHERE id > 3");
  tamper("UPDATE counter SET last = 3 WHERE name = 'trust_event'");
  append(1);
  EXPECT_THAT(trouble(), HasSubstr("is not the one that was sealed"));
  append(3);
  EXPECT_THAT(trouble(), HasSubstr("is not the one that was sealed"));
}

TEST_F(AuditTest, AnEntryOfAnIntruderIsFoundWhateverComesThen) {
  intruder_.write([&](Database::Session& session) {
    pki::sql::record(session, clock_.now(), {"anna", "done", "never", "by her"});
  });
  EXPECT_THAT(trouble(), HasSubstr("is not the one that was sealed"));
  append(2);
  EXPECT_THAT(trouble(), HasSubstr("is not the one that was sealed"));
}

TEST_F(AuditTest, AnAlteredSealIsFound) {
  EXPECT_THAT(trouble_if("UPDATE audit_seal SET since = 5"), HasSubstr("is not the one"));
  EXPECT_THAT(trouble_if("DELETE FROM audit_seal"), HasSubstr("is gone"));
}

TEST_F(AuditTest, WhatIsSealedAnewSaysSinceWhen) {
  EXPECT_EQ(store_.check_audit().sealed_since, 0);
  tamper("DELETE FROM audit_seal");
  const pki::KeyStore opened(database_, seal(), config_, clock_);
  EXPECT_EQ(opened.check_audit().sealed_since, 5);
  append(1);
  EXPECT_EQ(opened.check_audit().sealed_since, 5);
  EXPECT_EQ(trouble(), "");
}

TEST_F(AuditTest, AnotherKeyEncryptionKeySealsNothingOfOurs) {
  Database others(database_url());
  const pki::KeyStore store(others, seal(9), config_, clock_);
  EXPECT_THAT(store.check_audit().trouble.value_or(""), HasSubstr("another key-encryption key"));
}

/// Which row, which field, and what is written there.
class AuditFieldTest : public AuditTest,
                       public ::testing::WithParamInterface<std::tuple<int, std::string>> {};

TEST_P(AuditFieldTest, AnAlteredFieldIsFound) {
  const auto& [row, change] = GetParam();
  EXPECT_THAT(trouble_if("UPDATE trust_event SET " + change + " WHERE id = " + std::to_string(row)),
              HasSubstr("somebody has written into the database"));
}

INSTANTIATE_TEST_SUITE_P(
    EachRow, AuditFieldTest,
    ::testing::Combine(::testing::Values(1, 2, 3, 4, 5),
                       ::testing::Values("id = 99", "id = -1", "at = at + 1",
                                         "actor = actor || 'x'", "action = action || 'x'",
                                         "subject = subject || 'x'", "detail = detail || 'x'",
                                         "digest = upper(digest) || 'x'", "tenant = 'other'",
                                         "action = action || substr(subject, 1, 1), "
                                         "subject = substr(subject, 2)")));

TEST_F(AuditTest, ADeletedRowIsFound) {
  EXPECT_THAT(trouble_if("DELETE FROM trust_event WHERE id = 3"), HasSubstr("entry 3 is missing"));
}

TEST_F(AuditTest, ADeletedFirstRowIsFound) {
  EXPECT_THAT(trouble_if("DELETE FROM trust_event WHERE id = 1"), HasSubstr("entry 1 is missing"));
}

TEST_F(AuditTest, ADeletedLastRowIsFound) {
  EXPECT_THAT(trouble_if("DELETE FROM trust_event WHERE id = 5"),
              HasSubstr("entries 5 to 5 are missing"));
}

TEST_F(AuditTest, TwoSwappedRowsAreFound) {
  tamper("UPDATE trust_event SET id = 100 WHERE id = 2");
  tamper("UPDATE trust_event SET id = 2 WHERE id = 4");
  EXPECT_THAT(trouble_if("UPDATE trust_event SET id = 4 WHERE id = 100"), HasSubstr("entry 2"));
}

TEST_F(AuditTest, AnInsertedRowIsFound) {
  tamper("UPDATE trust_event SET id = id + 100 WHERE id > 2");
  tamper("UPDATE trust_event SET id = id - 99 WHERE id > 2");
  tamper("UPDATE counter SET last = 6 WHERE name = 'trust_event'");
  EXPECT_THAT(trouble_if("INSERT INTO trust_event SELECT 3, tenant, at, actor, action, subject, "
                         "detail, digest FROM trust_event WHERE id = 2"),
              HasSubstr("entry 3"));
}

TEST_F(AuditTest, ARowBeforeTheFirstIsFound) {
  EXPECT_THAT(trouble_if("INSERT INTO trust_event SELECT 0, tenant, at, actor, action, subject, "
                         "detail, digest FROM trust_event WHERE id = 1"),
              HasSubstr("somebody has written"));
}

TEST_F(AuditTest, ARowBehindTheLastIsFound) {
  pki::TrustEvent event = store_.trust_events(1).front();
  event.id = 6;
  const auto digest = pki::chained(event, event.digest);
  EXPECT_THAT(trouble_if("INSERT INTO trust_event SELECT 6, tenant, at, actor, action, subject, "
                         "detail, '" +
                         digest + "' FROM trust_event WHERE id = 5"),
              HasSubstr("somebody has written"));
}

}  // namespace
}  // namespace siegel::tests
