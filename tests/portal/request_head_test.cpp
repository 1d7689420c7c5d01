// Request heads: RFC 9112, and what request smuggling and path traversal try with them.

#include "gateway/portal/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/portal/target.h"

namespace siegel::tests {
namespace {

using portal::Problem;
using portal::RequestHead;

// 0 if the head is good.
int status_of(const std::string& head) {
  const auto parsed = portal::parse_request_head(head);
  const auto* const problem = std::get_if<Problem>(&parsed);
  return problem == nullptr ? 0 : problem->status;
}

int status_with(const std::string& fields) {
  return status_of("POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
}

RequestHead good(const std::string& head) {
  return std::get<RequestHead>(portal::parse_request_head(head));
}

TEST(RequestHead, IsTakenApart) {
  const auto head = good(
      "POST /a%20b/%C3%A4?x=1+2&y HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\ncookie: b=2\r\n"
      "Accept:  de ,en\t\r\nContent-Length: 12\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/a b/\u00E4");
  EXPECT_EQ(head.query.get("x"), "1 2");
  EXPECT_EQ(head.query.get("y"), "");
  EXPECT_EQ(head.fields.get("COOKIE"), "a=1; b=2");
  EXPECT_EQ(head.fields.get("accept"), "de ,en");
  EXPECT_EQ(head.framing.length, 12U);
}

TEST(RequestHead, AbsoluteFormIsUnderstood) {
  EXPECT_EQ(good("GET http://h:1/a?b=c HTTP/1.1\r\nHost: x\r\n\r\n").path, "/a");
  EXPECT_EQ(good("GET https://h HTTP/1.1\r\nHost: x\r\n\r\n").path, "/");
}

TEST(RequestHead, VersionsAreKnown) {
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.7\r\nHost: x\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.10\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / http/1.1\r\nHost: x\r\n\r\n"), 400);
}

TEST(RequestHead, NeedsOneHost) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_with("Host: y\r\n"), 400);
}

TEST(RequestHead, LimitsHold) {
  const std::string target(9000, 'a');
  EXPECT_EQ(status_of("GET /" + target + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  EXPECT_EQ(status_with("X: " + std::string(20000, 'a') + "\r\n"), 431);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  EXPECT_EQ(status_with(many), 431);
}

TEST(RequestHead, SmugglingByTwoLengthsIsRefused) {
  EXPECT_EQ(status_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(status_with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
  EXPECT_EQ(status_with("Content-Length: 5, 5\r\n"), 400);
  EXPECT_EQ(status_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400);
}

TEST(RequestHead, SmugglingByOddLengthsIsRefused) {
  for (const char* const length :
       {"", "+5", "-1", "0x5", "5 5", "5;", "\"5\"", "5.0", "1e3", "99999999999999999999", "\v5"})
    EXPECT_EQ(status_with(std::string("Content-Length: ") + length + "\r\n"), 400) << length;
}

TEST(RequestHead, SmugglingByOddCodingsIsRefused) {
  EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\n"), 0);
  EXPECT_EQ(status_with("Transfer-Encoding: gzip, chunked\r\n"), 501);
  EXPECT_EQ(status_with("Transfer-Encoding: xchunked\r\n"), 501);
  EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501);
  EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 501);
  EXPECT_EQ(status_with("Transfer-Encoding:\r\n"), 501);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestHead, SmugglingByOddLinesIsRefused) {
  EXPECT_EQ(status_with("Content-Length : 5\r\n"), 400);
  EXPECT_EQ(status_with(" Content-Length: 5\r\n"), 400);
  EXPECT_EQ(status_with("X: a\r\n Content-Length: 5\r\n"), 400);  // folded
  EXPECT_EQ(status_with("X: a\rContent-Length: 5\r\n"), 400);     // a lone CR
  EXPECT_EQ(status_with("X: a\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(status_with(std::string("X: a\0b\r\n", 8)), 400);
  EXPECT_EQ(status_with("nothing\r\n"), 400);
  EXPECT_EQ(status_with(": x\r\n"), 400);
  EXPECT_EQ(status_of(" GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of("G(T / HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

TEST(RequestHead, EndIsFound) {
  using Kind = portal::HeadEnd::Kind;
  EXPECT_EQ(portal::find_head_end("a\r\n\r\nrest").position, 5U);
  EXPECT_EQ(portal::find_head_end("a\r\n\r").kind, Kind::not_yet);
  EXPECT_EQ(portal::find_head_end("a\n\n").kind, Kind::bare_lf);
  EXPECT_EQ(portal::find_head_end("a\r\n\nb").kind, Kind::bare_lf);
}

// CVE-2026-2743: path traversal in an upload; CVE-2026-44127: file read and delete by a path.
TEST(Target, CVE_2026_2743_PathsThatClimbAreRefused) {
  for (const char* const path :
       {"/..", "/../etc/passwd", "/a/../b", "/a/..", "/%2e%2e/x", "/%2E./x", "/.%2e", "/./x",
        "/a%2f..%2fb", "/a%2Fb", "/..%5c..%5cx", "/a%5Cb", "/a\\b"})
    EXPECT_FALSE(portal::parse_target(path)) << path;
}

TEST(Target, CVE_2026_44127_OctetsThatPathsMustNotHoldAreRefused) {
  for (const char* const path : {"/%00", "/a%00.txt", "/%0d%0aX:y", "/%ff", "/%c0%ae%c0%ae", "/%",
                                 "/%4", "/%zz", "/a%7f", "/a#b", "a", "", "*", "//%2e%2e"})
    EXPECT_FALSE(portal::parse_target(path)) << path;
}

TEST(Target, PathsAreDecodedOnce) {
  EXPECT_EQ(portal::parse_target("/%252e%252e")->path, "/%2e%2e");
  EXPECT_EQ(portal::parse_target("/...")->path, "/...");
  EXPECT_EQ(portal::parse_target("/a+b")->path, "/a+b");
  EXPECT_EQ(portal::parse_target("/a//b/")->path, "/a//b/");
}

}  // namespace
}  // namespace siegel::tests
