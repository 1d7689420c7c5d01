// A Web Key Directory behind a real HTTPS server.

#include "pki/discovery/wkd.h"

#include <gmock/gmock.h>

#include "tests/pki/discovery/servers.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::discovery::Finds;
using pki::discovery::WebKeys;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WebKeyLocation, S4_3_6_IsThatOfTheDraft) {
  // draft-koch-openpgp-webkey-service §3.1
  const Address joe = address("Joe.Doe@Example.ORG");
  EXPECT_EQ(pki::discovery::hashed_local_part(joe), "iy9q119eutrkn8s1mk4r39qejnbu3n5q");
  EXPECT_EQ(pki::discovery::advanced_location(joe).host, "openpgpkey.example.org");
  EXPECT_EQ(pki::discovery::advanced_location(joe).target,
            "/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe");
  EXPECT_EQ(pki::discovery::direct_location(joe).target,
            "/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe");
}

TEST(WebKeyLocation, LocalPartIsEscaped) {
  EXPECT_THAT(pki::discovery::direct_location(address("a+b&c@firma.example")).target,
              HasSubstr("?l=a%2bb%26c"));
}

constexpr auto sub_domain = "openpgpkey.firma.example";

class Wkd : public ::testing::Test {
 protected:
  [[nodiscard]] static config::WebKeyDirectory settings(const WebServer& server) {
    config::WebKeyDirectory wkd;
    wkd.enabled = true;
    wkd.ca_file = server.ca_file();
    return wkd;
  }
  /// Only `host` exists, and is `at`.
  [[nodiscard]] static WebKeys::Web web(const WebServer& server, const std::string& host,
                                        const std::string& at = "127.0.0.1") {
    WebKeys::Web web;
    web.port = server.port();
    web.permitted = {"127.0.0.1"};
    web.look_up = [host, at](const std::string& asked) -> std::vector<std::string> {
      if (asked != host) return {};
      return {at};
    };
    return web;
  }
  [[nodiscard]] static Finds ask(const WebServer& server, const std::string& host,
                                 const std::string& of = anna) {
    return WebKeys(settings(server), web(server, host)).ask(address(of), 20s);
  }
  [[nodiscard]] static std::string advanced_path(const std::string& of = anna) {
    const std::string target = pki::discovery::advanced_location(address(of)).target;
    return target.substr(0, target.find('?'));
  }
  [[nodiscard]] static std::string direct_path() {
    const std::string target = pki::discovery::direct_location(address(anna)).target;
    return target.substr(0, target.find('?'));
  }
  template <typename Ask>
  [[nodiscard]] static std::string why_failed(Ask ask) {
    const auto problem = error_of([&] { static_cast<void>(ask()); });
    return problem ? problem->said() : "it did not fail";
  }
};

TEST_F(Wkd, S4_3_6_KeyIsFoundByTheAdvancedMethod) {
  WebServer server(sub_domain);
  server.put(advanced_path(), "\x99key");
  EXPECT_THAT(ask(server, sub_domain).openpgp, ElementsAre("\x99key"));
}

TEST_F(Wkd, S4_3_6_WithoutTheSubDomainByTheDirectMethod) {
  WebServer server("firma.example");
  server.put(direct_path(), "\x99key");
  EXPECT_THAT(ask(server, "firma.example").openpgp, ElementsAre("\x99key"));
}

TEST_F(Wkd, DomainWithoutAWebServerHasNone) {
  const WebServer server(sub_domain);
  EXPECT_TRUE(ask(server, "andere.example").is_empty());
}

TEST_F(Wkd, WhoIsNotThereHasNone) {
  const WebServer server(sub_domain);
  EXPECT_TRUE(ask(server, sub_domain).is_empty());
}

TEST_F(Wkd, ServerOfAnotherNameIsNotBelieved) {
  WebServer server("andere.example");
  server.put(advanced_path(), "\x99key");
  EXPECT_THAT(why_failed([&] { return ask(server, sub_domain); }), HasSubstr("not believed"));
}

TEST_F(Wkd, ServerOfAnUnknownAuthorityIsNotBelieved) {
  const WebServer server(sub_domain);
  auto believing_the_system = settings(server);
  believing_the_system.ca_file.reset();
  const WebKeys keys(believing_the_system, web(server, sub_domain));
  EXPECT_THAT(why_failed([&] { return keys.ask(address(anna), 20s); }), HasSubstr("not believed"));
}

TEST_F(Wkd, R60_RedirectionIsNotFollowed) {
  const WebServer server(sub_domain);
  const Finds finds = ask(server, sub_domain, "umleitung@firma.example");
  EXPECT_TRUE(finds.is_empty());
  EXPECT_THAT(finds.trouble, HasSubstr("redirects"));
}

TEST_F(Wkd, R60_HugeAnswerIsRefused) {
  const WebServer server(sub_domain);
  EXPECT_THAT(why_failed([&] { return ask(server, sub_domain, "riese@firma.example"); }),
              HasSubstr("larger than 65536 octets"));
}

TEST_F(Wkd, R60_SilentServerIsGivenUp) {
  const WebServer server(sub_domain);
  const WebKeys keys(settings(server), web(server, sub_domain));
  EXPECT_THAT(why_failed([&] { return keys.ask(address("stumm@firma.example"), 500ms); }),
              HasSubstr("no complete answer within 500 ms"));
}

TEST_F(Wkd, R60_PrivateAndOwnAddressesAreNotAsked) {
  const WebServer server(sub_domain);
  for (const char* at : {"10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "fd00::1",
                         "127.0.0.2", "::1", "169.254.169.254", "::ffff:10.0.0.1"}) {
    const WebKeys keys(settings(server), web(server, sub_domain, at));
    EXPECT_THAT(why_failed([&] { return keys.ask(address(anna), 20s); }),
                HasSubstr("in no public network"))
        << at;
  }
}

TEST_F(Wkd, ProxyIsAskedToConnect) {
  WebServer server(sub_domain);
  server.put(advanced_path(), "\x99key");
  auto by_proxy = settings(server);
  by_proxy.proxy = config::SocketAddress{"127.0.0.1", server.proxy_port()};
  const WebKeys keys(by_proxy, web(server, "nobody.example"));
  EXPECT_THAT(keys.ask(address(anna), 20s).openpgp, ElementsAre("\x99key"));
  EXPECT_THAT(server.log(), HasSubstr("CONNECT openpgpkey.firma.example:"));
}

TEST_F(Wkd, OnlyConfiguredDomainsAreServed) {
  config::WebKeyDirectory wkd;
  wkd.enabled = true;
  wkd.domains = {"presse.example"};
  const WebKeys keys(wkd);
  EXPECT_TRUE(keys.serves(address("a@presse.example")));
  EXPECT_FALSE(keys.serves(address(anna)));
}

}  // namespace
}  // namespace siegel::tests
