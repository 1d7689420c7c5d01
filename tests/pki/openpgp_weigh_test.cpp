// What may become of an OpenPGP key that came by mail or was found (STANDARDS §3.4, §4.3).

#include "pki/openpgp_weigh.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::HarvestedOpenPgp;
using pki::Learned;
using pki::OpenPgpKey;
using pki::OpenPgpLesson;
using pki::Provenance;
using pki::StoredOpenPgpPeer;
using ::testing::ElementsAre;

constexpr std::chrono::hours one_day{24};
constexpr std::array ranks{Provenance::admin,     Provenance::directory,
                           Provenance::harvested, Provenance::foreign_directory,
                           Provenance::dns,       Provenance::autocrypt};

/// Anna's keys, and what is known of them.
class OpenPgpWeigh : public ::testing::Test {
 protected:
  /// A key of 40 times this digit, and its subkey for encryption.
  [[nodiscard]] OpenPgpKey key(char digit) const {
    OpenPgpKey made;
    made.octets = digit;
    const auto add = [&](char last) {
      pki::OpenPgpSubkey subkey;
      subkey.fingerprint = std::string(39, digit) + last;
      subkey.created = now_ - one_day * 100;
      subkey.expires = now_ + one_day * 100;
      made.subkeys.push_back(subkey);
    };
    add('0');
    made.subkeys.back().may_sign = true;
    add('1');
    made.subkeys.back().may_encrypt = true;
    made.user_ids.push_back({"Anna <anna@firma.example>", anna_, false});
    return made;
  }
  [[nodiscard]] OpenPgpKey revoked(OpenPgpKey key) const {
    key.subkeys.front().is_revoked = true;
    key.octets += " revoked";
    return key;
  }
  [[nodiscard]] OpenPgpKey valid_until(OpenPgpKey key, Time end) const {
    for (auto& subkey : key.subkeys) subkey.expires = end;
    key.octets += " until " + rfc3339(end);
    return key;
  }

  StoredOpenPgpPeer& knows(OpenPgpKey key, Provenance provenance = Provenance::harvested) {
    pki::OpenPgpPeerRecord record{.id = static_cast<std::int64_t>(known_.size()) + 1,
                                  .address = anna_};
    record.fingerprint = key.fingerprint();
    record.provenance = provenance;
    record.first_seen = record.last_seen = record.said_at = record.usable_since = now_ - 1h;
    known_.push_back({record, std::move(key)});
    return known_.back();
  }
  [[nodiscard]] HarvestedOpenPgp brought(OpenPgpKey key,
                                         Provenance provenance = Provenance::harvested) const {
    return {anna_, std::move(key), provenance, false, now_, "m-1", "it came"};
  }
  [[nodiscard]] OpenPgpLesson weigh(const HarvestedOpenPgp& harvested) const {
    return pki::weigh(known_, harvested, config_, now_);
  }

  Time now_ = *parse_rfc3339("2026-06-01T12:00:00Z");
  Address anna_ = *Address::parse("anna@firma.example");
  config::Config config_;
  std::vector<StoredOpenPgpPeer> known_;
};

TEST_F(OpenPgpWeigh, TheFirstKeyOfAnAddressIsAdded) {
  for (const Provenance rank : ranks) {
    const auto lesson = weigh(brought(key('A'), rank));
    EXPECT_EQ(lesson.learned, Learned::added) << name(rank);
    EXPECT_TRUE(lesson.inserts);
  }
}

TEST_F(OpenPgpWeigh, R33_ALowerRankNeverReplacesAHigherOne) {
  for (const Provenance has : ranks) {
    for (const Provenance comes : ranks) {
      known_.clear();
      knows(key('A'), has);
      const auto expected = comes > has    ? Learned::ignored
                            : comes == has ? Learned::pending
                                           : Learned::added;
      const auto lesson = weigh(brought(key('B'), comes));
      EXPECT_EQ(lesson.learned, expected) << name(comes) << " over " << name(has);
      EXPECT_EQ(lesson.inserts, expected != Learned::ignored);
    }
  }
}

TEST_F(OpenPgpWeigh, R33_ALowerRankNeverHidesAHigherOne) {
  for (const Provenance low : ranks) {
    for (const Provenance high : ranks) {
      if (low <= high) continue;
      known_.clear();
      knows(key('A'), low).record.usable_since = now_;
      knows(key('B'), high).record.usable_since = now_ - one_day;
      put_best_first(known_);
      EXPECT_EQ(known_.front().record.provenance, high) << name(low) << " before " << name(high);
    }
  }
}

TEST_F(OpenPgpWeigh, R33_WhatWaitsIsUsedOnceABetterRankVouchesForIt) {
  knows(key('A'), Provenance::autocrypt);
  knows(key('B'), Provenance::autocrypt).record.pending = true;
  const auto lesson = weigh(brought(key('B'), Provenance::harvested));
  EXPECT_EQ(lesson.learned, Learned::refreshed);
  EXPECT_EQ(lesson.refreshes, 2);
  EXPECT_TRUE(lesson.takes_rank);
}

TEST_F(OpenPgpWeigh, R33_WhatWaitsGoesOnWaitingWhileABetterRankIsInUse) {
  knows(key('A'), Provenance::harvested);
  knows(key('B'), Provenance::autocrypt).record.pending = true;
  EXPECT_EQ(weigh(brought(key('B'), Provenance::dns)).learned, Learned::pending);
  EXPECT_EQ(weigh(brought(key('B'), Provenance::harvested)).learned, Learned::pending);
}

TEST_F(OpenPgpWeigh, R34_AnotherKeyWaitsWhileTheOldOneIsInUse) {
  knows(key('A'));
  const auto lesson = weigh(brought(key('B')));
  EXPECT_EQ(lesson.learned, Learned::pending);
  EXPECT_STREQ(lesson.reason, "another key than the one in use");
}

TEST_F(OpenPgpWeigh, R34_ThePinEndsWithTheKey) {
  knows(valid_until(key('A'), now_ - 1h));
  EXPECT_EQ(weigh(brought(key('B'))).learned, Learned::added);
  known_.clear();
  knows(revoked(key('A')));
  EXPECT_EQ(weigh(brought(key('B'))).learned, Learned::added);
}

TEST_F(OpenPgpWeigh, R34_WhatOnlyWaitsIsNoPin) {
  knows(key('A')).record.pending = true;
  EXPECT_EQ(weigh(brought(key('B'))).learned, Learned::added);
}

TEST_F(OpenPgpWeigh, TheSameKeyAgainChangesNothingForADay) {
  knows(key('A'));
  EXPECT_EQ(weigh(brought(key('A'))).learned, Learned::unchanged);
  known_.front().record.last_seen = now_ - one_day;
  const auto lesson = weigh(brought(key('A')));
  EXPECT_EQ(lesson.learned, Learned::refreshed);
  EXPECT_EQ(lesson.refreshes, 1);
  EXPECT_FALSE(lesson.takes_key);
}

TEST_F(OpenPgpWeigh, R37_NewerSelfSignaturesReplaceOlderOnes) {
  knows(key('A'));
  auto prolonged = brought(valid_until(key('A'), now_ + one_day * 900));
  EXPECT_TRUE(weigh(prolonged).takes_key);
  prolonged.said_at = now_ - one_day;
  EXPECT_FALSE(weigh(prolonged).takes_key);
}

TEST_F(OpenPgpWeigh, R37_AnOldMessageDoesNotBringItsOldKeyBack) {
  knows(valid_until(key('A'), now_ - 1h));
  auto replayed = brought(key('B'));
  replayed.said_at = now_ - one_day;
  EXPECT_EQ(weigh(replayed).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, R33_TheDateOfALowerRankMakesNothingOfABetterRankStale) {
  for (const Provenance low : ranks) {
    for (const Provenance high : ranks) {
      if (low <= high) continue;
      known_.clear();
      knows(key('A'), low);
      auto late = brought(key('B'), high);
      late.said_at = now_ - one_day;
      EXPECT_EQ(weigh(late).learned, Learned::added) << name(high) << " after " << name(low);
      late.key = valid_until(key('A'), now_ + one_day);
      const auto lesson = weigh(late);
      EXPECT_TRUE(lesson.takes_key && lesson.takes_rank) << name(high) << " after " << name(low);
      EXPECT_EQ(lesson.said_at, late.said_at) << "what the lower rank said is forgotten";
    }
  }
}

TEST_F(OpenPgpWeigh, R33_ALowerRankDoesNotDateWhatABetterOneSays) {
  knows(key('A'), Provenance::harvested).record.last_seen = now_ - one_day;
  const Time said = known_.front().record.said_at;
  EXPECT_EQ(weigh(brought(key('A'), Provenance::autocrypt)).refreshes, 1);
  EXPECT_EQ(weigh(brought(key('A'), Provenance::autocrypt)).said_at, said);
  EXPECT_EQ(weigh(brought(key('A'), Provenance::harvested)).said_at, now_);
}

TEST_F(OpenPgpWeigh, R37_TheNewerAutocryptFieldSaysWhatItsOwnerPrefers) {
  knows(key('A'), Provenance::autocrypt);
  auto field = brought(key('A'), Provenance::autocrypt);
  field.prefers_encryption = true;
  EXPECT_TRUE(weigh(field).takes_word);
  field.said_at = now_ - one_day;
  EXPECT_FALSE(weigh(field).takes_word);
}

TEST_F(OpenPgpWeigh, OnlyAutocryptTakesAPreferenceBack) {
  knows(key('A')).record.prefers_encryption = true;
  EXPECT_FALSE(weigh(brought(key('A'), Provenance::harvested)).takes_word);
  EXPECT_TRUE(weigh(brought(key('A'), Provenance::autocrypt)).takes_word);
}

TEST_F(OpenPgpWeigh, ARevocationCountsHoweverItComesAndIsFinal) {
  knows(key('A'), Provenance::admin);
  auto revocation = brought(revoked(key('A')), Provenance::autocrypt);
  revocation.said_at = now_ - one_day * 30;
  EXPECT_TRUE(weigh(revocation).takes_key);
  known_.clear();
  knows(revoked(key('A')));
  EXPECT_EQ(weigh(brought(key('A'))).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, R33_ALowerRankTakesNothingAwayFromAKey) {
  knows(key('A'), Provenance::harvested);
  auto poorer = key('A');
  poorer.subkeys.push_back(poorer.subkeys.back());
  poorer.subkeys.back().fingerprint.back() = '2';
  poorer.subkeys.erase(poorer.subkeys.begin() + 1);
  EXPECT_FALSE(weigh(brought(poorer, Provenance::autocrypt)).takes_key);
  EXPECT_FALSE(
      weigh(brought(valid_until(key('A'), now_ + one_day), Provenance::autocrypt)).takes_key);
  EXPECT_TRUE(
      weigh(brought(valid_until(key('A'), now_ + one_day * 900), Provenance::autocrypt)).takes_key);
}

TEST_F(OpenPgpWeigh, R35_OnlyAKeyThatNamesTheAddressAndEncryptsIsKept) {
  auto nameless = key('A');
  nameless.user_ids.front().address = Address::parse("berta@firma.example");
  EXPECT_EQ(weigh(brought(nameless)).learned, Learned::ignored);
  auto signs_only = key('A');
  signs_only.subkeys.pop_back();
  EXPECT_EQ(weigh(brought(signs_only)).learned, Learned::ignored);
  EXPECT_EQ(weigh(brought(valid_until(key('A'), now_ - 1h))).learned, Learned::ignored);
  EXPECT_EQ(weigh(brought(revoked(key('A')))).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, R35_AnotherCaseIsTheSameAddressIfTheSettingsFold) {
  auto shouting = key('A');
  shouting.user_ids.front().address = Address::parse("ANNA@firma.example");
  EXPECT_EQ(weigh(brought(shouting)).learned, Learned::added);
  config_.smime.fold_local_part = false;
  EXPECT_EQ(weigh(brought(shouting)).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, NobodyButAnAdminSpeaksForAWholeDomain) {
  const auto everybody = *Address::parse("*@firma.example");
  auto claim = brought(key('A'));
  claim.address = everybody;
  claim.key.user_ids.front().address = everybody;
  EXPECT_EQ(weigh(claim).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, R38_AnAddressHasAtMostSoManyKeys) {
  config_.harvest.certificates_per_address = 2;
  knows(key('A'));
  knows(key('B')).record.pending = true;
  EXPECT_EQ(weigh(brought(key('C'))).learned, Learned::ignored);
  // One that has ended makes room first.
  known_.front().key = valid_until(key('A'), now_ - 1h);
  const auto lesson = weigh(brought(key('C')));
  EXPECT_EQ(lesson.learned, Learned::added);
  EXPECT_EQ(lesson.makes_room_by, 1);
}

TEST_F(OpenPgpWeigh, R38_WhatWaitsMakesRoomForABetterRankAndAnAdminsKeyForNothing) {
  config_.harvest.certificates_per_address = 2;
  knows(key('A'), Provenance::autocrypt);
  knows(key('B'), Provenance::autocrypt).record.pending = true;
  EXPECT_EQ(weigh(brought(key('C'), Provenance::harvested)).makes_room_by, 2);
  for (auto& peer : known_) {
    peer.record.provenance = Provenance::admin;
    peer.record.pending = false;
    peer.key = valid_until(peer.key, now_ - 1h);
  }
  EXPECT_EQ(weigh(brought(key('C'), Provenance::harvested)).learned, Learned::ignored);
}

TEST_F(OpenPgpWeigh, R40_WhatIsPendingRevokedExpiredOrWeakIsNeverChosen) {
  auto& peer = knows(key('A'), Provenance::admin);
  EXPECT_TRUE(is_usable(peer, now_));
  EXPECT_FALSE(is_usable(peer, now_ + one_day * 101)) << "expired";
  EXPECT_FALSE(is_usable(peer, now_ - one_day * 101)) << "not begun";
  peer.record.pending = true;
  EXPECT_FALSE(is_usable(peer, now_));
  peer.record.pending = false;
  peer.key.subkeys.back().strength = pki::Strength::refused;
  EXPECT_FALSE(is_usable(peer, now_)) << "weak subkey";
  peer.key = revoked(key('A'));
  EXPECT_FALSE(is_usable(peer, now_));
}

TEST_F(OpenPgpWeigh, OfOneRankTheLatestApprovedComesFirst) {
  knows(key('A')).record.usable_since = now_ - 2h;
  knows(key('B')).record.usable_since = now_;
  knows(key('C')).record.usable_since = now_ - 1h;
  put_best_first(known_);
  std::vector<std::int64_t> order;
  for (const auto& peer : known_) order.push_back(peer.record.id);
  EXPECT_THAT(order, ElementsAre(2, 3, 1));
}

}  // namespace
}  // namespace siegel::tests
