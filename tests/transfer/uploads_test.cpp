#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using transfer::LinkSecret;
using transfer::Refusal;
using UploadsTest = ServiceTest;

TEST_F(UploadsTest, IsFoundByItsSecretOnly) {
  const LinkSecret secret = begin("Plan.pdf", 100);
  const auto upload = uploads_.find(secret);
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->name, "Plan.pdf");
  EXPECT_EQ(upload->octets, 100U);
  EXPECT_EQ(upload->owner, address(bauamt));
  EXPECT_FALSE(uploads_.find(LinkSecret::make()));
}

TEST_F(UploadsTest, GoesOnAfterARestart) {
  const LinkSecret secret = begin("Plan.pdf", 6);
  put(secret, "abc");
  transfer::Uploads later(database_, store_, seal_, clock_);
  const auto upload = later.find(secret);
  EXPECT_EQ(transfer::SealedWriter(store_, upload->file()).offset(), 3U);
}

TEST_F(UploadsTest, CancelledOneIsGone) {
  const LinkSecret secret = uploaded("Plan.pdf", "abc");
  uploads_.cancel(secret);
  EXPECT_FALSE(uploads_.find(secret));
  EXPECT_EQ(files_in_store(), 0U);
  uploads_.cancel(secret);
}

TEST_F(UploadsTest, ForgottenOneIsSweptAway) {
  const LinkSecret secret = uploaded("Plan.pdf", "abc");
  clock_.advance(settings_.lives.unfinished - 1s);
  EXPECT_EQ(uploads_.sweep(), 0U);
  clock_.advance(1s);
  EXPECT_FALSE(uploads_.find(secret));
  EXPECT_EQ(uploads_.sweep(), 1U);
  EXPECT_EQ(files_in_store(), 0U);
}

TEST_F(UploadsTest, OneThatIsGoneOnWithLivesOn) {
  const LinkSecret secret = uploaded("Plan.pdf", "abc");
  clock_.advance(settings_.lives.unfinished - 1s);
  uploads_.touch(*uploads_.find(secret), settings_.lives);
  clock_.advance(2s);
  EXPECT_TRUE(uploads_.find(secret));
}

TEST_F(UploadsTest, WhatAStrangerOnlyAnnouncesIsForgottenSoon) {
  const auto announce = [&](bool is_stranger) {
    auto begun = uploads_.begin({address(bauamt), "x", "", 100, {}, is_stranger}, settings_);
    return std::move(std::get<LinkSecret>(begun));
  };
  const LinkSecret ours = announce(false), idle = announce(true), begun = announce(true);
  uploads_.touch(*uploads_.find(begun), settings_.lives);
  clock_.advance(1h);
  EXPECT_TRUE(uploads_.find(ours));
  EXPECT_FALSE(uploads_.find(idle));
  EXPECT_TRUE(uploads_.find(begun));
}

class UploadLimits : public ServiceTest {
 protected:
  std::optional<Refusal> refusal(std::uint64_t octets, const std::string& owner = bauamt) {
    const auto begun = uploads_.begin({address(owner), "x", "", octets, {}}, settings_);
    const auto* const refused = std::get_if<Refusal>(&begun);
    return refused == nullptr ? std::nullopt : std::optional(*refused);
  }
};

TEST_F(UploadLimits, OfOneFile) {
  settings_.limits.file = 1000;
  EXPECT_EQ(refusal(1000), std::nullopt);
  EXPECT_EQ(refusal(1001), Refusal::file_too_large);
}

TEST_F(UploadLimits, OfOneOwnerCountWhatIsPromisedAndWhatIsKept) {
  settings_.limits.sender = 1000;
  const LinkSecret first = uploaded("a", std::string(400, 'a'));
  send(wish({&first}));
  EXPECT_EQ(refusal(500), std::nullopt);
  EXPECT_EQ(refusal(200), Refusal::owner_full);
  EXPECT_EQ(refusal(200, "standesamt@stadt.example"), std::nullopt);
}

TEST_F(UploadLimits, OfAll) {
  settings_.limits.total = 1000;
  EXPECT_EQ(refusal(900), std::nullopt);
  EXPECT_EQ(refusal(200, "standesamt@stadt.example"), Refusal::store_full);
}

TEST_F(UploadLimits, TheDiskKeepsItsReserve) {
  settings_.limits.reserve = store_.free_octets();
  EXPECT_EQ(refusal(std::uint64_t{1} << 20U), Refusal::store_full);
}

TEST_F(UploadLimits, HugeLengthDoesNotWrapAround) {
  settings_.limits.file = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(refusal(std::numeric_limits<std::int64_t>::max()), Refusal::owner_full);
}

}  // namespace
}  // namespace siegel::tests
