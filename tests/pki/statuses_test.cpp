#include "pki/statuses.h"

#include <gmock/gmock.h>

#include "pki/certificate_urls.h"
#include "tests/pki/openssl_responder.h"
#include "tests/pki/statuses_fixture.h"

/// From a message that leaves a status unknown, over the background, to the next message.
namespace siegel::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- against OpenSSL's own responder

TEST_F(Statuses, AGoodCertificateIsKnownToTheNextMessage) {
  OpensslResponder responder(silent_, silent_);
  const Pair pair = peer_with_responder(responder.url());
  responder.start({pair.certificate});
  allow({responder.host()});
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::trusted);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, ARevokedCertificateIsKnownToTheNextMessage) {
  OpensslResponder responder(silent_, silent_);
  const Pair pair = peer_with_responder(responder.url());
  responder.start({}, {pair.certificate});
  allow({responder.host()});
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::revoked);
  EXPECT_EQ(last_event(), "certificate-revoked " + pair.certificate.fingerprint());
}

TEST_F(Statuses, WhatTheResponderDoesNotKnowStaysUnknown) {
  OpensslResponder responder(silent_, silent_);
  const Pair pair = peer_with_responder(responder.url());
  responder.start({});
  allow({responder.host()});
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("does not know"));
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
}

TEST_F(Statuses, ADelegatedResponderIsBelieved) {
  OpensslResponder responder(silent_, delegate());
  const Pair pair = peer_with_responder(responder.url());
  responder.start({pair.certificate});
  allow({responder.host()});
  message(pair);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::trusted);
}

TEST_F(Statuses, AResponderOfAnotherAuthorityIsNotBelieved) {
  OpensslResponder responder(silent_, authority_);
  const Pair pair = peer_with_responder(responder.url());
  responder.start({pair.certificate});
  allow({responder.host()});
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("was not certified by"));
}

// --- what may go wrong

TEST_F(Statuses, ARevokedResponderIsNotBelieved) {
  const LocalCa responder = delegate();
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  const StatusNeed about_responder{responder.certificate(), silent_.certificate()};
  store_.keep_answer({status_subject(about_responder.certificate, about_responder.issuer),
                      pki::OcspAnswer::Status::revoked,
                      clock_.now(),
                      {},
                      {},
                      {},
                      clock_.now()},
                     about_responder, "test");
  serve_answer("/ocsp", good(), pair, responder);
  allow_server();
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("responder was revoked"));
}

TEST_F(Statuses, AnExpiredAnswerIsNotTaken) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  auto answer = good(5h);
  answer.next_update = clock_.now() - 1h;
  serve_answer("/ocsp", answer, pair, silent_);
  allow_server();
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("out of date"));
}

TEST_F(Statuses, R66_AReplayedAnswerDoesNotReplaceANewerOne) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(1h), pair, silent_);
  allow_server();
  message(pair);
  EXPECT_EQ(round().learned, 1U) << trouble();
  clock_.advance(ends_soon - 1min);
  EXPECT_EQ(message(pair), PathStatus::trusted)
      << "a newer answer is due, the old one still counts";
  auto older = good(6h);
  serve_answer("/ocsp", older, pair, silent_);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(log(), HasSubstr("event=status-refused"));
  EXPECT_THAT(trouble(), HasSubstr("older than the one we have"));
}

TEST_F(Statuses, R66_AReplayedGoodDoesNotUndoARevocation) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  auto revoked = good(1h);
  revoked.status = V_OCSP_CERTSTATUS_REVOKED;
  const auto about = need(pair);
  const auto read = [&](const ForgedAnswer& forgery) {
    return pki::read_ocsp_response(forge_answer(forgery, about, silent_), about,
                                   pki::make_ocsp_request(about), clock_.now())
        .answer.value();
  };
  EXPECT_EQ(store_.keep_answer(read(revoked), about, "test"), pki::KeyStore::AnswerTaken::newer);
  for (const auto age : {2h, 0h})
    EXPECT_EQ(store_.keep_answer(read(good(age)), about, "test"),
              pki::KeyStore::AnswerTaken::rollback);
  EXPECT_EQ(message(pair), PathStatus::revoked);
}

TEST_F(Statuses, GarbageAndRefusalsLeaveTheStatusUnknown) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  allow_server();
  server_.serve("/ocsp", "<html>maintenance</html>");
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("no OCSP response"));
  server_.serve("/ocsp", refusal(OCSP_RESPONSE_STATUS_TRYLATER));
  clock_.advance(1min);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("trylater"));
}

TEST_F(Statuses, WhatFailsIsTriedAgainLaterAndLater) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  allow_server();
  message(pair);
  EXPECT_EQ(round().failed, 1U);
  EXPECT_EQ(round().failed, 0U) << "not before a minute is over";
  clock_.advance(1min);
  EXPECT_EQ(round().failed, 1U);
  clock_.advance(1min);
  EXPECT_EQ(round().failed, 0U);
  clock_.advance(1min);
  serve_answer("/ocsp", good(), pair, silent_);
  EXPECT_EQ(round().learned, 1U);
}

TEST_F(Statuses, OneServerThatHangsCostsItsTimeOnce) {
  const net::ServerSocket hangs(net::SocketAddress("127.0.0.1", 0));
  const std::string host = "127.0.0.1:" + std::to_string(hangs.address().port());
  allow({host});
  for (int i = 0; i < 5; ++i) message(peer_with_responder("http://" + host + "/"));
  EXPECT_EQ(round().failed, 5U);
  EXPECT_THAT(log(), HasSubstr("no answer a moment ago"));
}

// --- lists of distribution points

TEST_F(Statuses, WhereTheResponderIsSilentTheDistributionPointIsAsked) {
  const Pair pair = peer({{"authorityInfoAccess", "OCSP;URI:" + server_.url("/ocsp")},
                          {"crlDistributionPoints", "URI:" + server_.url("/a.crl")}});
  server_.serve("/a.crl", list(silent_, {}, 7).der());
  allow_server();
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(message(pair), PathStatus::trusted);
}

TEST_F(Statuses, AListOfAnAuthorityThatCameWithTheMessageIsTaken) {
  const LocalCa between = silent_.subordinate("Zwischen-CA", pki::KeyType::p256, clock_.now());
  publish(silent_, {});
  Forgery forgery;
  forgery.san_emails = {anna};
  forgery.extensions = {{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}};
  forgery.not_before = clock_.now() - 1h;
  forgery.not_after = clock_.now() + one_day;
  const auto leaf = forge(forgery, PrivateKey::generate(pki::KeyType::p256), between);
  const std::vector<Certificate> brought{between.certificate()};
  server_.serve("/a.crl", list(between, {leaf}, 7).der());
  allow_server();
  const auto judged = [&] {
    return store_.trust()->validate(leaf, brought, pki::Purpose::sign, clock_.now());
  };
  store_.note_wanted(judged().wanted, clock_.now());
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(judged().status, PathStatus::revoked);
}

TEST_F(Statuses, R66_AnOlderListOfADistributionPointIsRefused) {
  const Pair pair = peer({{"crlDistributionPoints", "URI:" + server_.url("/a.crl")}});
  server_.serve("/a.crl", list(silent_, {}, 6).der());
  allow_server();
  message(pair);
  store_.keep_crl(silent_.revoke({}, 7, clock_.now() - one_day, clock_.now() - 1h), "test");
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("older than the one we have"));
}

// --- who is never asked

TEST_F(Statuses, R60_WithoutAllowedHostsNothingIsNoted) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  EXPECT_EQ(message(pair), PathStatus::unchecked_revocation);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, R60_ACertificateThatNamesOtherHostsIsNotNoted) {
  allow({"ocsp.pki.example"});
  for (const std::string url : {"http://127.0.0.1/", "file:///etc/passwd",
                                "gopher://ocsp.pki.example/", "http://ocsp.pki.example:22/"})
    message(peer_with_responder(url));
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, R60_ACertificateOfNobodyIsNotAskedFor) {
  allow_server();
  const Pair stranger = issue_by(new_authority("Fremde CA"), {.address = anna});
  EXPECT_EQ(message(stranger), PathStatus::unknown_issuer);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, R60_AHostThatIsNoLongerAllowedIsNotAsked) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, silent_);
  allow_server();
  message(pair);
  allow({"ocsp.pki.example"});
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(trouble(), HasSubstr("not listed"));
}

TEST_F(Statuses, R61_CertificatesAreNeverFetched) {
  const Pair pair = peer({{"authorityInfoAccess", "caIssuers;URI:" + server_.url("/ca.crt")}});
  allow_server();
  EXPECT_THAT(pki::responder_urls(pair.certificate), IsEmpty());
  message(pair);
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

TEST_F(Statuses, R61_BesideAResponderCaIssuersIsLeftOut) {
  bool was_asked = false;
  server_.serve("/ca.crt", [&](auto&, auto& response) {
    was_asked = true;
    response.send();
  });
  const Pair pair = peer({{"authorityInfoAccess", "caIssuers;URI:" + server_.url("/ca.crt") +
                                                      ",OCSP;URI:" + server_.url("/ocsp")}});
  serve_answer("/ocsp", good(), pair, silent_);
  allow_server();
  EXPECT_THAT(pki::responder_urls(pair.certificate), ElementsAre(server_.url("/ocsp")));
  message(pair);
  EXPECT_EQ(round().learned, 1U);
  EXPECT_FALSE(was_asked);
}

TEST_F(Statuses, R62_OnlyTheFirstThreeUrlsAreLookedAt) {
  std::string urls = "OCSP;URI:http://a.example/0";
  for (int i = 1; i < 50; ++i) urls += ",OCSP;URI:http://a.example/" + std::to_string(i);
  EXPECT_THAT(pki::responder_urls(peer({{"authorityInfoAccess", urls}}).certificate), SizeIs(3));
}

// --- the list of what is wanted

TEST_F(Statuses, ANeedIsNotedOnceAndSeenByOtherProcesses) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  allow_server();
  message(pair);
  message(pair);
  Database other{database_url()};
  const pki::KeyStore elsewhere(other, seal(), config_, clock_);
  ASSERT_THAT(elsewhere.wanted_statuses(), SizeIs(1));
  EXPECT_EQ(elsewhere.wanted_statuses().front().need, need(pair));
}

TEST_F(Statuses, AMessageToAPeerWhoseStatusIsUnknownIsTriedAgainAndPasses) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  serve_answer("/ocsp", good(), pair, silent_);
  store_.add_peer(address(anna), pair.certificate);
  allow_server();
  const auto problem = error_of([&] { (void)usable(); });
  ASSERT_TRUE(problem) << "hard-fail: the sender tries again";
  EXPECT_EQ(problem->fault(), Fault::world);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_THAT(usable(), ElementsAre(pair.certificate.fingerprint()));
}

TEST_F(Statuses, OurOwnCertificatesAreAskedForWithoutAMessage) {
  Forgery forgery;
  forgery.san_emails = {bauamt};
  forgery.extensions = {{"authorityInfoAccess", "OCSP;URI:" + server_.url("/ocsp")}};
  forgery.not_before = clock_.now() - 1h;
  forgery.not_after = clock_.now() + one_day;
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  const Pair own{forge(forgery, key, silent_), key};
  install(own);
  ASSERT_EQ(signer(), own.certificate.fingerprint());
  auto revoked = good();
  revoked.status = V_OCSP_CERTSTATUS_REVOKED;
  serve_answer("/ocsp", revoked, own, silent_);
  allow_server();
  pki::note_own_needs(store_, clock_);
  EXPECT_EQ(round().learned, 1U) << trouble();
  EXPECT_EQ(signer(), "none");
}

TEST_F(Statuses, OldNeedsAndAnswersAreForgotten) {
  const Pair pair = peer_with_responder(server_.url("/ocsp"));
  allow_server();
  message(pair);
  store_.forget_old_statuses();
  EXPECT_THAT(store_.wanted_statuses(), SizeIs(1));
  clock_.advance(one_day + 1s);
  store_.forget_old_statuses();
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
