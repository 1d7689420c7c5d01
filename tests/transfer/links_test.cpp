#include <atomic>
#include <thread>

#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using transfer::Links;
using transfer::LinkSecret;
using LinksTest = ServiceTest;

TEST_F(LinksTest, OpensWhatWasSent) {
  const Sent sent = send("Bescheid.pdf", "the notice");
  EXPECT_EQ(fetch(sent.links.front().secret), "the notice");
}

TEST_F(LinksTest, EachRecipientHasHisOwn) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = send(wish({&plan}, {anna, "bert@citizen.example"}));
  ASSERT_EQ(sent.links.size(), 2U);
  EXPECT_EQ(links_.visit(sent.links[0].secret)->recipient, anna);
  EXPECT_EQ(links_.visit(sent.links[1].secret)->recipient, "bert@citizen.example");
  EXPECT_NE(sent.links[0].secret.text(), sent.links[1].secret.text());
}

TEST_F(LinksTest, WrongOneIsNothing) {
  send("Bescheid.pdf", "the notice");
  EXPECT_FALSE(links_.visit(LinkSecret::make()));
  EXPECT_FALSE(links_.find(LinkSecret::make()));
}

TEST_F(LinksTest, OneThatWaitsShowsItselfButGivesNothingOut) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = post(wish({&plan}));
  const auto visit = links_.visit(sent.links.front().secret);
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->parcel.state, transfer::ParcelState::waiting);
  const auto key = std::get<pki::Secret>(unlock(sent.links.front().secret));
  EXPECT_FALSE(links_.find(links_.issue(*visit, key, 0))) << "not before it is scanned";
}

TEST_F(LinksTest, TicketOfAnotherKindIsNone) {
  const Sent sent = send("Bescheid.pdf", "the notice");
  EXPECT_FALSE(links_.find(sent.links.front().secret)) << "a link is no ticket";
}

TEST_F(LinksTest, TicketEndsWithItsTimeItsLinkAndItsParcel) {
  const Sent sent = send("Bescheid.pdf", "the notice");
  const LinkSecret& link = sent.links.front().secret;
  const auto issue = [&] {
    return links_.issue(*links_.visit(link), std::get<pki::Secret>(unlock(link)), 0);
  };
  const LinkSecret old = issue();
  EXPECT_TRUE(links_.find(old));
  clock_.advance(Links::ticket_life);
  EXPECT_FALSE(links_.find(old));
  const LinkSecret newer = issue();
  parcels_.recall(sent.id, anna);
  EXPECT_FALSE(links_.find(newer));
}

TEST_F(LinksTest, SweepTakesOldTickets) {
  const Sent sent = send("Bescheid.pdf", "the notice");
  const LinkSecret& link = sent.links.front().secret;
  static_cast<void>(links_.issue(*links_.visit(link), std::get<pki::Secret>(unlock(link)), 0));
  clock_.advance(Links::ticket_life);
  links_.sweep();
  std::int64_t left = -1;
  database_.read([&](Database::Session& session) {
    left = sql::select(session, "SELECT COUNT(*) AS n FROM ticket").number("n");
  });
  EXPECT_EQ(left, 0);
}

TEST_F(LinksTest, FetchesAreCountedByRecipientAndFile) {
  const Sent sent = send("Bescheid.pdf", "the notice");
  const auto parcel = *parcels_.find(sent.id);
  EXPECT_EQ(links_.times_fetched(parcel, anna, 0), 0U);
  parcels_.note_event(sent.id, {clock_.now(), "fetched", anna, 0});
  parcels_.note_event(sent.id, {clock_.now(), "fetched", "bert@citizen.example", 0});
  EXPECT_EQ(links_.times_fetched(parcel, anna, 0), 1U);
}

// --- passwords

TEST_F(LinksTest, PasswordIsNeeded) {
  const Sent sent = send("Bescheid.pdf", "the notice", "Rathaus 7");
  const LinkSecret& link = sent.links.front().secret;
  EXPECT_TRUE(links_.visit(link)->needs_password);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "")), Links::Closed::wrong_password);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "Rathaus 8")), Links::Closed::wrong_password);
  EXPECT_EQ(fetch(link, 0, "Rathaus 7"), "the notice");
}

TEST_F(LinksTest, TooManyWrongOnesLockForAWhile) {
  settings_.limits.wrong_passwords = 3;
  const Sent sent = send("Bescheid.pdf", "the notice", "Rathaus 7");
  const LinkSecret& link = sent.links.front().secret;
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "1")), Links::Closed::wrong_password);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "2")), Links::Closed::wrong_password);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "3")), Links::Closed::now_locked);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "Rathaus 7")), Links::Closed::locked);
  EXPECT_TRUE(parcels_.links(sent.id).front().locked_until);
  clock_.advance(settings_.limits.lock);
  EXPECT_EQ(fetch(link, 0, "Rathaus 7"), "the notice");
}

TEST_F(LinksTest, RightOneBeginsTheCountAnew) {
  settings_.limits.wrong_passwords = 3;
  const Sent sent = send("Bescheid.pdf", "the notice", "Rathaus 7");
  const LinkSecret& link = sent.links.front().secret;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(std::get<Links::Closed>(unlock(link, "1")), Links::Closed::wrong_password);
    EXPECT_EQ(std::get<Links::Closed>(unlock(link, "2")), Links::Closed::wrong_password);
    EXPECT_EQ(fetch(link, 0, "Rathaus 7"), "the notice");
  }
}

// --- whoever takes disk and database

class Theft : public ServiceTest {
 protected:
  /// All octets below the service's folder, vault and tables with their journal.
  std::string loot() {
    std::string octets;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
      if (entry.is_regular_file()) octets += read_file(entry.path());
    return octets;
  }
};

TEST_F(LinksTest, Evil_TryingAtOnceGivesNoMoreAttempts) {
  settings_.limits.wrong_passwords = 3;
  const Sent sent = send("Plan.pdf", "the plan", "Rathaus 7");
  const LinkSecret& link = sent.links.front().secret;
  const auto visit = links_.visit(link).value();  // as each of them saw it before the first attempt
  std::atomic<int> tried = 0, locked = 0;
  {
    std::vector<std::jthread> guessers;
    for (int i = 0; i < 12; ++i)
      guessers.emplace_back([&, i] {
        const auto result =
            links_.unlock(visit, link, pki::Secret(std::to_string(i)), settings_.limits);
        ++(std::get<Links::Closed>(result) == Links::Closed::locked ? locked : tried);
      });
  }
  EXPECT_EQ(tried, 3);
  EXPECT_EQ(locked, 9);
  EXPECT_EQ(std::get<Links::Closed>(unlock(link, "Rathaus 7")), Links::Closed::locked);
}

TEST_F(Theft, FindsNoContentNoNameNoMessageAndNoLink) {
  const std::string content = "Blutgruppe AB negativ ";
  const Sent sent =
      send("Krankenakte-Muster.pdf", content + std::string(200'000, 'x'), "Rathaus 7");
  const LinkSecret half = begin("Zweite-Akte.pdf", 1000);
  put(half, content);
  const std::string all = loot();
  for (const std::string& secret :
       {content, std::string("Krankenakte"), std::string("Zweite-Akte"),
        std::string("Ihr Bescheid"), sent.links.front().secret.text(), half.text(),
        std::string("Rathaus 7"), std::string(sent.key.octets())})
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
}

TEST_F(Theft, EvenWithTheServicesKeyOpensNoFileAfterTheScan) {
  const Sent sent = send("Krankenakte.pdf", "secret");
  EXPECT_FALSE(parcels_.waiting(sent.id)) << "nothing but the link leads to the parcel's key";
  std::string sealed;
  database_.read([&](Database::Session& session) {
    sealed = sql::select(session, "SELECT sealed_key FROM link").text("sealed_key");
  });
  EXPECT_FALSE(seal_.try_open(sealed, "link key " + sent.id));
}

TEST_F(Theft, ErasedKeysAreNotLeftInTheDatabaseFile) {
  const LinkSecret plan = uploaded("Plan.pdf", "secret");
  const Sent sent = post(wish({&plan}));
  std::string sealed;
  database_.read([&](Database::Session& session) {
    sealed = sql::select(session, "SELECT sealed FROM waiting").text("sealed");
  });
  ASSERT_NE(loot().find(sealed.substr(0, 40)), std::string::npos);
  parcels_.release(sent.id, {}, outbox_);
  database_.forget();
  EXPECT_EQ(loot().find(sealed.substr(0, 40)), std::string::npos);
}

}  // namespace
}  // namespace siegel::tests
