// Zones of a real nsd, signed by ldns, judged by libunbound.

#include "pki/discovery/dns.h"

#include <array>
#include <thread>

#include <Poco/Net/DatagramSocket.h>
#include <gmock/gmock.h>

#include "base/hex.h"
#include "pki/discovery/dns_record.h"
#include "tests/pki/discovery/servers.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::discovery::DnsZone;
using pki::discovery::Finds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A record in the form of RFC 3597.
std::string record(const std::string& name, int type, const std::string& data) {
  return name + " TYPE" + std::to_string(type) + " \\# " + std::to_string(data.size()) + ' ' +
         hex(data) + '\n';
}

std::string smimea(const std::string& of, const std::string& parameters, const std::string& data) {
  return record(pki::discovery::smimea_name(address(of)), pki::discovery::smimea_type,
                parameters + data);
}

const std::string whole_certificate("\x03\x00\x00", 3);

/// Another octet where the certificate begins, after the zone was signed.
std::string tampered(std::string zone) {
  constexpr std::string_view record = "SMIMEA\t3 0 0 3";
  const auto at = zone.find(record);
  if (at == std::string::npos) throw std::runtime_error("no record to tamper with: " + zone);
  zone[at + record.size() - 1] = '4';
  return zone;
}

/// Passes questions on to the nsd and its answers back, but for one type: of that it says nothing.
class DeafResolver {
 public:
  DeafResolver(std::uint16_t nsd, int type)
      : nsd_("127.0.0.1", nsd), type_(type), thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) pass_on();
        }) {}

  [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }

 private:
  void pass_on() {
    if (!socket_.poll(Poco::Timespan(0, 50'000), Poco::Net::Socket::SELECT_READ)) return;
    std::array<char, 4096> octets{};
    Poco::Net::SocketAddress client;
    const int asked = socket_.receiveFrom(octets.data(), int{4096}, client);
    if (asks_for_it({octets.data(), static_cast<std::size_t>(asked)})) return;
    Poco::Net::DatagramSocket behind(Poco::Net::SocketAddress("127.0.0.1", 0));
    behind.sendTo(octets.data(), asked, nsd_);
    behind.setReceiveTimeout(Poco::Timespan(10, 0));
    const int answered = behind.receiveBytes(octets.data(), int{4096});
    socket_.sendTo(octets.data(), answered, client);
  }
  /// RFC 1035 §4.1: behind the head of twelve octets stand the name and the type.
  [[nodiscard]] bool asks_for_it(std::string_view question) const {
    const auto end = question.find('\0', 12);
    return end + 2 < question.size() && question[end + 2] == static_cast<char>(type_);
  }

  Poco::Net::SocketAddress nsd_;
  int type_;
  Poco::Net::DatagramSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};
  std::jthread thread_;
};

class Dns : public StoreTest {
 protected:
  [[nodiscard]] config::DnsKeys settings(std::uint16_t resolver) const {
    config::DnsKeys settings;
    settings.smimea = true;
    settings.openpgpkey = true;
    settings.resolver = config::SocketAddress{"127.0.0.1", resolver};
    settings.trust_anchor = nsd_.trust_anchor();
    return settings;
  }
  [[nodiscard]] Finds ask(const std::string& of) {
    nsd_.start();
    return DnsZone(settings(nsd_.port())).ask(address(of), 20s);
  }
  /// Where questions for this type are not answered. REQUIRES: nsd runs.
  [[nodiscard]] Finds ask_without(int type, std::chrono::milliseconds patience) {
    const DeafResolver deaf(nsd_.port(), type);
    return DnsZone(settings(deaf.port())).ask(address(anna), patience);
  }
  [[nodiscard]] Pair certificate() const { return issue({.address = anna}); }
  [[nodiscard]] std::string hers(const Pair& pair) const {
    return smimea(anna, whole_certificate, pair.certificate.der());
  }

  Nsd nsd_;
};

TEST(DnsRecord, S4_3_7_NamesAreThoseOfTheStandards) {
  // RFC 7929 §3 and RFC 8162 §3 have the same example: hugh@example.com
  const Address hugh = address("hugh@example.com");
  EXPECT_EQ(pki::discovery::openpgpkey_name(hugh),
            "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey.example.com.");
  EXPECT_EQ(pki::discovery::smimea_name(hugh),
            "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._smimecert.example.com.");
}

TEST_F(Dns, CertificateOfASignedZoneIsFound) {
  const Pair pair = certificate();
  nsd_.add_signed("firma.example", hers(pair));
  const Finds finds = ask(anna);
  EXPECT_THAT(finds.certificates, ElementsAre(pair.certificate));
  EXPECT_EQ(finds.trouble, "");
}

TEST_F(Dns, S4_3_7_OpenPgpKeyOfASignedZoneIsFound) {
  nsd_.add_signed("firma.example", record(pki::discovery::openpgpkey_name(address(anna)),
                                          pki::discovery::openpgpkey_type, "\x99key"));
  EXPECT_THAT(ask(anna).openpgp, ElementsAre("\x99key"));
}

TEST_F(Dns, EachFindCountsThoughTheOtherQuestionFails) {
  const Pair pair = certificate();
  nsd_.add_signed("firma.example",
                  hers(pair) + record(pki::discovery::openpgpkey_name(address(anna)),
                                      pki::discovery::openpgpkey_type, "\x99key"));
  nsd_.start();
  const Finds smime = ask_without(pki::discovery::openpgpkey_type, 3s);
  EXPECT_THAT(smime.certificates, ElementsAre(pair.certificate));
  EXPECT_TRUE(smime.is_partial);
  EXPECT_THAT(smime.trouble, HasSubstr("no answer"));
  const Finds openpgp = ask_without(pki::discovery::smimea_type, 3s);
  EXPECT_THAT(openpgp.openpgp, ElementsAre("\x99key"));
  EXPECT_TRUE(openpgp.is_partial);
}

TEST_F(Dns, AFailureBesideNothingIsAFailureAndNotNone) {
  nsd_.add_signed("firma.example", "");
  nsd_.start();
  const auto problem =
      error_of([&] { static_cast<void>(ask_without(pki::discovery::openpgpkey_type, 2s)); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::world);
}

TEST_F(Dns, WhoIsNotThereHasNone) {
  nsd_.add_signed("firma.example", "");
  const Finds finds = ask(anna);
  EXPECT_TRUE(finds.is_empty());
  EXPECT_EQ(finds.trouble, "");
}

TEST_F(Dns, S4_3_7_UnsignedZoneSaysNothing) {
  nsd_.add_signed("andere.example", "");
  nsd_.add_unsigned("firma.example", hers(certificate()));
  const Finds finds = ask(anna);
  EXPECT_TRUE(finds.is_empty());
  EXPECT_THAT(finds.trouble, HasSubstr("not signed"));
}

TEST_F(Dns, ZoneThatWasTamperedWithSaysNothing) {
  nsd_.add_signed("firma.example", hers(certificate()), &tampered);
  const Finds finds = ask(anna);
  EXPECT_TRUE(finds.is_empty());
  EXPECT_THAT(finds.trouble, HasSubstr("DNSSEC fails"));
  EXPECT_TRUE(finds.is_partial) << "it is not remembered as if there were none";
}

TEST_F(Dns, OnlyWholeCertificatesOfEndEntitiesAreTaken) {
  const std::string der = certificate().certificate.der();
  Finds finds;
  for (const char usage : {'\x00', '\x02', '\x04'})
    pki::discovery::take_smimea(std::string{usage, '\0', '\0'} + der, finds);
  pki::discovery::take_smimea(std::string("\x03\x01\x00", 3) + der, finds);
  pki::discovery::take_smimea(std::string("\x03\x00\x01", 3) + der, finds);
  EXPECT_THAT(finds.certificates, IsEmpty());
  EXPECT_EQ(finds.trouble, "");
  pki::discovery::take_smimea(std::string("\x01\x00\x00", 3) + der, finds);
  EXPECT_EQ(finds.certificates.size(), 1U);
}

TEST_F(Dns, GarbageInARecordIsPassedOver) {
  Finds finds;
  pki::discovery::take_smimea("\x03", finds);
  EXPECT_THAT(finds.trouble, HasSubstr("too short"));
  pki::discovery::take_openpgpkey("", finds);
  pki::discovery::take_openpgpkey(std::string(70'000, 'x'), finds);
  EXPECT_TRUE(finds.is_empty());
}

TEST_F(Dns, ResolverThatIsSilentIsGivenUp) {
  const Poco::Net::DatagramSocket silent(Poco::Net::SocketAddress("127.0.0.1", 0));
  nsd_.add_signed("firma.example", "");
  nsd_.start();
  config::DnsKeys settings;
  settings.smimea = true;
  settings.resolver = config::SocketAddress{"127.0.0.1", silent.address().port()};
  settings.trust_anchor = nsd_.trust_anchor();
  const auto problem =
      error_of([&] { static_cast<void>(DnsZone(settings).ask(address(anna), 300ms)); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::world);
}

TEST_F(Dns, TrustAnchorThatIsMissingIsOurs) {
  config::DnsKeys settings;
  settings.smimea = true;
  settings.trust_anchor = "/nonexistent/root.key";
  const auto problem =
      error_of([&] { static_cast<void>(DnsZone(settings).ask(address(anna), 5s)); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::ours);
}

}  // namespace
}  // namespace siegel::tests
