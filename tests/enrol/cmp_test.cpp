#include "pki/enrol/cmp.h"

#include "pki/enrol/http.h"
#include "tests/enrol/cmp_fixture.h"

namespace siegel::tests {
namespace {

using pki::enrol::Done;
using pki::enrol::RevocationReason;
using pki::enrol::Submission;
using pki::enrol::Waiting;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr long day = 24L * 60 * 60;

// --- a first certificate

TEST_F(CmpTest, AFirstCertificateIsIssuedAndConfirmed) {
  serve();
  expect_issued(client().submit(wish()));
  EXPECT_THAT(server_->log(), HasSubstr("received CERTCONF"));
}

TEST_F(CmpTest, TheRestOfTheChainComesAlong) {
  serve({"-rsp_extracerts", (folder_ / "ca.pem").string()});
  const auto answer = client().submit(wish());
  const auto& chain = std::get<pki::enrol::Issued>(answer).chain;
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(chain.front(), ca().certificate());
}

TEST_F(CmpTest, R62_ACertificateThatCouldNotBeReadBackIsNotTaken) {
  const auto large = enlarged(ca().certificate(), ca().key());
  write_file(folder_ / "extra.pem", large.pem() + ca().certificate().pem());
  serve({"-rsp_extracerts", (folder_ / "extra.pem").string()});
  const auto answer = client().submit(wish());
  const auto& chain = std::get<pki::enrol::Issued>(answer).chain;
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(chain.front(), ca().certificate());
}

TEST_F(CmpTest, ThePasswordBasedMacIsSha256InBothPlaces) {
  std::string sent;
  auto cmp = pki::enrol::Cmp(settings_, clock_, [&](const std::string& message) -> std::string {
    sent = message;
    throw Error(Fault::world, "nobody listens");
  });
  EXPECT_EQ(reason_of(cmp.submit(wish())), "unreachable: nobody listens");
  EXPECT_THAT(sent, HasSubstr("\x60\x86\x48\x01\x65\x03\x04\x02\x01"));  // id-sha256
  EXPECT_THAT(sent, HasSubstr("\x2A\x86\x48\x86\xF7\x0D\x02\x09"));      // hmacWithSHA256
  EXPECT_THAT(sent, Not(HasSubstr("geheim")));
}

TEST_F(CmpTest, RequestsMayBeSignedByARegisteredCertificateInstead) {
  write_file(folder_ / "ra.pem", issue(other_key()).pem());
  write_secret(folder_ / "ra.key", to_pem(other_key()));
  settings_.secret.reset();
  settings_.certificate = folder_ / "ra.pem";
  settings_.key = folder_ / "ra.key";
  serve();
  expect_issued(client().submit(wish()));
}

TEST_F(CmpTest, ACertificateForAnotherKeyIsRejectedTowardsTheCa) {
  rely(issue(other_key()));
  serve();
  EXPECT_THAT(reason_of(client().submit(wish())), StartsWith("refused: the CA issued a "
                                                             "certificate for another key"));
  EXPECT_THAT(server_->log(), HasSubstr("received CERTCONF"));
}

TEST_F(CmpTest, ACertificateThatCannotBeConfirmedIsNotUsed) {
  serve();
  const auto place = pki::enrol::parse_url(settings_.url, pki::enrol::Scheme::http, "cmp.url");
  int sent = 0;
  pki::enrol::Cmp cmp(settings_, clock_, [&](const std::string& message) {
    if (++sent > 1) throw Error(Fault::world, "the line is cut");
    return pki::enrol::ask(place, {place.path, "application/pkixcmp", message, {}}).body;
  });
  EXPECT_THAT(reason_of(cmp.submit(wish())),
              StartsWith("unreachable: the certificate was issued, but could not be confirmed"));
}

// --- waiting

TEST_F(CmpTest, AWaitingRequestIsIssuedLater) {
  serve({"-poll_count", "2", "-check_after", "120"});
  auto cmp = client();
  const auto before = now();
  const auto answer = cmp.submit(wish());
  const auto transaction = transaction_of(answer);
  EXPECT_GE(std::get<Waiting>(answer).next_try, before + std::chrono::seconds(120));
  expect_issued(cmp.poll(wish(), transaction));
}

TEST_F(CmpTest, AWaitingRequestSurvivesARestartBetweenAnyTwoPolls) {
  serve({"-poll_count", "4", "-check_after", "1"});
  std::string transaction = transaction_of(client().submit(wish()));
  transaction = transaction_of(client().poll(wish(), transaction));
  transaction = transaction_of(client().poll(wish(), transaction));
  EXPECT_LT(transaction.size(), 8192U);
  expect_issued(client().poll(wish(), transaction));
}

TEST_F(CmpTest, TheNextTryIsNeitherAtOnceNorNever) {
  serve({"-poll_count", "5", "-check_after", "0"});
  const auto before = now();
  auto answer = client().submit(wish());
  EXPECT_GE(std::get<Waiting>(answer).next_try, before + std::chrono::seconds(30));
  serve({"-poll_count", "5", "-check_after", std::to_string(90 * day)});
  answer = client().submit(wish());
  EXPECT_LE(std::get<Waiting>(answer).next_try, now() + std::chrono::hours(24));
}

TEST_F(CmpTest, ARequestThatTheCaHasIsNotSentAgainWhenItsPollFails) {
  serve({"-poll_count", "2", "-check_after", "1", "-max_msgs", "1"});
  const auto transaction = transaction_of(client().submit(wish()));
  EXPECT_THAT(reason_of(client().poll(wish(), transaction)), StartsWith("unreachable: "));
}

TEST_F(CmpTest, ATransactionThatTheCaForgotIsRefused) {
  serve({"-poll_count", "3", "-check_after", "1"});
  const auto transaction = transaction_of(client().submit(wish()));
  serve();
  EXPECT_THAT(reason_of(client().poll(wish(), transaction)), HasSubstr("start it anew"));
}

TEST_F(CmpTest, ADamagedTransactionIsRefused) {
  serve();
  EXPECT_THAT(reason_of(client().poll(wish(), "no DER")), StartsWith("refused: what is stored"));
  EXPECT_THAT(reason_of(client().poll(wish(), "")), StartsWith("refused: what is stored"));
}

// --- a CA that says no

struct Refusal {
  int failure;
  std::string begin, name;
};

class CmpRefusals : public CmpTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(CmpRefusals, AreToldWithWhatToDoNext) {
  serve({"-pkistatus", "2", "-failure", std::to_string(GetParam().failure), "-statusstring",
         "no, not you"});
  const std::string reason = reason_of(client().submit(wish()));
  EXPECT_THAT(reason, StartsWith(GetParam().begin + "the CA refuses: no, not you; "));
  EXPECT_THAT(reason, HasSubstr(GetParam().name + ": "));
}

INSTANTIATE_TEST_SUITE_P(Table, CmpRefusals,
                         ::testing::Values(Refusal{1, "refused: ", "badMessageCheck"},
                                           Refusal{6, "refused: ", "wrongAuthority"},
                                           Refusal{9, "refused: ", "badPOP"},
                                           Refusal{19, "refused: ", "badCertTemplate"},
                                           Refusal{23, "refused: ", "notAuthorized"},
                                           Refusal{26, "refused: ", "duplicateCertReq"},
                                           Refusal{24, "unreachable: ", "systemUnavail"},
                                           Refusal{25, "unreachable: ", "systemFailure"}),
                         [](const auto& one) { return one.param.name; });

TEST_F(CmpTest, AnErrorMessageOfTheCaIsARefusal) {
  serve({"-send_error"});
  EXPECT_THAT(reason_of(client().submit(wish())), StartsWith("refused: the CA refuses"));
}

// --- what cannot be believed

TEST_F(CmpTest, AnUnprotectedErrorIsNoRefusal) {
  serve({"-send_error", "-send_unprot_err"});
  EXPECT_THAT(reason_of(client().submit(wish())),
              StartsWith("unreachable: an answer came that is not protected"));
}

TEST_F(CmpTest, AWrongSecretIsTold) {
  serve();
  write_secret(folder_ / "secret", "falsch, aber lang genug\n");
  const std::string reason = reason_of(client().submit(wish()));
  EXPECT_THAT(reason, StartsWith("unreachable: "));
  EXPECT_THAT(reason, HasSubstr("compare cmp.reference and cmp.secret"));
  EXPECT_THAT(reason, Not(HasSubstr("falsch")));
}

TEST_F(CmpTest, AnUnprotectedCertificateIsNotTaken) {
  serve({"-send_unprotected"});
  EXPECT_THAT(reason_of(client().submit(wish())), StartsWith("unreachable: "));
}

TEST_F(CmpTest, AMailboxDoesNotSpeakForItsCa) {
  write_file(folder_ / "mailbox.pem", issue(other_key()).pem());
  write_secret(folder_ / "mailbox.key", to_pem(other_key()));
  const Words impostor{"-srv_cert", (folder_ / "mailbox.pem").string(), "-srv_key",
                       (folder_ / "mailbox.key").string()};
  serve(impostor);
  EXPECT_THAT(reason_of(client().revoke(issued(), key(), RevocationReason::superseded)),
              HasSubstr("nobody whom cmp.authority lets speak for the CA"));
}

TEST_F(CmpTest, ACmpServiceMayHaveACertificateOfItsOwn) {
  Forgery service;
  service.common_name = "CMP";
  service.extensions = {{"keyUsage", "critical,digitalSignature"},
                        {"extendedKeyUsage", "cmcCA"},
                        {"subjectKeyIdentifier", "hash"}};
  service.not_before = now() - std::chrono::hours(1);
  service.not_after = now() + std::chrono::hours(1);
  write_file(folder_ / "cmp.pem", forge(service, other_key(), ca()).pem());
  write_secret(folder_ / "cmp.key", to_pem(other_key()));
  serve({"-srv_cert", (folder_ / "cmp.pem").string(), "-srv_key", (folder_ / "cmp.key").string()});
  const auto answer = client().revoke(issued(), key(), RevocationReason::superseded);
  EXPECT_TRUE(std::holds_alternative<Done>(answer)) << reason_of(answer);
}

TEST_F(CmpTest, AServerThatIsGoneCanBeAskedLater) {
  serve();
  server_->stop();
  EXPECT_THAT(reason_of(client().submit(wish())), StartsWith("unreachable: 127.0.0.1:"));
}

TEST_F(CmpTest, GarbageIsNoAnswer) {
  auto cmp = pki::enrol::Cmp(settings_, clock_,
                             [](const std::string&) { return "<html>Willkommen</html>"; });
  EXPECT_THAT(reason_of(cmp.submit(wish())),
              StartsWith("unreachable: what the server sent is no CMP message"));
}

TEST_F(CmpTest, AnotherPathIsTold) {
  serve();
  settings_.url += "elsewhere";
  EXPECT_THAT(reason_of(client().submit(wish())), HasSubstr("404 Not Found"));
}

// --- renewal and revocation

class CmpRenewal : public CmpTest {
 protected:
  /// The mailbox has a certificate for other_key(), and wants one for key(). OpenSSL's server
  /// expects that the new one has the old one's serial number.
  Submission renew(pki::Usage usage = pki::Usage::sign) {
    const auto old = issue(other_key(), usage);
    rely(with_key(old, key(), ca()));
    Submission submission = wish();
    submission.present = Submission::Present{old, other_key()};
    return submission;
  }
};

TEST_F(CmpRenewal, IsSignedWithTheCertificateThatItReplaces) {
  const Submission submission = renew();
  serve();
  write_secret(folder_ / "secret", "not needed, and wrong");
  expect_issued(client().submit(submission));
  EXPECT_THAT(server_->log(), HasSubstr("received KUR"));
}

TEST_F(CmpRenewal, NamesTheMailboxOnceInItsTemplate) {
  std::string sent;
  pki::enrol::Cmp cmp(settings_, clock_, [&](const std::string& message) -> std::string {
    sent = message;
    throw Error(Fault::world, "nobody listens");
  });
  Submission submission = renew();
  (void)cmp.submit(submission);
  // In the template, and in the certificate that signs the message.
  EXPECT_EQ(occurrences(sent, "bauamt@stadt.example"), 2U);
}

TEST_F(CmpRenewal, WaitsAndSurvivesARestart) {
  const Submission submission = renew();
  serve({"-poll_count", "2", "-check_after", "1"});
  const auto transaction = transaction_of(client().submit(submission));
  expect_issued(client().poll(submission, transaction));
}

TEST_F(CmpRenewal, OfWhatMayNotSignIsProtectedByTheSecret) {
  const Submission submission = renew(pki::Usage::encrypt);
  serve();
  expect_issued(client().submit(submission));
}

TEST_F(CmpTest, ACertificateIsRevoked) {
  serve();
  const auto answer = client().revoke(issued(), key(), RevocationReason::key_compromise);
  EXPECT_TRUE(std::holds_alternative<Done>(answer)) << reason_of(answer);
}

TEST_F(CmpTest, WhatIsRevokedAlreadyIsDone) {
  serve({"-pkistatus", "2", "-failure", "10"});
  const auto answer = client().revoke(issued(), key(), RevocationReason::superseded);
  EXPECT_TRUE(std::holds_alternative<Done>(answer)) << reason_of(answer);
}

TEST_F(CmpTest, ARevocationMayBeRefused) {
  serve();
  EXPECT_THAT(reason_of(client().revoke(issue(key()), key(), RevocationReason::superseded)),
              StartsWith("refused: the CA refuses"));
}

// --- a broken set-up

TEST_F(CmpTest, SettingsThatCannotWorkAreAFaultOfOurs) {
  const auto complaint = [this] { return complaint_of([this] { (void)client().submit(wish()); }); };
  settings_.url = "ldap://ca.example/cmp";
  EXPECT_THAT(complaint(), HasSubstr("does not begin with http://"));
  settings_.url = "https://ca.example/cmp";
  EXPECT_THAT(complaint(), HasSubstr("cmp.tls_authority is missing"));
  settings_.tls_authority = folder_ / "nowhere";
  EXPECT_THAT(complaint(), HasSubstr("(cmp.tls_authority of the CA profile) cannot be read"));
  serve();
  settings_.reference.clear();
  EXPECT_THAT(complaint(), HasSubstr("cmp.reference is missing"));
  settings_.reference = "ra-1";
  settings_.secret = folder_ / "nowhere";
  EXPECT_THAT(complaint(), HasSubstr("cmp.secret of the CA profile, in " +
                                     (folder_ / "nowhere").string() + " cannot be read"));
  settings_.secret.reset();
  EXPECT_THAT(complaint(), HasSubstr("give either cmp.secret, or cmp.certificate and cmp.key"));
}

}  // namespace
}  // namespace siegel::tests
