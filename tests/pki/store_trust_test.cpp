#include <gmock/gmock.h>

#include "pki/store_sql.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::PathStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreTrust : public StoreTest {
 protected:
  [[nodiscard]] PathStatus status(const Pair& pair) const {
    return store_.trust()->validate(pair.certificate, {}, pki::Purpose::sign, clock_.now()).status;
  }
  void see(const LocalCa& unknown, const std::string& from = anna) {
    store_.note_unknown_root(unknown.certificate(), address(from), clock_.now());
  }
};

TEST_F(StoreTrust, R65_NothingIsTrustedWithoutAnAnchor) {
  const Pair pair = issue({});
  EXPECT_EQ(status(pair), PathStatus::trusted);
  EXPECT_TRUE(store_.remove_anchor(authority_.certificate().fingerprint()));
  EXPECT_THAT(store_.anchors(), IsEmpty());
  EXPECT_EQ(status(pair), PathStatus::unknown_issuer);
}

TEST_F(StoreTrust, R64_TheStoresClockIsAskedWhetherItIsSynchronised) {
  configure([](config::Config& config) { config.smime.synchronised_clock = true; });
  const Pair pair = issue({});
  EXPECT_EQ(status(pair), PathStatus::trusted);
  clock_.set_synchronised(false);
  EXPECT_EQ(status(pair), PathStatus::unchecked_revocation);
}

TEST_F(StoreTrust, R65_NotedRootIsNotTrusted) {
  const LocalCa unknown = new_authority("Fremde CA");
  see(unknown);
  EXPECT_NE(status(issue_by(unknown, {})), PathStatus::trusted);
}

TEST_F(StoreTrust, AnchorIsListedWithItsModeAndLabel) {
  store_.add_anchor({authority_.certificate(), config::RevocationMode::soft_fail, "neu"});
  ASSERT_EQ(store_.anchors().size(), 1U);
  EXPECT_EQ(store_.anchors().front().revocation, config::RevocationMode::soft_fail);
  EXPECT_EQ(store_.anchors().front().label, "neu");
}

TEST_F(StoreTrust, OnlyASelfSignedAuthorityBecomesAnAnchor) {
  const auto leaf = error_of([&] { store_.add_anchor({issue({}).certificate, {}, ""}); });
  ASSERT_TRUE(leaf);
  EXPECT_THAT(leaf->said(), HasSubstr("no certificate of an authority"));
  const LocalCa below = authority_.subordinate("Stadt-CA", pki::KeyType::p256, clock_.now());
  const auto middle = error_of([&] { store_.add_anchor({below.certificate(), {}, ""}); });
  ASSERT_TRUE(middle);
  EXPECT_THAT(middle->said(), HasSubstr("intermediate"));
}

TEST_F(StoreTrust, OnlyAnAuthorityBecomesAHelper) {
  EXPECT_TRUE(error_of([&] { store_.add_intermediate(issue({}).certificate); }));
}

TEST_F(StoreTrust, AnchorIsRemovedByTheFirstDigitsOfItsFingerprint) {
  EXPECT_FALSE(store_.remove_anchor("00000000"));
  EXPECT_TRUE(store_.remove_anchor(authority_.certificate().fingerprint().substr(0, 8)));
  EXPECT_EQ(last_event(), "anchor-removed " + authority_.certificate().fingerprint());
}

TEST_F(StoreTrust, TooFewDigitsNameNothing) {
  const auto problem = error_of([&] { store_.remove_anchor(""); });
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->said(), HasSubstr("8 digits"));
}

TEST_F(StoreTrust, UnknownRootIsCountedOnThePendingList) {
  const LocalCa unknown = new_authority("Fremde CA");
  see(unknown);
  clock_.advance(1h);
  see(unknown, "ben@firma.example");
  const auto pending = store_.pending_roots();
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending.front().certificate, unknown.certificate());
  EXPECT_EQ(pending.front().seen_from, address(anna));
  EXPECT_EQ(pending.front().count, 2);
  EXPECT_EQ(pending.front().last_seen, clock_.now());
}

TEST_F(StoreTrust, AnchorIsNeverPending) {
  see(authority_);
  EXPECT_THAT(store_.pending_roots(), IsEmpty());
}

TEST_F(StoreTrust, ApprovedRootIsAnAnchorAndNoLongerPending) {
  const LocalCa unknown = new_authority("Fremde CA");
  see(unknown);
  store_.approve_root(unknown.certificate().fingerprint().substr(0, 12));
  EXPECT_THAT(store_.pending_roots(), IsEmpty());
  EXPECT_EQ(store_.anchors().size(), 2U);
  EXPECT_EQ(last_event(), "root-approved " + unknown.certificate().fingerprint());
}

TEST_F(StoreTrust, TopmostIssuerThatIsNoRootCannotBeApproved) {
  const LocalCa below = authority_.subordinate("Stadt-CA", pki::KeyType::p256, clock_.now());
  see(below);
  EXPECT_TRUE(error_of([&] { store_.approve_root(below.certificate().fingerprint()); }));
  EXPECT_EQ(store_.anchors().size(), 1U);
}

TEST_F(StoreTrust, ApprovingWhatIsNotPendingSaysSo) {
  const auto problem = error_of([&] { store_.approve_root("0123456789"); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::peer);
  EXPECT_THAT(problem->said(), HasSubstr("siegel trust pending"));
}

TEST_F(StoreTrust, PendingListDoesNotGrowForEver) {
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  const LocalCa known = new_authority("Oft gesehen");
  see(known);
  see(known);
  for (int i = 0; i < 520; ++i) {
    const pki::Issue issue{
        "Root " + std::to_string(i), {}, Usage::sign, clock_.now(), clock_.now() + one_day};
    store_.note_unknown_root(authority_.issue(issue, key), address(anna), clock_.now());
  }
  EXPECT_EQ(store_.pending_roots().size(), 500U);
  EXPECT_EQ(store_.pending_roots().front().certificate, known.certificate());
}

// --- revocation lists

TEST_F(StoreTrust, R66_OlderListNeverReplacesANewerOne) {
  using Taken = pki::KeyStore::CrlTaken;
  const Pair pair = issue({});
  const auto older = list(authority_, {}, 50);
  const auto newer = list(authority_, {pair.certificate}, 51);
  EXPECT_EQ(store_.keep_crl(newer, "test"), Taken::newer);
  EXPECT_EQ(store_.keep_crl(older, "test"), Taken::rollback);
  EXPECT_EQ(last_event().substr(0, 13), "list-rollback");
  EXPECT_EQ(store_.keep_crl(newer, "test"), Taken::same);
  EXPECT_EQ(status(pair), PathStatus::revoked);
}

TEST_F(StoreTrust, R66_ForgedListWithAHighNumberDoesNotLockTheRealOnesOut) {
  using Taken = pki::KeyStore::CrlTaken;
  // The same name as our authority, another key.
  const LocalCa forger = new_authority("Behörden-CA");
  EXPECT_EQ(store_.keep_crl(list(forger, {}, 4'000'000'000U), "test"), Taken::foreign);
  EXPECT_EQ(publish(authority_, {}), Taken::newer);
}

TEST_F(StoreTrust, AnAuthorityThatHasChangedItsKeyGoesOnWithBothSeriesOfLists) {
  using Taken = pki::KeyStore::CrlTaken;
  const LocalCa renewed = new_authority("Behörden-CA");  // the same name, another key
  store_.add_anchor({renewed.certificate(), config::RevocationMode::hard_fail, "test"});
  EXPECT_EQ(store_.keep_crl(list(authority_, {}, 77), "test"), Taken::newer);
  EXPECT_EQ(store_.keep_crl(list(renewed, {}, 1), "test"), Taken::newer);
  EXPECT_EQ(store_.keep_crl(list(authority_, {}, 76), "test"), Taken::rollback);
  EXPECT_EQ(store_.trust()->material().crls.size(), 2U);
  EXPECT_EQ(status(issue_by(renewed, {})), PathStatus::trusted);
}

TEST_F(StoreTrust, R66_ListsThatTheFirstReleaseKeptStillGuardAgainstARollback) {
  using Taken = pki::KeyStore::CrlTaken;
  EXPECT_EQ(store_.keep_crl(list(authority_, {}, 50), "test"), Taken::newer);
  database_.write([](auto& session) {
    pki::sql::run(session, "UPDATE crl SET scope = SUBSTR(scope, 66)");  // without the key
  });
  EXPECT_EQ(store_.keep_crl(list(authority_, {}, 49), "test"), Taken::rollback);
  EXPECT_EQ(store_.keep_crl(list(authority_, {}, 51), "test"), Taken::newer);
  EXPECT_EQ(store_.trust()->material().crls.size(), 1U);
}

TEST_F(StoreTrust, ListsOfTwoAuthoritiesStandSideBySide) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  EXPECT_EQ(store_.trust()->material().crls.size(), 2U);
  EXPECT_EQ(status(issue_by(other, {})), PathStatus::trusted);
  EXPECT_EQ(status(issue({})), PathStatus::trusted);
}

}  // namespace
}  // namespace siegel::tests
