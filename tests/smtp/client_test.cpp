// The client against our own server, and into maildirs.

#include "gateway/smtp/client.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/relay_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using smtp::Outcome;
using testing::HasSubstr;

mail::Envelope envelope_to(const std::string& to) {
  mail::Envelope envelope;
  envelope.id = "0123456789abcdef";
  envelope.reverse_path = Address::parse("peer@remote.example");
  envelope.recipients.push_back({Address::parse(to).value(), {}, {}});
  return envelope;
}

class ClientTest : public RelayFixture {
 protected:
  config::Delivery hop(config::TlsDemand tls = config::TlsDemand::none) {
    config::Delivery delivery;
    delivery.to.host = "127.0.0.1";
    delivery.to.port = server().port();
    delivery.tls = tls;
    return delivery;
  }
  static Outcome deliver(const config::Delivery& delivery, const std::string& octets) {
    return smtp::deliver(delivery, "peer.example", envelope_to("anna@stadt.example"), Blob(octets))
        .at(0);
  }
};

TEST_F(ClientTest, EveryOctetArrives) {
  std::string octets = "Subject: dots\r\n\r\n";
  while (octets.size() < (3U << 20U)) octets += ".\r\n..x\r\n\r\nlong \xC3\xA4 line .\r\n";
  const Outcome outcome = deliver(hop(), octets);
  EXPECT_EQ(outcome.kind, Outcome::Kind::delivered) << outcome.text;
  EXPECT_EQ(outcome.status, "2.0.0");
  EXPECT_EQ(outcome.remote_host, "127.0.0.1");
  EXPECT_TRUE(accepted().at(0).second == octets);
  EXPECT_TRUE(accepted().at(0).first.body_8bit);
}

TEST_F(ClientTest, R41_BareLineEndsAreMendedOnTheWay) {
  EXPECT_EQ(deliver(hop(), "a\n.\nb\r.\rc").kind, Outcome::Kind::delivered);
  EXPECT_EQ(accepted().at(0).second, "a\r\n.\r\nb\r\n.\r\nc\r\n");
}

TEST_F(ClientTest, TlsIsUsedWhereItIsOffered) {
  offer_tls();
  EXPECT_EQ(deliver(hop(config::TlsDemand::opportunistic), "x\r\n").kind, Outcome::Kind::delivered);
  EXPECT_TRUE(accepted().at(0).first.tls);
}

TEST_F(ClientTest, TlsIsNeverUsedWhereItIsForbidden) {
  offer_tls();
  EXPECT_EQ(deliver(hop(config::TlsDemand::none), "x\r\n").kind, Outcome::Kind::delivered);
  EXPECT_FALSE(accepted().at(0).first.tls);
}

TEST_F(ClientTest, VerifiedTlsTakesTheRightCertificate) {
  offer_tls();
  auto delivery = hop(config::TlsDemand::verified);
  delivery.ca_file = certificates().ca;
  EXPECT_EQ(deliver(delivery, "x\r\n").kind, Outcome::Kind::delivered);
  EXPECT_TRUE(accepted().at(0).first.tls);
}

TEST_F(ClientTest, VerifiedTlsIsNeverPlain) {
  const Outcome outcome = deliver(hop(config::TlsDemand::verified), "x\r\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::deferred);
  EXPECT_EQ(outcome.status, "4.7.4");
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ClientTest, VerifiedTlsWithoutCaFileSaysWhatIsMissing) {
  offer_tls();
  const Outcome outcome = deliver(hop(config::TlsDemand::verified), "x\r\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::deferred);
  EXPECT_THAT(outcome.text, HasSubstr("no CA file"));
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ClientTest, VerifiedTlsTrustsNoOtherCa) {
  offer_tls();
  const TemporaryDirectory other;
  auto delivery = hop(config::TlsDemand::verified);
  delivery.ca_file = TestCertificates::make(other.path(), "127.0.0.1").ca;
  const Outcome outcome = deliver(delivery, "x\r\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::deferred);
  EXPECT_EQ(outcome.status, "4.7.5");
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ClientTest, AHostThatIsNotThereIsTriedAgain) {
  auto delivery = hop();
  {
    const Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
    delivery.to.port = taken.address().port();
  }
  const Outcome outcome = deliver(delivery, "x\r\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::deferred);
  EXPECT_EQ(outcome.status, "4.4.1");
  EXPECT_EQ(outcome.remote_host, "");
}

TEST_F(ClientTest, ANameWithoutAddressIsTriedAgain) {
  auto delivery = hop();
  delivery.to.host = "no-such-host.invalid";
  EXPECT_EQ(deliver(delivery, "x\r\n").status, "4.4.3");
}

class MaildirTest : public testing::Test {
 protected:
  std::vector<Outcome> deliver(const mail::Envelope& envelope, const std::string& octets) {
    config::Delivery hop;
    hop.to.kind = config::NextHop::Kind::maildir;
    hop.to.directory = directory_ / "mail";
    return smtp::deliver(hop, "gateway.stadt.example", envelope, Blob(octets));
  }
  std::vector<std::string> files(const std::string& folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / ("mail/" + folder)))
      found.push_back(read_file(entry.path()));
    return found;
  }
  TemporaryDirectory directory_;
};

TEST_F(MaildirTest, AMessageIsOneFileWithItsEnvelope) {
  auto envelope = envelope_to("a@stadt.example");
  envelope.recipients.push_back({Address::parse("b@stadt.example").value(), {}, {}});
  const auto outcomes = deliver(envelope, "Subject: x\r\n\r\nhello\r\n");
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::delivered);
  EXPECT_EQ(outcomes[1].recipient.address.str(), "b@stadt.example");
  EXPECT_THAT(files("new"), testing::ElementsAre("Return-Path: <peer@remote.example>\r\n"
                                                 "X-Original-To: a@stadt.example\r\n"
                                                 "X-Original-To: b@stadt.example\r\n"
                                                 "Subject: x\r\n\r\nhello\r\n"));
  EXPECT_TRUE(files("tmp").empty());
}

TEST_F(MaildirTest, TheNullReversePathIsWrittenSo) {
  auto envelope = envelope_to("a@stadt.example");
  envelope.reverse_path.reset();
  deliver(envelope, "x\r\n");
  deliver(envelope, "x\r\n");
  ASSERT_EQ(files("new").size(), 2U);
  EXPECT_THAT(files("new").at(0), testing::StartsWith("Return-Path: <>\r\n"));
}

TEST_F(MaildirTest, ADiskThatRefusesDefers) {
  write_file(directory_ / "mail", "a file where the maildir should be");
  const auto outcomes = deliver(envelope_to("a@stadt.example"), "x\r\n");
  EXPECT_EQ(outcomes.at(0).kind, Outcome::Kind::deferred);
  EXPECT_EQ(outcomes.at(0).status, "4.3.0");
}

}  // namespace
}  // namespace siegel::tests
