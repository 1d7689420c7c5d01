// The server over real sockets: RFC 9110, RFC 9112, and clients that mean harm or are just slow.

#include <algorithm>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/portal/portal_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using portal::Request;
using portal::Response;
using testing::HasSubstr;
using testing::Not;

const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

class ServerTest : public PortalFixture {
 protected:
  ServerTest() {
    serve("GET", "/hello", saying("hello"));
    serve("POST", "/echo", [](Request& request) {
      const auto text = request.body.text(1000);
      return text ? Response::text(200, "text/plain", *text) : Response::empty(413);
    });
    serve("POST", "/ignore", saying("ignored"));
  }
  Heard post(const std::string& path, const std::string& rest) {
    return ask("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + rest);
  }
};

// --- requests and responses ----------------------------------------------------------------------

TEST_F(ServerTest, ARequestComesInAndAResponseGoesOut) {
  const Heard heard = get("/hello");
  EXPECT_THAT(heard.head, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(heard.body, "hello");
  EXPECT_EQ(heard.field("Date"), "Mon, 01 Jun 2026 12:00:00 GMT");
  EXPECT_EQ(heard.field("Server"), "");
}

TEST_F(ServerTest, EveryResponseCarriesTheSecurityFields) {
  for (const std::string path : {"/hello", "/nothing", "/health", "/..%2f"}) {
    const Heard heard = get(path);
    EXPECT_EQ(heard.field("Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
              "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    EXPECT_EQ(heard.field("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(heard.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(heard.field("Cache-Control"), "no-store");
    EXPECT_EQ(heard.field("X-Robots-Tag"), "noindex, nofollow");
    EXPECT_EQ(heard.field("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(heard.field("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_NE(heard.field("Permissions-Policy"), "");
    EXPECT_EQ(heard.field("Strict-Transport-Security"), "");
  }
}

TEST_F(ServerTest, AHandlerMaySayHowItIsCached) {
  serve("GET", "/asset", [](Request&) {
    Response response = Response::text(200, "text/css", "");
    response.fields.set("Cache-Control", "max-age=31536000, immutable");
    return response;
  });
  EXPECT_EQ(get("/asset").field("Cache-Control"), "max-age=31536000, immutable");
}

TEST_F(ServerTest, HstsIsForThoseWhoCameByHttpsThroughAProxy) {
  settings().proxies = {{"127.0.0.1"}};
  const Heard heard = ask("GET /hello HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n\r\n");
  EXPECT_EQ(heard.field("Strict-Transport-Security"), "max-age=63072000");
}

TEST_F(ServerTest, HeadHasTheFieldsAndNoBody) {
  serve("GET", "/stream",
        [](Request&) { return Response::stream(200, "text/plain", counting_stream(123456)); });
  auto peer = client();
  peer.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n" + get_hello);
  EXPECT_EQ(peer.hear_head().field("Content-Length"), "123456");
  EXPECT_EQ(peer.hear().body, "hello");
}

TEST_F(ServerTest, ConnectionsAreKeptAndPipelinedRequestsAnsweredInTheirOrder) {
  auto peer = client();
  peer.send("\r\n" + get_hello + "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
            get_hello);
  EXPECT_EQ(peer.hear().body, "hello");
  EXPECT_EQ(peer.hear().body, "abc");
  EXPECT_EQ(peer.hear().body, "hello");
}

TEST_F(ServerTest, ConnectionsEndWhenAsked) {
  auto peer = client();
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n" + get_hello);
  EXPECT_EQ(peer.hear().field("Connection"), "close");
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(ServerTest, Http10IsAnsweredAndClosed) {
  serve("GET", "/chunks", [](Request&) {
    return Response::stream(200, "text/plain", {counting_stream(10).next, std::nullopt});
  });
  const std::string all = client().send("GET /chunks HTTP/1.0\r\n\r\n").hear_all();
  EXPECT_THAT(all, testing::EndsWith("\r\n\r\n0123456789"));
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
}

// --- bodies --------------------------------------------------------------------------------------

TEST_F(ServerTest, BodiesComeWithLengthOrInChunks) {
  EXPECT_EQ(post("/echo", "Content-Length: 5\r\n\r\nabcde").body, "abcde");
  EXPECT_EQ(
      post("/echo", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x\r\ncde\r\n0\r\n\r\n").body,
      "abcde");
  EXPECT_EQ(post("/echo", "\r\n").body, "");
}

TEST_F(ServerTest, AChunkedBodyLeavesTheNextRequestAlone) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  peer.send("0\r\n\r\n" + get_hello);
  EXPECT_EQ(peer.hear().body, "a");
  EXPECT_EQ(peer.hear().body, "hello");
}

TEST_F(ServerTest, ExpectContinueHearsAGoAheadOnceTheHandlerReads) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.hear().status(), 100);
  EXPECT_EQ(peer.send("abc").hear().body, "abc");
}

TEST_F(ServerTest, ExpectContinueHearsTheRefusalInstead) {
  const Heard heard = post("/nothing", "Content-Length: 9999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(heard.status(), 404);
  EXPECT_EQ(post("/echo", "Expect: wonders\r\n\r\n").status(), 417);
}

TEST_F(ServerTest, ABodyNobodyReadsEndsTheConnection) {
  auto peer = client();
  peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 70\r\n\r\n" + get_hello +
            get_hello);
  const Heard heard = peer.hear();
  EXPECT_EQ(heard.body, "ignored");
  EXPECT_EQ(heard.field("Connection"), "close");
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(ServerTest, AResponseArrivesThoughTheClientStillSends) {
  auto peer = client();
  peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" +
            std::string(3000000, 'x'));
  EXPECT_EQ(peer.hear().body, "ignored");
}

// --- smuggling -----------------------------------------------------------------------------------

TEST_F(ServerTest, SmuggledRequestsAreNeverServed) {
  const std::string inner = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& fields :
       {std::string("Content-Length: 0\r\nContent-Length: 37\r\n"),
        std::string("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Content-Length: 0x0\r\n"), std::string("Content-Length : 0\r\n"),
        std::string("X: y\rContent-Length: 0\r\n"), std::string("X: y\nA: b\r\n"),
        std::string("Transfer-Encoding: chunked, identity\r\n")}) {
    auto peer = client();
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + inner);
    const Heard heard = peer.hear();
    EXPECT_TRUE(heard.status() == 400 || heard.status() == 501) << fields;
    EXPECT_EQ(heard.field("Connection"), "close") << fields;
    EXPECT_TRUE(peer.is_closed()) << fields;
  }
}

TEST_F(ServerTest, BrokenChunksEndTheConnection) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n" +
            get_hello);
  EXPECT_EQ(peer.hear().status(), 400);
  EXPECT_TRUE(peer.is_closed());
}

// --- errors --------------------------------------------------------------------------------------

class Errors : public ServerTest {
 protected:
  Heard thrown(const std::function<void()>& thrower) {
    serve("GET", "/throw/{secret}", [thrower](Request&) -> Response {
      thrower();
      return {};
    });
    return get("/throw/s3cret");
  }
};

TEST_F(Errors, OfThePeerAre400) {
  const Heard heard = thrown([] { throw Error(Fault::peer, "Please choose a file.", "why"); });
  EXPECT_EQ(heard.status(), 400);
  EXPECT_EQ(heard.body, "Please choose a file.\n");
}

TEST_F(Errors, OfTheWorldAre503AndLater) {
  const Heard heard = thrown([] { throw Error(Fault::world, "Please try later.", "disk full"); });
  EXPECT_EQ(heard.status(), 503);
  EXPECT_EQ(heard.field("Retry-After"), "30");
  EXPECT_THAT(heard.body, Not(HasSubstr("disk")));
}

TEST_F(Errors, OfOursAre500AndAnAlarm) {
  EXPECT_EQ(thrown([] { throw Error(Fault::ours, "Sorry.", "no table"); }).status(), 500);
  EXPECT_THAT(log_text(), HasSubstr("event=request_failed route=/throw/{secret}"));
}

TEST_F(Errors, OfAnyOtherKindSayNothingOfUs) {
  const Heard heard = thrown([] { throw std::runtime_error("SELECT * FROM secrets"); });
  EXPECT_EQ(heard.status(), 500);
  EXPECT_THAT(heard.body, Not(HasSubstr("SELECT")));
}

TEST_F(Errors, R46_SecretsOfPathsNeverReachTheLog) {
  thrown([] { throw Error(Fault::peer, "no"); });
  get("/other/s3cret");
  ask("GET /throw/s3cret HTTP/1.1\r\n\r\n");
  get("/throw/s3cret%00");
  server().stop(5s);
  EXPECT_THAT(log_text(), HasSubstr("route=/throw/{secret} status=400"));
  EXPECT_THAT(log_text(), Not(HasSubstr("s3cret")));
}

TEST_F(Errors, HaveThePageTheCallerMakes) {
  set_error_page([](const portal::Problem& problem, const Request& request) {
    if (request.path == "/worse") throw std::runtime_error("page");
    return Response::html(200, "<p>" + problem.said);
  });
  const Heard heard = get("/nothing");
  EXPECT_EQ(heard.status(), 404);
  EXPECT_EQ(heard.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/worse").status(), 404);
  EXPECT_THAT(ask("GET / HTTP/3\r\n\r\n").body, testing::StartsWith("<p>"));
}

TEST_F(Errors, WrongMethodsHearWhichAreAllowed) {
  const Heard heard = ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(heard.status(), 405);
  EXPECT_EQ(heard.field("Allow"), "GET, HEAD");
}

TEST_F(Errors, CVE_2026_2743_PathsThatClimbAreRefused) {
  for (const std::string path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                                 "/hello/..%2f..%2fetc/passwd", "/..%5c..%5cboot.ini"})
    EXPECT_EQ(get(path).status(), 400) << path;
}

// --- streams -------------------------------------------------------------------------------------

class Streams : public ServerTest {
 protected:
  Streams() {
    serve("GET", "/stream/{kind}", [this](Request& request) { return streamed(request); });
  }
  Response streamed(const Request& request) {
    const std::string& kind = request.parameter("kind");
    portal::Stream stream = counting_stream(1000000);
    if (kind == "chunks") stream.length.reset();
    if (kind == "short") stream.length = 1000001;
    if (kind == "long") stream.length = 999999;
    if (kind == "throws" || kind == "throws-in-chunks") {
      stream.next = [next = stream.next, left = 3]() mutable {
        if (left-- == 0) throw Error(Fault::world, "sealed wrongly");
        return next();
      };
      if (kind != "throws") stream.length.reset();
    }
    Response response = Response::stream(200, "text/plain", std::move(stream));
    response.then = [this](portal::Sent sent) { (sent == portal::Sent::whole ? whole_ : cut_)++; };
    return response;
  }
  std::atomic<int> whole_ = 0, cut_ = 0;
};

TEST_F(Streams, GoWithLengthOrInChunks) {
  EXPECT_EQ(get("/stream/plain").body.size(), 1000000U);
  const Heard chunked = get("/stream/chunks");
  EXPECT_EQ(chunked.body.size(), 1000000U);
  EXPECT_EQ(chunked.body.substr(999990), "0123456789");
  server().stop(5s);
  EXPECT_EQ(whole_, 2);
}

TEST_F(Streams, ThatFailAreCutSoThatNobodyTakesAPartForTheWhole) {
  for (const std::string kind : {"throws", "short", "long"}) {
    const Heard heard = get("/stream/" + kind);
    EXPECT_LT(heard.body.size(), std::stoul(heard.field("Content-Length"))) << kind;
  }
  EXPECT_THAT(get("/stream/throws-in-chunks").body, HasSubstr("(cut)"));
  server().stop(5s);
  EXPECT_EQ(cut_, 4);
  EXPECT_THAT(log_text(), HasSubstr("event=response_cut"));
}

TEST_F(Streams, OfClientsThatGoAwayEnd) {
  {
    auto peer = client();
    peer.send("GET /stream/plain HTTP/1.1\r\nHost: x\r\n\r\n").hear_head();
    peer.close();
  }
  server().stop(5s);
  EXPECT_EQ(whole_ + cut_, 1);
}

// --- clients that are slow, cut off or too many --------------------------------------------------

TEST_F(ServerTest, ABodyThatBreaksOffIsNoBody) {
  std::atomic<int> broken = 0;
  serve("POST", "/count", [&](Request& request) {
    std::array<char, 100> octets{};
    while (const auto got = request.body.try_read(octets)) {
      if (*got == 0) return Response::empty(204);
    }
    ++broken;
    return Response::empty(400);
  });
  {
    auto peer = client();
    peer.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    peer.close();
  }
  {
    auto peer = client();
    peer.send("POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc");
    peer.close();
  }
  while (broken < 2) std::this_thread::sleep_for(10ms);
}

TEST_F(ServerTest, SlowHeadsEnd) {
  patience().head = 200ms;
  auto peer = client();
  EXPECT_EQ(peer.send("GET /hello HTT").hear().status(), 408);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_TRUE(client().is_closed());
}

TEST_F(ServerTest, IdleConnectionsEnd) {
  patience().idle = 200ms;
  auto peer = client();
  EXPECT_EQ(peer.send(get_hello).hear().body, "hello");
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(ServerTest, AnUploadThatNeverEndsEnds) {
  patience().window = 300ms;
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
  std::atomic<bool> over = false;
  std::thread drip([&] {  // an octet now and then is no progress
    while (!over) {
      peer.send("x");
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_EQ(peer.hear().status(), 400);
  over = true;
  drip.join();
}

TEST_F(ServerTest, AReaderThatNeverReadsIsCut) {
  patience().window = 300ms;
  serve("GET", "/endless", [](Request&) {
    return Response::stream(200, "text/plain", counting_stream(std::uint64_t{1} << 40U));
  });
  auto peer = client();
  peer.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  while (limits().connections() != 1) std::this_thread::sleep_for(10ms);
  while (limits().connections() != 0) std::this_thread::sleep_for(10ms);
}

TEST_F(ServerTest, ManySlowReadersDoNotStopTheNextClient) {
  settings().limits.connections_per_client = 1000;
  serve("GET", "/endless", [](Request&) {
    return Response::stream(200, "text/plain", counting_stream(std::uint64_t{1} << 40U));
  });
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(client());
    slow.back().send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(ServerTest, TooManyConnectionsOfOneClientAreClosed) {
  settings().limits.connections_per_client = 1;
  auto first = client();
  EXPECT_EQ(first.send(get_hello).hear().body, "hello");
  EXPECT_EQ(get("/hello").status(), 0);
  EXPECT_EQ(first.send(get_hello).hear().body, "hello");
}

TEST_F(ServerTest, TooManyRequestsAre429ButHealthIsAlwaysSaid) {
  settings().limits.requests_per_minute = 2;
  EXPECT_EQ(get("/hello").status(), 200);
  EXPECT_EQ(get("/hello").status(), 200);
  const Heard refused = get("/hello");
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.field("Retry-After"), "30");
  EXPECT_EQ(get("/health").body, "ok\n");
  clock().advance(30s);
  EXPECT_EQ(get("/hello").status(), 200);
}

TEST_F(ServerTest, HealthIsSaidAndNotLogged) {
  std::atomic<bool> well = true;
  set_health([&] { return well.load(); });
  EXPECT_EQ(get("/health").status(), 200);
  well = false;
  EXPECT_EQ(get("/health").status(), 503);
  server().stop(5s);
  EXPECT_THAT(log_text(), Not(HasSubstr("event=request ")));
}

// --- stopping ------------------------------------------------------------------------------------

TEST_F(ServerTest, StopLetsRequestsFinishAndIdleOnesGo) {
  std::atomic<bool> inside = false, may_go_on = false;
  serve("GET", "/slow", [&](Request&) {
    inside = true;
    while (!may_go_on) std::this_thread::sleep_for(5ms);
    return Response::stream(200, "text/plain", counting_stream(1000000));
  });
  auto idle = client();
  EXPECT_EQ(idle.send(get_hello).hear().body, "hello");
  auto busy = client();
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!inside) std::this_thread::sleep_for(5ms);
  std::thread stopper([&] { server().stop(10s); });
  EXPECT_TRUE(idle.is_closed());
  may_go_on = true;
  const Heard heard = busy.hear();
  EXPECT_EQ(heard.body.size(), 1000000U);
  EXPECT_EQ(heard.field("Connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, StopWaitsForNobodyWhoDoesNotListen) {
  serve("GET", "/endless", [](Request&) {
    return Response::stream(200, "text/plain", counting_stream(std::uint64_t{1} << 40U));
  });
  auto peer = client();
  peer.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").hear_head();
  server().stop(0s);
  EXPECT_EQ(limits().connections(), 0U);
}

TEST_F(ServerTest, ListensOnAllAddresses) {
  settings().listen = {{"127.0.0.1", 0}, {"127.0.0.1", 0}};
  EXPECT_EQ(RawClient(server().port(0)).send(get_hello).hear().body, "hello");
  EXPECT_EQ(RawClient(server().port(1)).send(get_hello).hear().body, "hello");
}

}  // namespace
}  // namespace siegel::tests
