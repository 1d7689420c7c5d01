// Who a client is, how much it may ask, and where its requests go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/portal/client.h"
#include "gateway/portal/client_limits.h"
#include "gateway/portal/router.h"
#include "tests/support/manual_clock.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;

// --- proxies -------------------------------------------------------------------------------------

portal::Client seen(const std::string& peer, const std::string& forwarded,
                    const std::string& protocol = "") {
  portal::Fields fields;
  if (!forwarded.empty()) fields.add("X-Forwarded-For", forwarded);
  if (!protocol.empty()) fields.add("X-Forwarded-Proto", protocol);
  return portal::client_behind({peer, false}, fields, {{"10.0.0.0/8"}, {"::1"}});
}

TEST(Forwarded, IsBelievedOfProxiesOnly) {
  EXPECT_EQ(seen("192.0.2.1", "198.51.100.1", "https").ip, "192.0.2.1");
  EXPECT_FALSE(seen("192.0.2.1", "198.51.100.1", "https").https);
  EXPECT_EQ(seen("10.0.0.1", "198.51.100.1", "https").ip, "198.51.100.1");
  EXPECT_TRUE(seen("10.0.0.1", "198.51.100.1", "https").https);
  EXPECT_EQ(seen("10.0.0.1", "").ip, "10.0.0.1");
}

TEST(Forwarded, TheRightMostThatIsNoProxyCounts) {
  EXPECT_EQ(seen("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2").ip, "198.51.100.1");
  EXPECT_EQ(seen("10.0.0.1", "10.0.0.3, 10.0.0.2").ip, "10.0.0.3");
}

TEST(Forwarded, WhatIsNoAddressEndsTheSearch) {
  EXPECT_EQ(seen("10.0.0.1", "1.2.3.4, evil, 10.0.0.2").ip, "10.0.0.2");
  EXPECT_EQ(seen("10.0.0.1", "unknown").ip, "10.0.0.1");
}

TEST(Forwarded, AllSpellingsAreUnderstood) {
  EXPECT_EQ(seen("::1", "198.51.100.1:4711").ip, "198.51.100.1");
  EXPECT_EQ(seen("::1", "[2001:DB8::1]:4711").ip, "2001:db8::1");
  EXPECT_EQ(seen("::1", "2001:db8:0::1").ip, "2001:db8::1");
  EXPECT_EQ(seen("::1", "::ffff:198.51.100.1").ip, "198.51.100.1");
  EXPECT_EQ(seen("::1", "[").ip, "::1");
}

TEST(Network, OfIpv6IsItsPrefix) {
  EXPECT_EQ(portal::network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(portal::network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
}

// --- rates ---------------------------------------------------------------------------------------

TEST(ClientLimits, ARateIsABurstAndThenAPace) {
  ManualClock clock;
  portal::ClientLimits limits(clock);
  const portal::Rate rate{3, 60s};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limits.take("requests", "192.0.2.1", rate));
  EXPECT_EQ(limits.take("requests", "192.0.2.1", rate), 20s);
  EXPECT_FALSE(limits.take("requests", "192.0.2.2", rate));
  EXPECT_FALSE(limits.take("sign-ins", "192.0.2.1", rate));
  clock.advance(20s);
  EXPECT_FALSE(limits.take("requests", "192.0.2.1", rate));
  EXPECT_TRUE(limits.take("requests", "192.0.2.1", rate));
}

TEST(ClientLimits, ClocksThatAreSetBackLockNobodyOut) {
  ManualClock clock;
  portal::ClientLimits limits(clock);
  EXPECT_FALSE(limits.take("x", "192.0.2.1", {1, 60s}));
  clock.advance(-24h);
  EXPECT_EQ(limits.take("x", "192.0.2.1", {1, 60s}), 60s);
  clock.advance(60s);
  EXPECT_FALSE(limits.take("x", "192.0.2.1", {1, 60s}));
}

TEST(ClientLimits, NoneMeansNone) {
  const ManualClock clock;
  portal::ClientLimits limits(clock);
  EXPECT_EQ(limits.take("x", "192.0.2.1", {0, 60s}), 60s);
}

TEST(ClientLimits, AFloodOfAddressesSharesOneEntry) {
  ManualClock clock;
  portal::ClientLimits limits(clock, 2);
  for (const char* const ip : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    EXPECT_FALSE(limits.take("x", ip, {1, 60s}));
  EXPECT_TRUE(limits.take("x", "192.0.2.4", {1, 60s}));
  clock.advance(61s);
  EXPECT_FALSE(limits.take("x", "192.0.2.4", {1, 60s}));
}

TEST(ClientLimits, ConnectionsAreCounted) {
  const ManualClock clock;
  portal::ClientLimits limits(clock);
  EXPECT_TRUE(limits.enter("2001:db8::1", 2, 3));
  EXPECT_TRUE(limits.enter("2001:db8::2", 2, 3));
  EXPECT_FALSE(limits.enter("2001:db8::3", 2, 3));
  EXPECT_TRUE(limits.enter("192.0.2.1", 2, 3));
  EXPECT_FALSE(limits.enter("192.0.2.2", 2, 3));
  limits.leave("2001:db8::2");
  EXPECT_TRUE(limits.enter("2001:db8::3", 2, 3));
  EXPECT_EQ(limits.connections(), 3U);
}

// --- routes --------------------------------------------------------------------------------------

portal::Router some_routes() {
  const auto handler = [](portal::Request&) { return portal::Response{}; };
  portal::Router router;
  router.add("GET", "/", handler);
  router.add("GET", "/uploads/{secret}", handler);
  router.add("HEAD", "/uploads/{secret}", handler);
  router.add("PATCH", "/uploads/{secret}", handler);
  router.add("GET", "/uploads/new", handler);
  return router;
}

// The pattern that matched, or "404", or what is allowed.
std::string routed(const std::string& method, const std::string& path,
                   portal::Request* request = nullptr) {
  portal::Request own;
  portal::Request& asked = request == nullptr ? own : *request;
  asked.method = method;
  asked.path = path;
  const portal::Router router = some_routes();
  const auto found = router.find(asked);
  if (const auto* const wrong = std::get_if<portal::Router::WrongMethod>(&found))
    return wrong->allow;
  return std::holds_alternative<portal::Router::Nowhere>(found) ? "404" : asked.route;
}

TEST(Router, FindsByMethodAndPath) {
  portal::Request request;
  EXPECT_EQ(routed("GET", "/"), "/");
  EXPECT_EQ(routed("PATCH", "/uploads/abc", &request), "/uploads/{secret}");
  EXPECT_EQ(request.parameter("secret"), "abc");
  EXPECT_EQ(routed("HEAD", "/"), "/");
}

TEST(Router, NobodyIsAtHome) {
  for (const char* const path : {"/uploads", "/uploads/", "/uploads/a/b", "/other", "//"})
    EXPECT_EQ(routed("GET", path), "404") << path;
}

TEST(Router, WrongMethodsHearWhichAreRight) {
  EXPECT_EQ(routed("DELETE", "/uploads/abc"), "GET, HEAD, PATCH");
  EXPECT_EQ(routed("get", "/"), "GET, HEAD");
}

}  // namespace
}  // namespace siegel::tests
