#include <gmock/gmock.h>

#include "base/release.h"
#include "tests/pki/statuses_fixture.h"

/// What a round asks for and what it leaves out, and the patience of other people's
/// servers.
namespace siegel::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(Statuses, TwentyCertificatesOfOneDistributionPointCostOneDownload) {
  serve_counted("/a.crl", list(silent_, {}, 7).der());
  allow_server();
  std::vector<Pair> pairs;
  for (int i = 0; i < 20; ++i)
    pairs.push_back(peer({{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}}));
  for (const Pair& pair : pairs) message(pair);
  const auto counts = round();
  EXPECT_EQ(counts.failed, 0U);
  EXPECT_EQ(requests_, 1);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
  for (const Pair& pair : pairs) EXPECT_EQ(message(pair), PathStatus::trusted);
}

TEST_F(Statuses, AListThatHelpsNobodyIsFetchedOnceInARound) {
  // It has ended, and there is no newer one: all twenty stay unknown.
  serve_counted(
      "/a.crl",
      silent_.revoke({}, 7, clock_.now() - 20 * one_day, clock_.now() - 10 * one_day).der());
  allow_server();
  for (int i = 0; i < 20; ++i)
    message(peer({{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}}));
  (void)round();
  EXPECT_EQ(requests_, 1);
  EXPECT_THAT(log(), Not(HasSubstr("event=status-unknown")));
}

TEST_F(Statuses, WhatIsNotNewYetIsWaitedForWithoutAWarning) {
  // In the second half of its time a newer list is wanted, and the authority has none.
  serve_counted("/a.crl", silent_.revoke({}, 7, clock_.now() - 20h, clock_.now() + 4h).der());
  const Pair pair = peer({{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}});
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U);
  EXPECT_EQ(message(pair), PathStatus::trusted);
  EXPECT_EQ(round().waiting, 1U);
  EXPECT_EQ(round().waiting, 0U) << "not before a minute is over";
  EXPECT_THAT(log(), Not(HasSubstr("event=status-unknown")));
}

TEST_F(Statuses, AnAnswerMadeInAdvanceCountsOnWhenItIsRepeated) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  ForgedAnswer week = good();
  week.next_update = clock_.now() + 7 * one_day;
  serve_answer("/ocsp", week, pair, silent_);
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U) << trouble();
  clock_.advance(13h);
  EXPECT_EQ(message(pair), PathStatus::trusted) << "but it is time to ask again";
  EXPECT_EQ(round().learned, 1U) << trouble();
  clock_.advance(13h);
  EXPECT_EQ(message(pair), PathStatus::trusted);
  clock_.advance(12h);
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation) << "24 hours without a word";
}

TEST_F(Statuses, WhatIsForgottenIsForgottenByTheRunningTrustToo) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, silent_);
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U);
  EXPECT_THAT(store_.trust()->material().answers, SizeIs(1));
  clock_.advance(8 * one_day);
  store_.forget_old_statuses();
  EXPECT_THAT(store_.trust()->material().answers, IsEmpty());
}

// --- who is not asked

TEST_F(Statuses, R60_BelowAnAnchorThatHasGoneNobodyIsAsked) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, silent_);
  allow_server();
  message(pair);
  ASSERT_THAT(store_.wanted_statuses(), SizeIs(1));
  store_.remove_anchor(silent_.certificate().fingerprint());
  EXPECT_EQ(round().spared, 1U);
  EXPECT_EQ(requests_, 0);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, R60_APathOfAuthoritiesThatCameWithTheMessageIsStillAPath) {
  const LocalCa upper = silent_.subordinate("Obere CA", pki::KeyType::p256, clock_.now());
  const LocalCa lower = upper.subordinate("Untere CA", pki::KeyType::p256, clock_.now());
  publish(silent_, {});
  Forgery forgery;
  forgery.san_emails = {anna};
  forgery.extensions = {{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}};
  forgery.not_before = clock_.now() - 1h;
  forgery.not_after = clock_.now() + one_day;
  const auto leaf = forge(forgery, PrivateKey::generate(pki::KeyType::p256), lower);
  const std::vector<Certificate> brought{lower.certificate(), upper.certificate()};
  serve_counted("/a.crl", list(lower, {leaf}, 7).der());
  allow_server();
  const auto path = store_.trust()->validate(leaf, brought, pki::Purpose::sign, clock_.now());
  store_.note_wanted(path.wanted, clock_.now());
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(store_.trust()->validate(leaf, brought, pki::Purpose::sign, clock_.now()).status,
            PathStatus::revoked);
}

TEST_F(Statuses, R64_WithAWrongClockNobodyIsAsked) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, silent_);
  allow_server();
  message(pair);
  ASSERT_THAT(store_.wanted_statuses(), SizeIs(1));
  const Time now = clock_.now();
  clock_.set(release_time() - 1s);
  EXPECT_EQ(round().failed, 0U);
  EXPECT_EQ(requests_, 0);
  ASSERT_THAT(store_.wanted_statuses(), SizeIs(1));
  clock_.set(now);
  EXPECT_EQ(round().learned, 1U) << "with the right clock it goes on";
}

// --- responders that may be revoked themselves (RFC 6960 §4.2.2.2.1)

TEST_F(Statuses, AResponderWhoseOwnStatusIsUnknownIsNotBelieved) {
  const LocalCa responder =
      delegate({{"crlDistributionPoints", "URI:" + server_.url("/responders.crl")}});
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, responder);
  allow_server();
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(log(), HasSubstr("whether the OCSP responder itself was revoked"));
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
  EXPECT_THAT(store_.wanted_statuses(), SizeIs(2)) << "its own status is asked for as well";
}

TEST_F(Statuses, AResponderWhoseOwnStatusIsUnknownMayRevoke) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  auto revoked = good();
  revoked.status = V_OCSP_CERTSTATUS_REVOKED;
  serve_answer("/ocsp", revoked, pair, delegate({}));
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::revoked);
}

TEST_F(Statuses, AResponderIsBelievedAsSoonAsItsOwnStatusIsKnown) {
  const LocalCa responder = delegate({{"authorityInfoAccess", "OCSP;URI:" + server_.url("/own")}});
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, responder);
  serve_answer("/own", good(), {responder.certificate(), responder.key()}, silent_);
  allow_server();
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_EQ(round().learned, 1U) << "the responder";
  clock_.advance(1min);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::trusted);
}

TEST_F(Statuses, WhereRevocationMayBeUnknownAResponderIsBelievedAtOnce) {
  store_.add_anchor({silent_.certificate(), config::RevocationMode::soft_fail, "test"});
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, delegate({}));
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::trusted);
}

}  // namespace
}  // namespace siegel::tests
