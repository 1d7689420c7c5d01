#include <gmock/gmock.h>

#include "config/config.h"
#include "config/values.h"

namespace siegel::tests {
namespace {

using config::Form;
using config::Network;

bool contains(const std::string& network, const std::string& ip) {
  return Network{network}.contains(ip);
}

bool is_network(const std::string& text) {
  return Form<Network>::read(text, {}).has_value();
}

TEST(Network, Ipv4) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
}

TEST(Network, OneAddress) {
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1/32", "192.0.2.2"));
  EXPECT_TRUE(contains("::1", "0:0:0:0:0:0:0:1"));
}

TEST(Network, Ipv6) {
  EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
  EXPECT_TRUE(contains("fe80::/10", "fe80::1%eth0"));
}

TEST(Network, MappedAddressesAreIpv4) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:0a01:0203"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(contains("::ffff:10.0.0.0/104", "11.1.2.3"));
  EXPECT_FALSE(contains("::/0", "::ffff:10.1.2.3"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
}

TEST(Network, WhatIsNoAddressIsContainedNowhere) {
  for (const auto* ip : {"", "host", "10.0.0", "10.0.0.1 ", "10.0.0.256", "010.0.0.1", "1:2"})
    EXPECT_FALSE(contains("0.0.0.0/0", ip)) << ip;
  EXPECT_FALSE(contains("0.0.0.0/0", std::string("10.0.0.1\0x", 10)));
}

TEST(Network, BadNetworksAreRefused) {
  for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10/8",
                           "::/129", "stadt.example", "10.0.0.0/ 8", "::ffff:0:0/95"})
    EXPECT_FALSE(is_network(text)) << text;
}

TEST(Network, BitsBeyondThePrefixAreRefused) {
  EXPECT_FALSE(is_network("10.0.0.1/8"));
  EXPECT_FALSE(is_network("2001:db8::1/64"));
  EXPECT_TRUE(is_network("10.0.0.1/32"));
  EXPECT_TRUE(is_network("0.0.0.0/0"));
}

}  // namespace
}  // namespace siegel::tests
