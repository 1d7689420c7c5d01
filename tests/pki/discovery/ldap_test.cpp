// Asking a real slapd; and servers that hang, which no real one does on demand.

#include "pki/discovery/ldap.h"

#include <array>
#include <functional>
#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <gmock/gmock.h>

#include "pki/discovery/ldap_filter.h"
#include "tests/pki/discovery/servers.h"
#include "tests/pki/openssl_command.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using pki::discovery::escape_for_filter;
using pki::discovery::filter_for;
using pki::discovery::Finds;
using pki::discovery::LdapDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LdapFilter, SpecialCharactersAreEscaped) {
  EXPECT_EQ(escape_for_filter("a*b(c)d\\e"), "a\\2ab\\28c\\29d\\5ce");
  EXPECT_EQ(escape_for_filter(std::string("\0", 1)), "\\00");
  EXPECT_EQ(escape_for_filter("jürgen"), "jürgen");
}

TEST(LdapFilter, AsksForBothNamesOfTheAttribute) {
  EXPECT_EQ(filter_for(address("a*b@firma.example")),
            "(|(mail=a\\2ab@firma.example)(rfc822Mailbox=a\\2ab@firma.example))");
}

class Ldap : public StoreTest {
 protected:
  [[nodiscard]] config::DirectoryServer settings(const std::string& url) const {
    config::DirectoryServer server;
    server.url = url;
    server.base = Slapd::base;
    return server;
  }
  [[nodiscard]] Finds ask(const config::DirectoryServer& server, const std::string& of = anna,
                          std::chrono::milliseconds patience = 20s) const {
    return LdapDirectory(server).ask(address(of), patience);
  }
  [[nodiscard]] Pair certificate(const std::string& of = anna) const {
    return issue({.address = of});
  }
  [[nodiscard]] static std::string value(const Pair& pair) {
    return ldif_value("userCertificate;binary", pair.certificate.der());
  }
  [[nodiscard]] std::string why_failed(const config::DirectoryServer& server,
                                       std::chrono::milliseconds patience = 20s) const {
    const auto problem = error_of([&] { static_cast<void>(ask(server, anna, patience)); });
    return problem ? problem->said() : "it did not fail";
  }

  Slapd slapd_;
};

TEST_F(Ldap, CertificateIsFoundByItsAddress) {
  const Pair hers = certificate();
  slapd_.add_person(anna, {value(hers)});
  slapd_.add_person("eva@firma.example", {value(certificate("eva@firma.example"))});
  slapd_.start();
  const Finds finds = ask(settings(slapd_.url()));
  EXPECT_THAT(finds.certificates, ElementsAre(hers.certificate));
  EXPECT_EQ(finds.trouble, "");
}

TEST_F(Ldap, WhoIsNotThereHasNone) {
  slapd_.start();
  EXPECT_TRUE(ask(settings(slapd_.url())).is_empty());
}

TEST_F(Ldap, NoAddressFindsEverybody) {
  slapd_.add_person(anna, {value(certificate())});
  slapd_.start();
  EXPECT_TRUE(ask(settings(slapd_.url()), "*@firma.example").is_empty());
}

TEST_F(Ldap, SmimeCertificatesComeOutOfTheirPkcs7) {
  const Pair hers = certificate();
  const auto pem = slapd_.folder() / "cert.pem";
  write_file(pem, hers.certificate.pem());
  const auto p7 = slapd_.folder() / "cert.p7";
  ASSERT_EQ(openssl({"crl2pkcs7", "-nocrl", "-certfile", pem.string(), "-outform", "DER", "-out",
                     p7.string()})
                .status,
            0);
  slapd_.add_person(anna, {ldif_value("userSMIMECertificate", read_file(p7))});
  slapd_.start();
  EXPECT_THAT(ask(settings(slapd_.url())).certificates, ElementsAre(hers.certificate));
}

TEST_F(Ldap, OfFiveHundredEntriesFiveAreLookedAt) {
  for (int i = 0; i < 500; ++i) slapd_.add_person(anna, {value(certificate())});
  slapd_.start();
  const Finds finds = ask(settings(slapd_.url()));
  EXPECT_THAT(finds.certificates, SizeIs(5));
  EXPECT_THAT(finds.trouble, HasSubstr("more than five entries"));
}

TEST_F(Ldap, OfTwentyCertificatesTenAreTaken) {
  std::vector<std::string> values;
  for (int i = 0; i < 20; ++i) values.push_back(value(certificate()));
  slapd_.add_person(anna, values);
  slapd_.start();
  const Finds finds = ask(settings(slapd_.url()));
  EXPECT_THAT(finds.certificates, SizeIs(10));
  EXPECT_THAT(finds.trouble, HasSubstr("more than 10 certificates"));
}

TEST_F(Ldap, GarbageIsPassedOver) {
  slapd_.add_person(anna, {ldif_value("userSMIMECertificate", "no PKCS#7"), value(certificate())});
  slapd_.start();
  const Finds finds = ask(settings(slapd_.url()));
  EXPECT_THAT(finds.certificates, SizeIs(1));
  EXPECT_THAT(finds.trouble, HasSubstr("no PKCS#7"));
}

TEST_F(Ldap, ReferralIsNotFollowed) {
  slapd_.add("dn: ou=anderswo," + std::string(Slapd::base) +
             "\nobjectClass: referral\nobjectClass: extensibleObject\nou: anderswo\n"
             "ref: ldap://127.0.0.1:1/o=Bund,c=DE\n\n");
  slapd_.start();
  EXPECT_TRUE(ask(settings(slapd_.url())).is_empty());
}

TEST_F(Ldap, BaseThatIsNotThereIsTold) {
  slapd_.start();
  auto wrong = settings(slapd_.url());
  wrong.base = "o=Nirgendwo,o=Bund,c=DE";
  EXPECT_THAT(why_failed(wrong), HasSubstr("correct its base"));
}

// --- TLS and log-in

TEST_F(Ldap, LdapsBelievesTheConfiguredAuthority) {
  slapd_.add_person(anna, {value(certificate())});
  slapd_.start();
  auto server = settings(slapd_.tls_url());
  server.ca_file = slapd_.ca_file();
  EXPECT_THAT(ask(server).certificates, SizeIs(1));
}

TEST_F(Ldap, LdapsBelievesNobodyElse) {
  slapd_.start();
  auto server = settings(slapd_.tls_url());
  const TemporaryDirectory other;
  write_file(other / "ca.pem", authority_.certificate().pem());
  server.ca_file = other / "ca.pem";
  EXPECT_THAT(why_failed(server), HasSubstr("cannot be asked"));
  server.ca_file.reset();
  EXPECT_THAT(why_failed(server), HasSubstr("cannot be asked"));
}

TEST_F(Ldap, LdapsWithAnotherNameIsNotBelieved) {
  slapd_.start();
  auto server = settings("ldaps://localhost" + slapd_.tls_url().substr(17));
  server.ca_file = slapd_.ca_file();
  EXPECT_THAT(why_failed(server), HasSubstr("cannot be asked"));
}

TEST_F(Ldap, StartTlsAndLogIn) {
  slapd_.add_person(anna, {value(certificate())});
  slapd_.start();
  auto server = settings(slapd_.url());
  server.start_tls = true;
  server.ca_file = slapd_.ca_file();
  server.bind_dn = Slapd::administrator;
  server.password = slapd_.folder() / "password";
  write_file(*server.password, std::string(Slapd::password) + '\n');
  std::filesystem::permissions(*server.password, std::filesystem::perms::owner_read);
  EXPECT_THAT(ask(server).certificates, SizeIs(1));
}

TEST_F(Ldap, WrongPasswordIsTold) {
  slapd_.start();
  auto server = settings(slapd_.url());
  server.bind_dn = Slapd::administrator;
  server.password = slapd_.folder() / "password";
  write_file(*server.password, "falsch\n");
  std::filesystem::permissions(*server.password, std::filesystem::perms::owner_read);
  EXPECT_THAT(why_failed(server), HasSubstr("Invalid credentials"));
}

// --- servers that hang: each of these tests would never end

/// Accepts connections, does `behaviour` with each, and says no more.
class SilentServer {
 public:
  using Behaviour = std::function<void(Poco::Net::StreamSocket&)>;

  explicit SilentServer(Behaviour behaviour)
      : thread_([this, behaviour = std::move(behaviour)] {
          try {
            Poco::Net::StreamSocket client = listener_.acceptConnection();
            behaviour(client);
            std::array<char, 1024> ignored{};
            while (client.receiveBytes(ignored.data(), ignored.size()) > 0) {
            }
          } catch (const Poco::Exception&) {  // the client has hung up
          }
        }) {}
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() = default;

  [[nodiscard]] std::string place() const {
    return "127.0.0.1:" + std::to_string(listener_.address().port());
  }

 private:
  Poco::Net::ServerSocket listener_{Poco::Net::SocketAddress("127.0.0.1", 0)};
  std::jthread thread_;
};

constexpr auto brief = 300ms;

class HangingLdap : public Ldap {
 protected:
  [[nodiscard]] std::string why_given_up(const config::DirectoryServer& server) const {
    return why_failed(server, brief);
  }
};

TEST_F(HangingLdap, InTheTlsHandshake) {
  const SilentServer server([](auto&) {});
  EXPECT_THAT(why_given_up(settings("ldaps://" + server.place())),
              HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, InTheSearch) {
  const SilentServer server([](auto&) {});
  EXPECT_THAT(why_given_up(settings("ldap://" + server.place())),
              HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, BeforeStartTls) {
  const SilentServer server([](auto&) {});
  auto wanted = settings("ldap://" + server.place());
  wanted.start_tls = true;
  EXPECT_THAT(why_given_up(wanted), HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, InTheHandshakeAfterStartTls) {
  const SilentServer server([](Poco::Net::StreamSocket& client) {
    std::array<char, 1024> request{};
    client.receiveBytes(request.data(), request.size());
    // RFC 4511 §4.14.2: messageID 1, extendedResp, success
    const std::string go("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14);
    client.sendBytes(go.data(), static_cast<int>(go.size()));
  });
  auto wanted = settings("ldap://" + server.place());
  wanted.start_tls = true;
  EXPECT_THAT(why_given_up(wanted), HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, InTheMiddleOfAnAnswer) {
  const SilentServer server([](Poco::Net::StreamSocket& client) {
    std::array<char, 1024> request{};
    client.receiveBytes(request.data(), request.size());
    const std::string half("\x30\x82\x10\x00\x02\x01\x01\x64", 8);
    client.sendBytes(half.data(), static_cast<int>(half.size()));
  });
  EXPECT_THAT(why_given_up(settings("ldap://" + server.place())),
              HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, InTheLogIn) {
  const SilentServer server([](auto&) {});
  auto wanted = settings("ldap://" + server.place());
  wanted.bind_dn = Slapd::administrator;
  wanted.password = slapd_.folder() / "password";
  write_file(*wanted.password, "geheim\n");
  std::filesystem::permissions(*wanted.password, std::filesystem::perms::owner_read);
  EXPECT_THAT(why_given_up(wanted), HasSubstr("no complete answer within 300 ms"));
}

TEST_F(HangingLdap, GarbageInsteadOfLdap) {
  const SilentServer server([](Poco::Net::StreamSocket& client) {
    const std::string greeting = "220 mail.example ESMTP\r\n";
    client.sendBytes(greeting.data(), static_cast<int>(greeting.size()));
  });
  EXPECT_THAT(why_given_up(settings("ldap://" + server.place())), HasSubstr("cannot be asked"));
}

TEST_F(HangingLdap, AnAnswerThatClaimsToBeHuge) {
  const SilentServer server([](Poco::Net::StreamSocket& client) {
    std::array<char, 1024> request{};
    client.receiveBytes(request.data(), request.size());
    const std::string huge("\x30\x84\x40\x00\x00\x00\x02\x01\x01\x64", 10);
    client.sendBytes(huge.data(), static_cast<int>(huge.size()));
  });
  EXPECT_THAT(why_given_up(settings("ldap://" + server.place())), HasSubstr("cannot be asked"));
}

TEST_F(HangingLdap, NobodyListens) {
  EXPECT_THAT(why_failed(settings("ldap://127.0.0.1:" + std::to_string(free_port()))),
              HasSubstr("Can't contact LDAP server"));
}

}  // namespace
}  // namespace siegel::tests
