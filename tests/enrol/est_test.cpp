#include "pki/enrol/est.h"

#include <memory>

#include <openssl/ssl.h>

#include "tests/enrol/enrol_fixture.h"
#include "tests/enrol/est_server.h"
#include "tests/pki/forge.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using pki::enrol::Answer;
using pki::enrol::Issued;
using pki::enrol::Submission;
using pki::enrol::Waiting;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Request = Poco::Net::HTTPServerRequest;
using Response = Poco::Net::HTTPServerResponse;

/// An EST server, and a registered client that asks it for a mailbox's certificate.
class EstTest : public EnrolTest {
 protected:
  EstTest() : server_(std::make_unique<EstServer>(world())) {
    write_file(folder_ / "client.pem", client_certificate("Siegel").pem());
    write_secret(folder_ / "client.key", to_pem(other_key()));
    write_secret(folder_ / "secret", "geheim\n");
    settings_.url = server_->url();
    settings_.authority = folder_ / "ca.pem";
    settings_.certificate = folder_ / "client.pem";
    settings_.key = folder_ / "client.key";
  }

  /// A certificate for other_key() that TLS servers take.
  static pki::Certificate client_certificate(const std::string& name) {
    Forgery client;
    client.common_name = name;
    client.extensions = {{"keyUsage", "critical,digitalSignature"},
                         {"extendedKeyUsage", "clientAuth,emailProtection"}};
    client.not_before = now() - std::chrono::hours(1);
    client.not_after = now() + std::chrono::hours(24);
    return forge(client, other_key(), ca());
  }
  EstServer::Settings world() {
    write_file(folder_ / "ca.pem", ca().certificate().pem());
    return {.ca = ca(), .clients = folder_ / "ca.pem", .user = "amt", .password = "geheim"};
  }
  void serve(EstServer::Settings settings) {
    server_ = std::make_unique<EstServer>(std::move(settings));
    settings_.url = server_->url();
  }
  [[nodiscard]] pki::enrol::Est client() const { return {settings_, clock_}; }
  /// What becomes of a wish that the server answers with `status` and `text`.
  std::string reason_of_answer(Response::HTTPStatus status, const std::string& text,
                               const std::string& type = "text/plain") {
    server_->answer([=](Request&, Response& response) {
      response.setStatusAndReason(status);
      response.setContentType(type);
      response.sendBuffer(text.data(), text.size());
    });
    return reason_of(client().submit(wish()));
  }
  static void expect_issued(const Answer& answer) {
    const auto* certificate = std::get_if<Issued>(&answer);
    ASSERT_NE(certificate, nullptr) << reason_of(answer);
    EXPECT_TRUE(key().fits(certificate->certificate));
    EXPECT_EQ(certificate->certificate.addresses().front().str(), "bauamt@stadt.example");
  }

  config::EstSettings settings_;
  std::unique_ptr<EstServer> server_;
};

// --- a certificate

TEST_F(EstTest, AFirstCertificateIsIssuedToATlsClient) {
  expect_issued(client().submit(wish()));
  EXPECT_THAT(server_->seen(), ElementsAre("simpleenroll by CN=Siegel,C=DE"));
}

TEST_F(EstTest, AUserWithAPasswordIsLetInToo) {
  settings_.certificate.reset();
  settings_.key.reset();
  settings_.user = "amt";
  settings_.secret = folder_ / "secret";
  expect_issued(client().submit(wish()));
  EXPECT_THAT(server_->seen(), ElementsAre("simpleenroll by nobody"));
}

TEST_F(EstTest, WhatNeedsApprovalWaitsAndIsAskedAgainAfterARestart) {
  EstServer::Settings slow = world();
  slow.wait = std::chrono::minutes(10);
  serve(slow);
  const Submission submission = wish();
  const Time before = now();
  const auto answer = client().submit(submission);
  const auto* waiting = std::get_if<Waiting>(&answer);
  ASSERT_NE(waiting, nullptr) << reason_of(answer);
  EXPECT_GE(waiting->next_try, before + std::chrono::minutes(10));
  EXPECT_TRUE(std::holds_alternative<Waiting>(client().poll(submission, waiting->transaction)));
  server_->approve();
  expect_issued(client().poll(submission, waiting->transaction));
}

TEST_F(EstTest, RetryAfterMayBeADateAndHasBounds) {
  const auto next_try = [this](const std::string& text) {
    server_->answer([=](Request&, Response& response) {
      response.setStatusAndReason(Response::HTTP_ACCEPTED);
      response.set("Retry-After", text);
      response.send();
    });
    const auto answer = client().submit(wish());
    return std::get<Waiting>(answer).next_try - now();
  };
  EXPECT_LE(next_try("Sun, 06 Nov 1994 08:49:37 GMT"), std::chrono::seconds(30));
  EXPECT_GT(next_try("Fri, 06 Nov 2893 08:49:37 GMT"), std::chrono::hours(23));
  EXPECT_GT(next_try("4000000000"), std::chrono::hours(23));
  EXPECT_LE(next_try("whenever"), std::chrono::hours(1));
}

// --- renewal

TEST_F(EstTest, ARenewalIsMadeWithTheCertificateThatItReplaces) {
  Submission submission = wish();
  submission.present = Submission::Present{client_certificate("GRP: Bauamt"), other_key()};
  expect_issued(client().submit(submission));
  EXPECT_THAT(server_->seen(), ElementsAre("simplereenroll by CN=GRP: Bauamt,C=DE"));
}

TEST_F(EstTest, ARenewalOfWhatIsForMailOnlyIsMadeWithTheConfiguredClient) {
  Submission submission = wish();
  submission.present = Submission::Present{issue(other_key()), other_key()};
  expect_issued(client().submit(submission));
  EXPECT_THAT(server_->seen(), ElementsAre("simplereenroll by CN=Siegel,C=DE"));
}

// --- the CA's own certificates, and revocation

TEST_F(EstTest, TheCasCertificatesCanBeLookedAt) {
  const auto answer = client().cacerts();
  const auto* all = std::get_if<std::vector<pki::Certificate>>(&answer);
  ASSERT_NE(all, nullptr) << reason_of(answer);
  EXPECT_THAT(*all, ElementsAre(ca().certificate()));
}

TEST_F(EstTest, RevocationIsForAPerson) {
  const auto certificate = issue(key());
  const auto answer =
      client().revoke(certificate, key(), pki::enrol::RevocationReason::key_compromise);
  EXPECT_THAT(std::get<pki::enrol::ByHand>(answer).instruction, HasSubstr(certificate.serial()));
}

// --- a server that says no

TEST_F(EstTest, RefusalsAreToldInTheServersWords) {
  EXPECT_THAT(reason_of_answer(Response::HTTP_BAD_REQUEST, "no such department"),
              StartsWith("refused: the server answers 400 Bad Request, no such department; "));
  EXPECT_THAT(reason_of_answer(Response::HTTP_FORBIDDEN, "\x1b[31mnot you\n"),
              StartsWith("refused: the server answers 403 Forbidden, \\x1b[31mnot you; "));
  EXPECT_LT(reason_of_answer(Response::HTTP_BAD_REQUEST, std::string(100'000, 'x')).size(), 400U);
  EXPECT_THAT(reason_of_answer(Response::HTTP_BAD_REQUEST, "<p>no</p>", "text/html"),
              Not(HasSubstr("<p>")));
}

TEST_F(EstTest, AServerThatIsOutOfOrderCanBeAskedLater) {
  EXPECT_THAT(reason_of_answer(Response::HTTP_SERVICE_UNAVAILABLE, "back soon"),
              StartsWith("unreachable: the server is out of order: 503"));
  EXPECT_THAT(reason_of_answer(Response::HTTP_TOO_MANY_REQUESTS, "slowly"),
              StartsWith("unreachable: "));
  server_.reset();
  EXPECT_THAT(reason_of(client().submit(wish())), StartsWith("unreachable: 127.0.0.1:"));
}

TEST_F(EstTest, AWrongPasswordIsRefusedAndNotTold) {
  settings_.certificate.reset();
  settings_.key.reset();
  settings_.user = "amt";
  settings_.secret = folder_ / "secret";
  write_secret(folder_ / "secret", "falsch\n");
  const std::string reason = reason_of(client().submit(wish()));
  EXPECT_THAT(reason, StartsWith("refused: the server answers 401 Unauthorized, who are you?"));
  EXPECT_THAT(reason, Not(HasSubstr("falsch")));
}

TEST_F(EstTest, AClientCertificateThatTheServerDoesNotTakeIsTold) {
  write_file(folder_ / "client.pem", issue(other_key()).pem());
  EXPECT_THAT(reason_of(client().submit(wish())),
              HasSubstr("it may not take our TLS client certificate"));
}

TEST_F(EstTest, ARedirectionIsNotFollowed) {
  server_->answer([](Request&, Response& response) {
    response.redirect("https://evil.example/est", Response::HTTP_TEMPORARY_REDIRECT);
  });
  EXPECT_THAT(reason_of(client().submit(wish())),
              StartsWith("refused: the server sends us to https://evil.example/est"));
}

// --- answers that are none

TEST_F(EstTest, ACertificateForAnotherKeyIsNotIssued) {
  const std::string other = certs_only({issue(other_key())});
  EXPECT_THAT(reason_of_answer(Response::HTTP_OK, other, "application/pkcs7-mime"),
              StartsWith("refused: the CA issued a certificate for another key"));
}

TEST_F(EstTest, GarbageIsNoAnswer) {
  const std::string own = certs_only({issue(key())});
  for (const std::string& text : {std::string("Willkommen!"), std::string(), own.substr(4)}) {
    EXPECT_THAT(reason_of_answer(Response::HTTP_OK, text, "application/pkcs7-mime"),
                HasSubstr("is not a list of certificates"));
  }
  EXPECT_THAT(reason_of_answer(Response::HTTP_OK, own, "text/html"),
              HasSubstr("(text/html) is not a list of certificates"));
  EXPECT_THAT(reason_of_answer(Response::HTTP_OK, std::string(2U << 20U, 'A')),
              HasSubstr("larger than 1 MiB"));
}

// --- whose server we believe

TEST_F(EstTest, AServerOfAnotherAuthorityIsNotBelieved) {
  const auto other = pki::LocalCa::make("Fremd", "CA 2", pki::KeyType::p256, now());
  write_file(folder_ / "other.pem", other.certificate().pem());
  settings_.authority = folder_ / "other.pem";
  EXPECT_THAT(reason_of(client().submit(wish())),
              StartsWith("unreachable: the server's certificate is not believed ("));
  EXPECT_THAT(server_->seen(), ElementsAre());
}

TEST_F(EstTest, AServerOfAnotherNameIsNotBelieved) {
  EstServer::Settings elsewhere = world();
  elsewhere.host = "est.example";
  serve(elsewhere);
  settings_.url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/.well-known/est";
  EXPECT_THAT(reason_of(client().submit(wish())), HasSubstr("(IP address mismatch)"));
}

TEST_F(EstTest, AServerIsAskedByItsName) {
  EstServer::Settings named = world();
  named.host = "localhost";
  serve(named);
  expect_issued(client().submit(wish()));
}

TEST_F(EstTest, OldTlsIsNotSpoken) {
  EstServer::Settings old = world();
  old.newest_tls = TLS1_1_VERSION;
  serve(old);
  EXPECT_THAT(reason_of(client().submit(wish())), HasSubstr("alert protocol version"));
}

// --- a broken set-up

TEST_F(EstTest, SettingsThatCannotWorkAreAFaultOfOurs) {
  const auto complaint = [this] { return complaint_of([this] { (void)client().submit(wish()); }); };
  settings_.key.reset();
  EXPECT_THAT(complaint(), HasSubstr("est.certificate and est.key belong together"));
  write_secret(folder_ / "no.key", ca().certificate().pem());
  settings_.key = folder_ / "no.key";
  EXPECT_THAT(complaint(), HasSubstr("must hold one private key"));
  settings_.key = folder_ / "client.key";
  settings_.url = "http://127.0.0.1/";
  EXPECT_THAT(complaint(), HasSubstr("does not begin with https://"));
  settings_.url = server_->url();
  settings_.authority = folder_ / "secret";
  EXPECT_THAT(complaint(), HasSubstr("(est.authority of the CA profile) holds no certificate"));
}

}  // namespace
}  // namespace siegel::tests
