#include <atomic>
#include <thread>

#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using transfer::LinkSecret;
using transfer::Mail;
using transfer::ParcelRefusal;
using transfer::Parcels;
using transfer::ParcelState;

class ParcelsTest : public ServiceTest {
 protected:
  std::vector<std::string> what_happened(const std::string& id) const {
    std::vector<std::string> words;
    for (const auto& event : parcels_.events(id)) words.push_back(event.what);
    return words;
  }
  ParcelRefusal refusal(const transfer::ParcelWish& wish, std::uint64_t most = limit) {
    return std::get<ParcelRefusal>(parcels_.post(wish, most));
  }
};

TEST_F(ParcelsTest, UploadsBecomeAParcelThatWaits) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan"), photo = uploaded("Foto.jpg", "photo");
  const Sent sent = post(wish({&plan, &photo}));
  const auto parcel = parcels_.find(sent.id);
  ASSERT_TRUE(parcel);
  EXPECT_EQ(parcel->state, ParcelState::waiting);
  EXPECT_EQ(parcel->note.message, "Ihr Bescheid");
  ASSERT_EQ(parcel->files.size(), 2U);
  EXPECT_EQ(parcel->files[0].name, "Plan.pdf");
  EXPECT_EQ(parcel->files[1].name, "Foto.jpg");
  EXPECT_EQ(parcel->octets, 13U);
  EXPECT_FALSE(uploads_.find(plan)) << "an upload's secret opens nothing once it is sent";
  EXPECT_THAT(parcels_.due(), ElementsAre(sent.id));
}

TEST_F(ParcelsTest, WhatWaitsIsKnownAfterARestartAndForgottenAfterItsRelease) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = post(wish({&plan}));
  transfer::Parcels later(database_, store_, seal_, clock_);
  const auto waiting = later.waiting(sent.id);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->key.octets(), sent.key.octets());
  EXPECT_EQ(waiting->links.front().secret.text(), sent.links.front().secret.text());
  later.release(sent.id, {}, outbox_);
  EXPECT_FALSE(later.waiting(sent.id));
  EXPECT_THAT(later.due(), IsEmpty());
  EXPECT_EQ(later.find(sent.id)->state, ParcelState::ready);
}

TEST_F(ParcelsTest, PostponedOneIsDueLater) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = post(wish({&plan}));
  parcels_.postpone(sent.id, clock_.now() + 1min);
  EXPECT_THAT(parcels_.due(), IsEmpty());
  clock_.advance(1min);
  EXPECT_THAT(parcels_.due(), ElementsAre(sent.id));
}

TEST_F(ParcelsTest, WrongIncompleteAndForeignUploadsAreRefused) {
  const LinkSecret unknown = LinkSecret::make();
  EXPECT_EQ(refusal(wish({&unknown})), ParcelRefusal::upload_unknown);
  const LinkSecret begun = begin("Plan.pdf", 100);
  put(begun, "half");
  EXPECT_EQ(refusal(wish({&begun})), ParcelRefusal::upload_incomplete);
  const LinkSecret foreign = uploaded("Plan.pdf", "abc", "standesamt@stadt.example");
  EXPECT_EQ(refusal(wish({&foreign})), ParcelRefusal::upload_unknown);
  const LinkSecret large = uploaded("Plan.pdf", "abc");
  EXPECT_EQ(refusal(wish({&large}), 2), ParcelRefusal::too_large);
  EXPECT_TRUE(uploads_.find(large)) << "what was refused can still be sent in another way";
}

TEST_F(ParcelsTest, OneUploadCannotStandInAParcelTwice) {
  const LinkSecret plan = uploaded("Plan.pdf", "abc");
  EXPECT_EQ(refusal(wish({&plan, &plan})), ParcelRefusal::upload_unknown);
}

TEST_F(ParcelsTest, RecalledOneIsErased) {
  const Sent sent = send("Plan.pdf", "the plan");
  EXPECT_TRUE(parcels_.recall(sent.id));
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::recalled);
  EXPECT_THAT(parcels_.find(sent.id)->files, IsEmpty());
  EXPECT_EQ(files_in_store(), 0U);
  EXPECT_FALSE(links_.visit(sent.links.front().secret));
  EXPECT_FALSE(parcels_.recall(sent.id));
  EXPECT_THAT(what_happened(sent.id), ElementsAre("recalled"));
}

TEST_F(ParcelsTest, OneRecipientsLinkIsTakenAwayAlone) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = send(wish({&plan}, {anna, "bert@citizen.example"}));
  EXPECT_TRUE(parcels_.recall(sent.id, anna));
  EXPECT_FALSE(links_.visit(sent.links[0].secret));
  EXPECT_EQ(fetch(sent.links[1].secret), "the plan");
  EXPECT_FALSE(parcels_.recall(sent.id, anna));
  EXPECT_TRUE(parcels_.links(sent.id)[0].recalled);
}

TEST_F(ParcelsTest, ExpiredOneIsErasedAndItsTracesLater) {
  const Sent sent = send("Plan.pdf", "the plan");
  clock_.advance(24h * 14 - 1s);
  EXPECT_TRUE(links_.visit(sent.links.front().secret));
  clock_.advance(1s);
  EXPECT_FALSE(links_.visit(sent.links.front().secret)) << "even before the sweep";
  EXPECT_EQ(parcels_.sweep(settings_.lives.traces), 1U);
  EXPECT_EQ(files_in_store(), 0U);
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::expired);
  clock_.advance(settings_.lives.traces + 1s);
  EXPECT_EQ(parcels_.sweep(settings_.lives.traces), 0U);
  EXPECT_FALSE(parcels_.find(sent.id));
}

TEST_F(ParcelsTest, ExtendedOneLivesOn) {
  const Sent sent = send("Plan.pdf", "the plan");
  EXPECT_TRUE(parcels_.extend(sent.id, clock_.now() + 24h * 30));
  clock_.advance(24h * 20);
  EXPECT_EQ(parcels_.sweep(settings_.lives.traces), 0U);
  EXPECT_EQ(fetch(sent.links.front().secret), "the plan");
}

TEST_F(ParcelsTest, InfectedOneIsLockedAwayAndThenErased) {
  const LinkSecret plan = uploaded("Plan.pdf", "a virus");
  const Sent sent = post(wish({&plan}));
  parcels_.quarantine(sent.id, clock_.now() + 24h);
  EXPECT_FALSE(links_.visit(sent.links.front().secret));
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::infected);
  EXPECT_THAT(parcels_.due(), IsEmpty());
  clock_.advance(24h);
  EXPECT_EQ(parcels_.sweep(settings_.lives.traces), 1U);
  EXPECT_EQ(files_in_store(), 0U);
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::infected);
}

TEST_F(ParcelsTest, AFalseAlarmIsLetOutOfQuarantine) {
  const LinkSecret plan = uploaded("Plan.pdf", "harmless");
  const Sent sent = post(wish({&plan}));
  parcels_.quarantine(sent.id, clock_.now() + 24h);
  parcels_.release(sent.id, {}, outbox_);
  EXPECT_EQ(fetch(sent.links.front().secret), "harmless");
}

TEST_F(ParcelsTest, TwoPostsOfTheSameUploadsMakeOneParcel) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const auto twice = wish({&plan});
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> clicks;
    for (int i = 0; i < 8; ++i)
      clicks.emplace_back([&] {
        if (std::holds_alternative<Parcels::Posted>(parcels_.post(twice, limit))) ++made;
      });
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(parcels_.all(10).size(), 1U);
}

TEST_F(ParcelsTest, ARecalledRecipientIsNotTold) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = post(wish({&plan}, {anna, "ben@citizen.example"}));
  ASSERT_TRUE(parcels_.recall(sent.id, anna));
  std::vector<Mail> notices;
  for (const char* const to : {anna, "ben@citizen.example"})
    notices.push_back({address(bauamt), "Bauamt", address(to), {"s", "t", "h"}, sent.id, to});
  parcels_.release(sent.id, notices, outbox_);
  ASSERT_EQ(outbox_.due(10).size(), 1U);
  EXPECT_EQ(outbox_.find(outbox_.due(10).front())->mail.to, address("ben@citizen.example"));
  ASSERT_TRUE(parcels_.recall(sent.id, "ben@citizen.example"));
  EXPECT_THAT(outbox_.due(10), IsEmpty()) << "it had not left yet";
}

TEST_F(ParcelsTest, WhatNeverWasSentLeavesNoTrace) {
  const Sent sent = send("Plan.pdf", "the plan");
  parcels_.forget(sent.id);
  EXPECT_FALSE(parcels_.find(sent.id));
  EXPECT_EQ(files_in_store(), 0U);
  EXPECT_THAT(parcels_.links(sent.id), IsEmpty());
}

TEST_F(ParcelsTest, OwnerIsWarnedOnceOfWhatNobodyFetched) {
  const Sent sent = send("Plan.pdf", "the plan");
  EXPECT_THAT(parcels_.ending(clock_.now() + 24h * 3), IsEmpty());
  clock_.advance(24h * 12);
  const auto ending = parcels_.ending(clock_.now() + 24h * 3);
  ASSERT_EQ(ending.size(), 1U);
  EXPECT_THAT(ending.front().waiting_for, ElementsAre(anna));
  parcels_.note_event(sent.id, {clock_.now(), "warned", {}, {}});
  EXPECT_THAT(parcels_.ending(clock_.now() + 24h * 3), IsEmpty());
}

TEST_F(ParcelsTest, ReceiptIsReadAsPeopleWriteIt) {
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  const Sent sent = post(wish({&plan}));
  EXPECT_EQ(sent.receipt.size(), 19U);
  std::string lower;
  for (const char c : sent.receipt)
    if (c != '-') lower += static_cast<char>(std::tolower(c));
  ASSERT_TRUE(parcels_.by_receipt(' ' + lower));
  EXPECT_EQ(parcels_.by_receipt(lower)->id, sent.id);
  EXPECT_FALSE(parcels_.by_receipt("0000-0000-0000-0000"));
  EXPECT_FALSE(parcels_.by_receipt(""));
}

TEST_F(ParcelsTest, NewestOfAnOwnerComesFirst) {
  const Sent first = send("a", "a");
  clock_.advance(1min);
  const Sent second = send("b", "b");
  const auto found = parcels_.of(address(bauamt), 10);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, second.id);
  EXPECT_EQ(found[1].id, first.id);
  EXPECT_THAT(parcels_.of(address("standesamt@stadt.example"), 10), IsEmpty());
}

TEST_F(ParcelsTest, StrayFilesAreKnownFromOthers) {
  const Sent sent = send("a", "a");
  const LinkSecret begun = begin("b", 10);
  put(begun, "b");
  const auto stray = transfer::FileId::make();
  store_.append(stray);
  std::vector<transfer::FileId> all;
  for (const auto& stored : store_.list()) all.push_back(stored.file);
  EXPECT_EQ(all.size(), 3U);
  EXPECT_THAT(parcels_.unknown(all), ElementsAre(stray));
}

TEST_F(ParcelsTest, NobodyIsToldOfWhatWasRecalledDuringItsScan) {
  const auto upload = uploaded("Plan.pdf", "octets");
  const Sent sent = post(wish({&upload}));
  ASSERT_TRUE(parcels_.recall(sent.id));
  parcels_.release(sent.id,
                   {{address(bauamt), "Bauamt", address(anna), {"s", "t", "h"}, sent.id, anna}},
                   outbox_);
  EXPECT_TRUE(outbox_.due(10).empty());
  EXPECT_EQ(parcels_.find(sent.id)->state, transfer::ParcelState::recalled);
}

}  // namespace
}  // namespace siegel::tests
