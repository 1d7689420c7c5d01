#include "pki/lists.h"

#include <array>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include "base/release.h"
#include "pki/fetch.h"
#include "tests/pki/forge.h"
#include "tests/pki/list_server.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Lists : public StoreTest {
 protected:
  pki::ListRound refresh() { return pki::refresh_lists(*config_, store_, clock_, log_); }
  void configure_sources(const std::vector<std::string>& sources) {
    configure([&](auto& config) { config.revocation.lists = sources; });
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }
  [[nodiscard]] std::string fetch_error(const std::string& source,
                                        const pki::FetchLimits& limits = {}) const {
    const auto problem = error_of([&] { (void)pki::fetch_list(source, limits); });
    return problem ? problem->said() : "none";
  }

  [[nodiscard]] static std::string pem(const pki::Crl& crl) {
    const auto bio = pki::growing_bio();
    pki::checked(PEM_write_bio_X509_CRL(bio.get(), crl.x509_crl()), "PEM_write_bio_X509_CRL");
    return pki::octets_of(bio);
  }

  ListServer server_;
  Log log_ = Log::to_file((folder_ / "log").string());
};

// --- what is not kept

TEST_F(Lists, R66_AListThatAnybodyCanForgeDisplacesNothing) {
  const Pair pair = issue({.address = anna});
  const auto forgeable = resigned(list(authority_, {}, 80), authority_.key(), Digest::sha1);
  EXPECT_EQ(store_.keep_crl(forgeable, "test"), pki::KeyStore::CrlTaken::unusable);
  EXPECT_EQ(store_.trust()->validate(pair.certificate, {}, pki::Purpose::sign, clock_.now()).status,
            pki::PathStatus::trusted);
  EXPECT_EQ(store_.keep_crl(list(authority_, {pair.certificate}, 71), "test"),
            pki::KeyStore::CrlTaken::newer);
  server_.serve("/a.crl", forgeable.der());
  configure_sources({server_.url("/a.crl")});
  EXPECT_EQ(refresh().failed, 1U);
  EXPECT_THAT(log(), HasSubstr("cannot be relied on"));
}

TEST_F(Lists, R64_WithAWrongClockNothingIsFetched) {
  std::atomic<int> requests = 0;
  server_.serve("/a.crl", [&](auto&, auto& response) {
    ++requests;
    response.send();
  });
  configure_sources({server_.url("/a.crl")});
  const Time now = clock_.now();
  clock_.set(release_time() - 1s);
  EXPECT_EQ(refresh().failed, 0U);
  EXPECT_EQ(requests, 0);
  clock_.set(now);
  EXPECT_EQ(refresh().failed, 1U);
  EXPECT_EQ(requests, 1);
}

// --- fetching

TEST_F(Lists, FetchesByHttp) {
  server_.serve("/a.crl", "octets");
  EXPECT_EQ(pki::fetch_list(server_.url("/a.crl")), "octets");
}

TEST_F(Lists, FetchesWithAQueryAndNamesTheHost) {
  server_.serve("/a?ca=1&b=%20", [](auto& request, auto& response) {
    const std::string host = request.getHost();
    response.sendBuffer(host.data(), host.size());
  });
  EXPECT_THAT(pki::fetch_list(server_.url("/a?ca=1&b=%20")), HasSubstr("127.0.0.1:"));
}

TEST_F(Lists, FetchesChunkedAnswers) {
  server_.serve("/a.crl", [](auto&, auto& response) {
    response.setChunkedTransferEncoding(true);
    response.send() << std::string(200'000, 'x');
  });
  EXPECT_EQ(pki::fetch_list(server_.url("/a.crl")).size(), 200'000U);
}

TEST_F(Lists, FetchesFromAFile) {
  write_file(folder_ / "a.crl", "octets");
  EXPECT_EQ(pki::fetch_list((folder_ / "a.crl").string()), "octets");
}

TEST_F(Lists, MissingFileIsToldWithItsName) {
  EXPECT_THAT(fetch_error((folder_ / "none.crl").string()), HasSubstr("none.crl"));
  EXPECT_THAT(fetch_error(folder_.path().string()), HasSubstr("no such file"));
}

TEST_F(Lists, RefusalOfTheServerIsTold) {
  EXPECT_THAT(fetch_error(server_.url("/none.crl")), HasSubstr("answers 404"));
}

TEST_F(Lists, ClosedPortIsTold) {
  const net::ServerSocket closed(net::SocketAddress("127.0.0.1", 0));
  const auto url = "http://127.0.0.1:" + std::to_string(closed.address().port()) + "/";
  net::ServerSocket(closed).close();
  EXPECT_THAT(fetch_error(url), HasSubstr("cannot be fetched"));
}

TEST_F(Lists, TooLargeListIsRefused) {
  server_.serve("/big.crl", std::string(5000, 'x'));
  server_.serve("/endless.crl", [](auto&, auto& response) {
    response.setChunkedTransferEncoding(true);
    response.send() << std::string(200'000, 'x');
  });
  write_file(folder_ / "big.crl", std::string(5000, 'x'));
  const pki::FetchLimits small{.octets = 4096};
  EXPECT_THAT(fetch_error(server_.url("/big.crl"), small), HasSubstr("larger than 4096"));
  EXPECT_THAT(fetch_error(server_.url("/endless.crl"), small), HasSubstr("larger than 4096"));
  EXPECT_THAT(fetch_error((folder_ / "big.crl").string(), small), HasSubstr("larger than 4096"));
}

TEST_F(Lists, DrippingServerIsLeftAtTheDeadline) {
  server_.serve("/slow.crl", [](auto&, auto& response) {
    response.setContentLength(1000);
    auto& out = response.send();
    for (int i = 0; i < 1000 && out; ++i) {
      out << 'x' << std::flush;
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_THAT(fetch_error(server_.url("/slow.crl"), {.time = 300ms}), HasSubstr("within 300 ms"));
}

TEST_F(Lists, CutAnswerIsNoList) {
  const net::ServerSocket socket(net::SocketAddress("127.0.0.1", 0));
  const std::jthread server([listener = socket]() mutable {
    auto peer = listener.acceptConnection();
    std::array<char, 1024> request{};
    peer.receiveBytes(request.data(), static_cast<int>(request.size()));
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort";
    peer.sendBytes(answer.data(), static_cast<int>(answer.size()));
  });
  EXPECT_THAT(
      fetch_error("http://127.0.0.1:" + std::to_string(socket.address().port()) + "/cut.crl"),
      HasSubstr("before the answer was complete"));
}

TEST_F(Lists, R60_RedirectionOnTheSameHostIsFollowed) {
  server_.redirect("/old.crl", "/new.crl");
  server_.redirect("/older.crl", server_.url("/old.crl"));
  server_.serve("/new.crl", "octets");
  EXPECT_EQ(pki::fetch_list(server_.url("/older.crl")), "octets");
}

TEST_F(Lists, R60_RedirectionToAnotherHostIsRefused) {
  server_.redirect("/a.crl", "http://127.0.0.2/b.crl");
  server_.redirect("/b.crl", "//127.0.0.2/b.crl");
  server_.redirect("/c.crl", "file:///etc/passwd");
  EXPECT_THAT(fetch_error(server_.url("/a.crl")), HasSubstr("another host, 127.0.0.2"));
  EXPECT_THAT(fetch_error(server_.url("/b.crl")), Not("none"));
  EXPECT_THAT(fetch_error(server_.url("/c.crl")), HasSubstr("not used"));
}

TEST_F(Lists, R60_RedirectionToAnotherPortIsRefused) {
  server_.redirect("/a.crl", "http://127.0.0.1:1/b.crl");
  EXPECT_THAT(fetch_error(server_.url("/a.crl")), HasSubstr("another host"));
}

TEST_F(Lists, R60_EndlessRedirectionEnds) {
  server_.redirect("/a.crl", "/a.crl");
  EXPECT_THAT(fetch_error(server_.url("/a.crl")), HasSubstr("too often"));
}

TEST_F(Lists, R60_OnlyPlainHttpIsFetched) {
  for (const char* source : {"https://ca.example/a.crl", "ftp://ca.example/a.crl",
                             "file:///etc/passwd", "gopher://ca.example/"}) {
    const auto problem = error_of([&] { (void)pki::fetch_list(source); });
    ASSERT_TRUE(problem) << source;
    EXPECT_EQ(problem->fault(), Fault::ours) << source;
    EXPECT_THAT(problem->said(), HasSubstr("revocation.lists")) << source;
  }
}

TEST_F(Lists, UrlIsTakenApart) {
  EXPECT_EQ(pki::parse_list_url("http://CA.example/a/b.crl?x=1#part"),
            (pki::ListLocation{"ca.example", 80, "/a/b.crl?x=1"}));
  EXPECT_EQ(pki::parse_list_url("http://ca.example:8080"),
            (pki::ListLocation{"ca.example", 8080, "/"}));
}

TEST_F(Lists, HostileUrlIsRefused) {
  for (const std::string url :
       {"http://", "http:///a", "http://user:secret@ca.example/", "http://ca.example/a b",
        "http://ca.example/a\r\nX: y", "http://ca.example\\@evil.example/", "http://ca.example:x/",
        "http://ca.example:99999/", "http://[::1/", "http://ca.\xC3\xA4.example/"}) {
    EXPECT_TRUE(error_of([&] { (void)pki::parse_list_url(url); })) << url;
  }
}

// --- the housekeeping task

TEST_F(Lists, NewerListReplacesTheOlder) {
  const Pair pair = issue({});
  server_.serve("/a.crl", list(authority_, {pair.certificate}, 7).der());
  configure_sources({server_.url("/a.crl")});
  const auto round = refresh();
  EXPECT_EQ(round.newer, 1U);
  EXPECT_EQ(round.failed, 0U);
  EXPECT_THAT(log(), HasSubstr("event=list-taken"));
  install(pair);
  EXPECT_EQ(signer(), "none");
}

TEST_F(Lists, R66_RollbackIsRefusedAndAnAlarm) {
  server_.serve("/a.crl", list(authority_, {}, 7).der());
  configure_sources({server_.url("/a.crl")});
  refresh();
  server_.serve("/a.crl", list(authority_, {}, 6).der());
  clock_.advance(2h);
  const auto round = refresh();
  EXPECT_EQ(round.newer, 0U);
  EXPECT_EQ(round.failed, 1U);
  EXPECT_THAT(log(), HasSubstr("event=list-refused"));
  EXPECT_THAT(log(), HasSubstr("older than the one we have"));
}

TEST_F(Lists, ListOfAnUnknownAuthorityIsRefusedAndAnAlarm) {
  server_.serve("/a.crl", list(new_authority("Fremde CA"), {}, 7).der());
  configure_sources({server_.url("/a.crl")});
  EXPECT_EQ(refresh().failed, 1U);
  EXPECT_THAT(log(), HasSubstr("signed by nobody we know"));
  EXPECT_EQ(store_.trust()->material().crls.size(), 1U);
}

TEST_F(Lists, OneBrokenSourceDoesNotStopTheOthers) {
  server_.serve("/page.html", "<html>maintenance</html>");
  server_.serve("/good.crl", list(authority_, {}, 7).der());
  configure_sources({(folder_ / "none.crl").string(), server_.url("/page.html"),
                     "https://ca.example/a.crl", server_.url("/good.crl")});
  const auto round = refresh();
  EXPECT_EQ(round.failed, 3U);
  EXPECT_EQ(round.newer, 1U);
  EXPECT_THAT(store_.list_state(server_.url("/page.html"))->trouble,
              HasSubstr("no revocation list"));
  EXPECT_EQ(store_.list_state(server_.url("/good.crl"))->trouble, "");
}

TEST_F(Lists, PemBundleHoldsSeveralLists) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  write_file(folder_ / "all.pem", pem(list(authority_, {}, 7)) + pem(list(other, {}, 7)));
  configure_sources({(folder_ / "all.pem").string()});
  EXPECT_EQ(refresh().newer, 2U);
}

TEST_F(Lists, SourceIsAskedAgainWhenItIsDue) {
  server_.serve("/a.crl", list(authority_, {}, 7).der());
  configure_sources({server_.url("/a.crl")});
  EXPECT_EQ(refresh().fetched, 1U);
  clock_.advance(59min);
  EXPECT_EQ(refresh().fetched, 0U);
  clock_.advance(1min);
  EXPECT_EQ(refresh().fetched, 1U);
}

TEST_F(Lists, BrokenSourceIsAskedAgainSoon) {
  configure_sources({server_.url("/a.crl")});
  EXPECT_EQ(refresh().failed, 1U);
  clock_.advance(1min);
  EXPECT_EQ(refresh().failed, 0U);
  server_.serve("/a.crl", list(authority_, {}, 7).der());
  clock_.advance(4min);
  EXPECT_EQ(refresh().newer, 1U);
}

TEST_F(Lists, AFileIsReadAgainAsSoonAsItHasChanged) {
  clock_.set(SystemClock().now() - 10min);  // files live in real time
  const auto file = folder_ / "a.crl";
  configure_sources({file.string()});
  EXPECT_EQ(refresh().failed, 1U) << "not there yet";
  write_file(file, list(authority_, {}, 7).der());
  EXPECT_EQ(refresh().newer, 1U);
  write_file(file, list(authority_, {}, 8).der());
  EXPECT_EQ(refresh().newer, 1U);
}

TEST_F(Lists, AFileThatHasNotChangedIsReadAgainWhenItIsDue) {
  clock_.set(SystemClock().now() + 10min);
  write_file(folder_ / "a.crl", list(authority_, {}, 7).der());
  configure_sources({(folder_ / "a.crl").string()});
  EXPECT_EQ(refresh().fetched, 1U);
  clock_.advance(1min);
  EXPECT_EQ(refresh().fetched, 0U);
  clock_.advance(1h);
  EXPECT_EQ(refresh().fetched, 1U);
}

TEST_F(Lists, WhenAListWasLastFetchedSurvivesARestart) {
  server_.serve("/a.crl", list(authority_, {}, 7).der());
  configure_sources({server_.url("/a.crl")});
  refresh();
  pki::KeyStore restarted(database_, seal(), config_, clock_);
  EXPECT_EQ(pki::refresh_lists(*config_, restarted, clock_, log_).fetched, 0U);
  EXPECT_EQ(restarted.list_state(server_.url("/a.crl"))->fetched, clock_.now());
}

}  // namespace
}  // namespace siegel::tests
