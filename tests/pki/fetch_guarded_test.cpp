#include "pki/fetch_guarded.h"

#include <atomic>
#include <thread>

#include <Poco/Net/NetworkInterface.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>

#include "config/values.h"
#include "pki/forbidden_addresses.h"
#include "tests/pki/list_server.h"
#include "tests/pki/store_fixture.h"

/// what stands in a certificate leads us to nobody but those whom the operator has listed.
namespace siegel::tests {
namespace {

using pki::GuardedFetch;
using ::testing::HasSubstr;

class Guarded : public ::testing::Test {
 protected:
  /// A fetch that may ask `hosts`, in a world where every name leads to `addresses`.
  [[nodiscard]] GuardedFetch allowing(const std::vector<std::string>& hosts,
                                      const std::vector<std::string>& addresses = {}) {
    std::vector<config::HostPattern> patterns;
    for (const auto& host : hosts)
      patterns.push_back(config::Form<config::HostPattern>::read(host, {}).value());
    return GuardedFetch(std::move(patterns), [this, addresses](const std::string&) {
      ++look_ups_;
      return addresses;
    });
  }
  [[nodiscard]] GuardedFetch allowing_server() { return allowing({authority()}); }
  [[nodiscard]] std::string authority() const { return "127.0.0.1:" + port(); }
  [[nodiscard]] std::string port() const { return server_.url("").substr(17); }

  [[nodiscard]] static std::string why(const GuardedFetch& fetch, const std::string& url,
                                       const pki::FetchLimits& limits = {.time = 5000ms}) {
    const auto problem = error_of([&] { (void)fetch.get(url, limits); });
    return problem ? problem->said() : "none";
  }

  ListServer server_;
  std::atomic<int> look_ups_ = 0;
};

/// Those of all interfaces: on most machines there are others than loopback among them.
std::vector<std::string> own_addresses() {
  std::vector<std::string> found;
  for (const auto& [index, interface] : net::NetworkInterface::map(false, true))
    for (const auto& address : interface.addressList())
      found.push_back(address.get<net::NetworkInterface::IP_ADDRESS>().toString());
  return found;
}

TEST_F(Guarded, AListedHostIsAsked) {
  server_.serve("/a.crl", "octets");
  EXPECT_EQ(allowing_server().get(server_.url("/a.crl")), "octets");
}

TEST_F(Guarded, ARequestIsPosted) {
  server_.serve("/ocsp", [](auto& request, auto& response) {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    const std::string said = request.getMethod() + ' ' + request.getContentType() + ' ' + body;
    response.sendBuffer(said.data(), said.size());
  });
  EXPECT_EQ(allowing_server().ask_responder(server_.url("/ocsp"), "asked"),
            "POST application/ocsp-request asked");
}

TEST_F(Guarded, R60_WithoutAListNobodyIsAsked) {
  server_.serve("/a.crl", "octets");
  EXPECT_THAT(why(allowing({}), server_.url("/a.crl")), HasSubstr("revocation.hosts"));
}

TEST_F(Guarded, R60_AnUnlistedHostIsNotEvenLookedUp) {
  const auto fetch = allowing({"ocsp.pki.example", "*.sub.example"});
  EXPECT_THAT(why(fetch, "http://evil.example/"), HasSubstr("not listed"));
  EXPECT_THAT(why(fetch, "http://ocsp.pki.example.evil.example/"), HasSubstr("not listed"));
  EXPECT_THAT(why(fetch, "http://sub.example/"), HasSubstr("not listed"));
  EXPECT_EQ(look_ups_, 0);
}

TEST_F(Guarded, R60_AnotherPortOfAListedHostIsNotAsked) {
  EXPECT_THAT(why(allowing({"ocsp.pki.example"}), "http://ocsp.pki.example:22/"),
              HasSubstr("not listed"));
  EXPECT_EQ(look_ups_, 0);
}

TEST_F(Guarded, R60_NoSchemeButHttp) {
  const auto fetch = allowing({"ocsp.pki.example", "127.0.0.1", "[::1]"});
  for (const char* url :
       {"file:///etc/passwd", "file://ocsp.pki.example/etc/passwd", "gopher://ocsp.pki.example/1",
        "https://ocsp.pki.example/", "ftp://ocsp.pki.example/", "ldap://ocsp.pki.example/",
        "/etc/passwd", "dict://ocsp.pki.example:80/", "http:ocsp.pki.example", ""}) {
    EXPECT_NE(fetch.why_not(url), "") << url;
    EXPECT_NE(why(fetch, url), "none") << url;
  }
  EXPECT_EQ(look_ups_, 0);
}

TEST_F(Guarded, R60_NoCredentials) {
  const auto fetch = allowing({"ocsp.pki.example"});
  EXPECT_THAT(why(fetch, "http://user:secret@ocsp.pki.example/"), HasSubstr("user name"));
  EXPECT_THAT(why(fetch, "http://ocsp.pki.example@evil.example/"), HasSubstr("user name"));
  for (const char* url : {"http://a@@ocsp.pki.example/", "http://a:b@@ocsp.pki.example/",
                          "http://@ocsp.pki.example/", "http://a@@ocsp.pki.example?x=/"})
    EXPECT_THAT(fetch.why_not(url), HasSubstr("user name")) << url;
  EXPECT_THAT(why(fetch, "http://evil.example\\@ocsp.pki.example/"), HasSubstr("blanks"));
}

TEST_F(Guarded, R60_LoopbackIsRefusedWhateverNameLeadsThere) {
  for (const char* address : {"127.0.0.1", "127.8.9.10", "::1", "0.0.0.0", "::"})
    EXPECT_THAT(why(allowing({"ocsp.pki.example"}, {address}), "http://ocsp.pki.example/"),
                HasSubstr("no authority can be"))
        << address;
}

TEST_F(Guarded, R60_LinkLocalMulticastAndReservedAddressesAreRefused) {
  for (const char* address : {"169.254.169.254", "224.0.0.1", "255.255.255.255", "240.0.0.1",
                              "fe80::1", "fe80::1%eth0", "ff02::1", "fec0::1"})
    EXPECT_THAT(why(allowing({"ocsp.pki.example"}, {address}), "http://ocsp.pki.example/"),
                HasSubstr("no authority can be"))
        << address;
}

TEST_F(Guarded, R60_AnIpv4AddressInsideAnIpv6AddressIsJudgedAsItself) {
  for (const char* address : {"::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1",
                              "2002:7f00:1::", "::ffff:169.254.169.254", "64:ff9b:1::7f00:1",
                              "::ffff:0:127.0.0.1", "2001:0:1:1:1:1:80ff:fffe"})
    EXPECT_THAT(why(allowing({"ocsp.pki.example"}, {address}), "http://ocsp.pki.example/"),
                HasSubstr("no authority can be"))
        << address;
}

TEST_F(Guarded, R60_OneForbiddenAddressSpoilsTheAnswer) {
  EXPECT_THAT(
      why(allowing({"ocsp.pki.example"}, {"10.1.2.3", "127.0.0.1"}), "http://ocsp.pki.example/"),
      HasSubstr("leads to 127.0.0.1"));
}

TEST_F(Guarded, R60_AnAddressThatTheListNamesItselfIsAllowed) {
  server_.serve("/a.crl", "octets");
  const auto fetch = allowing({"ocsp.pki.example:" + port(), authority()}, {"127.0.0.1"});
  EXPECT_EQ(fetch.get("http://ocsp.pki.example:" + port() + "/a.crl"), "octets");
  const auto other = allowing({"ocsp.pki.example:" + port(), "127.0.0.1:1"}, {"127.0.0.1"});
  EXPECT_THAT(why(other, "http://ocsp.pki.example:" + port() + "/a.crl"),
              HasSubstr("no authority can be"));
}

TEST_F(Guarded, R60_AnAddressInDisguiseIsRefused) {
  const auto fetch = allowing({"127.0.0.1", "[::1]"});
  for (const char* url :
       {"http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
        "http://127.1/", "http://127.0.0.1./", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/", "http://017700000001/", "http://1.2.3.4.5/"})
    EXPECT_THAT(fetch.why_not(url), HasSubstr("disguise")) << url;
  for (const char* url : {"http://[::1%25lo]/", "http://[0:0::1%lo]/", "http://%31%32%37.0.0.1/"})
    EXPECT_NE(why(fetch, url, {.time = 200ms}), "none") << url;
  EXPECT_EQ(look_ups_, 0);
}

TEST_F(Guarded, R60_APrivateAddressIsNotForbidden) {
  // Authority networks use them: the list says who is meant. Nobody is asked here.
  for (const char* address : {"10.255.255.1", "192.168.255.254", "fd00::1"})
    EXPECT_FALSE(pki::is_forbidden(config::IpAddress::parse(address).value())) << address;
}

TEST_F(Guarded, R60_TheAddressesOfThisMachineAreRefused) {
  const auto own = own_addresses();
  EXPECT_THAT(own, ::testing::Not(::testing::IsEmpty()));
  for (const std::string& address : own)
    EXPECT_THAT(why(allowing({"ocsp.pki.example"}, {address}), "http://ocsp.pki.example/"),
                HasSubstr("no authority can be"))
        << address;
}

TEST_F(Guarded, R60_TheNameIsLookedUpOnceAndTheConnectionGoesThere) {
  // DNS rebinding: the second look-up would lead elsewhere. The name resolves only here.
  server_.serve("/a.crl", [](auto& request, auto& response) {
    const std::string host = request.getHost();
    response.sendBuffer(host.data(), host.size());
  });
  const auto fetch = allowing({"rebinding.invalid:" + port(), authority()}, {"127.0.0.1"});
  EXPECT_EQ(fetch.get("http://rebinding.invalid:" + port() + "/a.crl"),
            "rebinding.invalid:" + port());
  EXPECT_EQ(look_ups_, 1);
}

TEST_F(Guarded, R60_ARedirectionOnTheSameHostGoesToTheSameAddress) {
  server_.redirect("/old.crl", "/new.crl");
  server_.serve("/new.crl", "octets");
  const auto fetch = allowing({"rebinding.invalid:" + port(), authority()}, {"127.0.0.1"});
  EXPECT_EQ(fetch.get("http://rebinding.invalid:" + port() + "/old.crl"), "octets");
  EXPECT_EQ(look_ups_, 1);
}

TEST_F(Guarded, R60_ARedirectionToAnotherHostIsRefusedThoughItIsListed) {
  server_.redirect("/a.crl", "http://crl.pki.example/a.crl");
  server_.redirect("/b.crl", "file:///etc/passwd");
  server_.redirect("/c.crl", "//127.0.0.2/");
  const auto fetch = allowing({authority(), "crl.pki.example"});
  EXPECT_THAT(why(fetch, server_.url("/a.crl")), HasSubstr("another host"));
  EXPECT_THAT(why(fetch, server_.url("/b.crl")), HasSubstr("not used"));
  EXPECT_NE(why(fetch, server_.url("/c.crl")), "none");
  EXPECT_EQ(look_ups_, 0);
}

TEST_F(Guarded, R60_ARequestIsNeverRedirected) {
  server_.redirect("/a", "/b");
  server_.serve("/b", "octets");
  const auto fetch = allowing_server();
  EXPECT_TRUE(error_of([&] { (void)fetch.ask_responder(server_.url("/a"), "x"); }));
}

TEST_F(Guarded, R60_AnAnswerThatNeverEndsIsCutOff) {
  server_.serve("/endless", [](auto&, auto& response) {
    response.setChunkedTransferEncoding(true);
    auto& out = response.send();
    const std::string piece(std::size_t{1} << 16U, 'x');
    while (out << piece) {
    }
  });
  const auto problem =
      error_of([&] { (void)allowing_server().ask_responder(server_.url("/endless"), "x"); });
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->said(), HasSubstr("larger than 1048576"));
}

TEST_F(Guarded, R60_AHeadThatNeverEndsIsCutOff) {
  const net::ServerSocket socket(net::SocketAddress("127.0.0.1", 0));
  const std::jthread server([listener = socket]() mutable {
    auto peer = listener.acceptConnection();
    try {
      const std::string field = "X-Field: value\r\n";
      peer.sendBytes("HTTP/1.1 200 OK\r\n", 17);
      while (peer.sendBytes(field.data(), static_cast<int>(field.size())) > 0) {
      }
    } catch (const Poco::Exception&) {  // the client has hung up
    }
  });
  const std::string host = "127.0.0.1:" + std::to_string(socket.address().port());
  EXPECT_THAT(why(allowing({host}), "http://" + host + "/"), HasSubstr("cannot be fetched"));
}

TEST_F(Guarded, R60_AServerThatHangsIsLeft) {
  const net::ServerSocket silent(net::SocketAddress("127.0.0.1", 0));  // accepts, never answers
  const std::string host = "127.0.0.1:" + std::to_string(silent.address().port());
  EXPECT_THAT(why(allowing({host}), "http://" + host + "/", {.time = 200ms}),
              HasSubstr("within 200 ms"));
}

TEST_F(Guarded, R60_ALookUpThatHangsIsLeft) {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  const GuardedFetch fetch({{"ocsp.pki.example", 80}}, [gate](const std::string&) {
    gate->wait(false);
    return std::vector<std::string>{};
  });
  EXPECT_THAT(why(fetch, "http://ocsp.pki.example/", {.time = 100ms}),
              HasSubstr("not looked up in time"));
  *gate = true;
  gate->notify_all();
}

TEST_F(Guarded, ASecondAddressIsTriedWhereTheFirstIsClosed) {
  server_.serve("/a.crl", "octets");
  const auto fetch = allowing({"pki.example:" + port(), authority(), "127.0.0.3:" + port()},
                              {"127.0.0.3", "127.0.0.1"});
  EXPECT_EQ(fetch.get("http://pki.example:" + port() + "/a.crl"), "octets");
}

TEST_F(Guarded, ASilentAddressCostsTheOthersNotTheirTime) {
  server_.serve("/a.crl", "octets");
  const net::ServerSocket silent(  // accepts, never answers
      net::SocketAddress("127.0.0.9", static_cast<std::uint16_t>(std::stoi(port()))));
  const auto fetch = allowing({"pki.example:" + port(), authority(), "127.0.0.9:" + port()},
                              {"127.0.0.9", "127.0.0.1"});
  EXPECT_EQ(fetch.get("http://pki.example:" + port() + "/a.crl", {.time = 2000ms}), "octets");
}

TEST_F(Guarded, TheSystemsResolverIsAskedByDefault) {
  server_.serve("/a.crl", "octets");
  const GuardedFetch fetch({{"localhost", static_cast<std::uint16_t>(std::stoi(port()))}});
  EXPECT_THAT(why(fetch, "http://localhost:" + port() + "/a.crl"),
              HasSubstr("no authority can be"));
}

}  // namespace
}  // namespace siegel::tests
