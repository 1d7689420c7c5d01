#include <openssl/x509.h>

#include "pki/asn1.h"
#include "pki/token.h"
#include "tests/enrol/cmp_fixture.h"
#include "tests/support/soft_token.h"

namespace siegel::tests {
namespace {

using pki::enrol::Submission;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// --- ir: the same, with a certificate template

class CmpTemplate : public CmpTest {
 protected:
  CmpTemplate() { settings_.message = config::CmpMessage::ir; }

  /// The message that the client sends first.
  std::string first_message(const Submission& submission) {
    std::string sent;
    pki::enrol::Cmp cmp(settings_, clock_, [&](const std::string& message) -> std::string {
      sent = message;
      throw Error(Fault::world, "nobody listens");
    });
    (void)cmp.submit(submission);
    return sent;
  }
};

TEST_F(CmpTemplate, AFirstCertificateIsIssuedAndConfirmed) {
  serve();
  expect_issued(client().submit(wish()));
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("received IR"), HasSubstr("received CERTCONF"),
                                    Not(HasSubstr("P10CR"))));
}

TEST_F(CmpTemplate, SaysWhatTheRequestSays) {
  const std::string message = first_message(wish());
  EXPECT_EQ(occurrences(message, "GRP: Bauamt"), 1U);
  EXPECT_EQ(occurrences(message, "bauamt@stadt.example"), 1U);
  EXPECT_EQ(occurrences(message, pki::to_der(key().get(), i2d_PUBKEY).substr(4)), 1U);
  EXPECT_EQ(occurrences(message, "\x55\x1D\x0F"), 1U);  // id-ce-keyUsage
}

TEST_F(CmpTemplate, TakesNothingFromTheCertificateThatSignsTheMessage) {
  const auto ra =
      pki::LocalCa::make("Landkreis", "CA 9", pki::KeyType::p256, now() - std::chrono::hours(48))
          .issue({"GRP: Registratur",
                  {"ra@stadt.example"},
                  pki::Usage::sign,
                  now() - std::chrono::hours(1),
                  now() + std::chrono::hours(1)},
                 other_key());
  write_file(folder_ / "ra.pem", ra.pem());
  write_secret(folder_ / "ra.key", to_pem(other_key()));
  settings_.secret.reset();
  settings_.certificate = folder_ / "ra.pem";
  settings_.key = folder_ / "ra.key";
  const std::string message = first_message(wish());
  EXPECT_EQ(occurrences(message, "ra@stadt.example"), 1U);  // in the certificate alone
  EXPECT_EQ(occurrences(message, "CA 9"), 1U) << "the template names another CA";
}

TEST_F(CmpTemplate, WaitsAndSurvivesARestart) {
  serve({"-poll_count", "3", "-check_after", "1"});
  std::string transaction = transaction_of(client().submit(wish()));
  transaction = transaction_of(client().poll(wish(), transaction));
  expect_issued(client().poll(wish(), transaction));
}

TEST_F(CmpTemplate, WhatWasBegunGoesOnWhenTheProfileHasChanged) {
  serve({"-poll_count", "2", "-check_after", "1"});
  const auto transaction = transaction_of(client().submit(wish()));
  settings_.message = config::CmpMessage::p10cr;
  expect_issued(client().poll(wish(), transaction));
}

TEST_F(CmpTemplate, AnRsaKeyThatOnlyEncryptsProvesItselfToo) {
  const auto rsa = pki::PrivateKey::generate(pki::KeyType::rsa_3072);
  rely(issue(rsa, pki::Usage::encrypt));
  serve();
  expect_issued(client().submit({request_for(rsa, "bauamt@stadt.example"), rsa}));
}

TEST_F(CmpTemplate, AKeyInATokenProvesItselfThere) {
  for (const auto type : {pki::KeyType::rsa_3072, pki::KeyType::p256}) {
    const auto key = pki::Token::of(soft_hsm().settings()).generate(type, "bauamt@stadt.example");
    rely(issue(key));
    serve();
    expect_issued(client().submit({request_for(key, "bauamt@stadt.example"), key}));
  }
}

TEST_F(CmpTemplate, ACertificateForAnotherKeyIsRejectedTowardsTheCa) {
  rely(issue(other_key()));
  serve();
  EXPECT_THAT(reason_of(client().submit(wish())),
              StartsWith("refused: the CA issued a certificate for another key"));
}

}  // namespace
}  // namespace siegel::tests
