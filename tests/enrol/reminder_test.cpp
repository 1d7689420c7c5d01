// STANDARDS §6.4: who is told of what, and when. Tables, because all of it is pure.

#include "pki/enrol/reminder.h"

#include "pki/enrol/reminder_book.h"
#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Address owner = *Address::parse("chef@stadt.example");
const Address deputy = *Address::parse("vertretung@stadt.example");
const Address team = *Address::parse("pki-team@stadt.example");

config::EnrolmentSettings settings() {
  config::EnrolmentSettings made;
  made.sender = Address::parse("pki@stadt.example");
  made.escalate_to = team;
  return made;
}

Request request_in(State state, Time since = noon) {
  Request request{.id = 17, .wish = wish("bauamt@stadt.example"), .state = state, .since = since};
  request.wish.deputy = deputy;
  return request;
}

Term term(std::int64_t days_left, std::optional<Request> request = request_in(State::active)) {
  return {{*Address::parse("bauamt@stadt.example"), pki::CertificateUse::both, mailbox(), true},
          std::move(request),
          days_left};
}

/// Who is told of the matter, in short.
std::vector<std::string> told(const std::optional<Matter>& matter,
                              const config::EnrolmentSettings& by = settings()) {
  std::vector<std::string> people;
  if (!matter) return people;
  const std::map<std::string, std::string> short_names{
      {owner.str(), "owner"}, {deputy.str(), "deputy"}, {team.str(), "team"}, {the_log, "log"}};
  for (const auto& [person, of_person] : digests({*matter}, by, {}))
    people.push_back(short_names.at(person));
  return people;
}

TEST(Reminders, OfACertificateThatEndsGoFurtherStepByStep) {
  struct Row {
    std::int64_t days_left;
    std::string step;
    std::vector<std::string> told;
  };
  const std::vector<std::string> one{"owner"}, two{"owner", "deputy"},
      three{"owner", "deputy", "team"};
  const std::vector<Row> rows{{60, "ends-60", one}, {31, "ends-60", one}, {30, "ends-30", one},
                              {15, "ends-30", one}, {14, "ends-14", two}, {8, "ends-14", two},
                              {7, "ends-7", three}, {4, "ends-7", three}, {3, "ends-3", three},
                              {2, "ends-3", three}, {1, "ends-1", three}, {0, "ends-1", three},
                              {-1, "ended", three}, {-29, "ended", three}};
  for (const Row& row : rows) {
    const auto matter = matter_of(term(row.days_left), std::nullopt);
    ASSERT_TRUE(matter) << row.days_left;
    EXPECT_EQ(matter->step, row.step) << row.days_left;
    EXPECT_THAT(told(matter), testing::UnorderedElementsAreArray(row.told)) << row.days_left;
  }
  EXPECT_FALSE(matter_of(term(61), std::nullopt));
}

TEST(Reminders, OfARequestComeAtOnceIfItWasRefusedAndElseWhenItIsLate) {
  struct Row {
    State state;
    std::chrono::hours after;
    std::vector<std::string> told;
  };
  const std::vector<std::string> nobody, one{"owner"}, two{"owner", "deputy"};
  const std::vector<Row> rows{
      {State::rejected, 0 * day, one},       {State::failed, 0 * day, one},
      {State::timed_out, 0 * day, one},      {State::mismatch, 0 * day, one},
      {State::rejected, 15 * day, two},      {State::exported, 7 * day, nobody},
      {State::exported, 8 * day, one},       {State::exported, 15 * day, two},
      {State::validated, 6 * day, nobody},   {State::validated, 8 * day, one},
      {State::pending_ra, 20 * day, nobody}, {State::pending_ra, 22 * day, one},
      {State::pending_ra, 43 * day, two}};
  for (const Row& row : rows)
    EXPECT_THAT(told(matter_of(request_in(row.state), noon + row.after)),
                testing::UnorderedElementsAreArray(row.told))
        << name(row.state) << " after " << row.after.count() << " h";
}

TEST(Reminders, WhatNobodyOwnsGoesToTheTeamAndElseToTheLog) {
  const auto by_hand = matter_of(term(60, std::nullopt), std::nullopt);
  EXPECT_THAT(told(by_hand), ElementsAre("team"));
  auto nobody = settings();
  nobody.escalate_to.reset();
  EXPECT_THAT(told(by_hand, nobody), ElementsAre("log"));
  EXPECT_THAT(told(matter_of(term(1), std::nullopt), config::EnrolmentSettings()),
              ElementsAre("log"));
}

TEST(Reminders, WhatHasToGoOnIsTheSuccessorIfThereIsOne) {
  EXPECT_EQ(matter_of(term(30), request_in(State::exported))->request->state, State::exported);
  EXPECT_EQ(matter_of(term(30), std::nullopt)->request->state, State::active);
}

TEST(Reminders, EachPersonGetsOneDigestOfWhatIsNewToThem) {
  const std::vector<Matter> all{*matter_of(term(5), std::nullopt),
                                *matter_of(request_in(State::rejected), noon)};
  const auto first = digests(all, settings(), {});
  EXPECT_THAT(first.at(owner.str()), SizeIs(2));
  EXPECT_THAT(first.at(deputy.str()), SizeIs(1));
  const std::set<Told> told{{all[0].about, all[0].step, owner.str()}};
  const auto second = digests(all, settings(), told);
  EXPECT_THAT(second.at(owner.str()), SizeIs(1));
  EXPECT_THAT(second.at(team.str()), SizeIs(1));
}

TEST(Reminders, TheSameStateASecondTimeIsANewMatter) {
  const auto first = matter_of(request_in(State::rejected), noon);
  const auto second = matter_of(request_in(State::rejected, noon + day), noon + day);
  EXPECT_EQ(first->about, second->about);
  EXPECT_NE(first->step, second->step);
}

class RemindersOfAnOffice : public OfficeTest {};

TEST_F(RemindersOfAnOffice, ARequestThatGoesByFilesWaitsForItsExport) {
  ready({"bauamt"});
  EXPECT_THAT(matters(office()), IsEmpty());
  desk_.clock.advance(2 * day);
  ASSERT_THAT(matters(office()), SizeIs(1));
  EXPECT_EQ(matters(office()).front().request->state, State::csr_ready);
  profile_.connector = config::Connector::est;
  EXPECT_THAT(matters(office()), IsEmpty()) << "that one goes by itself";
}

TEST_F(RemindersOfAnOffice, WhatWasToldIsRememberedAndInTheAudit) {
  const Matter matter = *matter_of(exported(), noon + 8 * day);
  ReminderBook(desk_.database, desk_.clock).note(owner.str(), {matter}, "siegel-relay");
  const auto all = ReminderBook(desk_.database, desk_.clock).all();
  EXPECT_THAT(all, UnorderedElementsAre(Told{matter.about, matter.step, owner.str()}));
  const auto event = desk_.store.trust_events(1).front();
  EXPECT_EQ(event.action + ' ' + event.subject, "reminder-sent bauamt@stadt.example");
  EXPECT_TRUE(digests({matter}, settings(), all).empty());
}

}  // namespace
}  // namespace siegel::tests
