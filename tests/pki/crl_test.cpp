#include "pki/crl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

namespace siegel::tests {
namespace {

using pki::Crl;
using testing::HasSubstr;

Crl list(std::uint64_t number, Time this_update = noon) {
  return authority().revoke({}, number, this_update, this_update + 7 * day);
}

TEST(CrlTest, SaysWhoseAndWhen) {
  const Crl crl = list(0x1234);
  EXPECT_EQ(crl.issuer(), "CN=Behörden-CA 1,O=Freistaat,C=DE");
  EXPECT_EQ(crl.number(), "1234");
  EXPECT_EQ(crl.this_update(), noon);
  EXPECT_EQ(crl.next_update(), noon + 7 * day);
  EXPECT_FALSE(crl.is_delta());
}

TEST(CrlTest, NumberHasNoLeadingZeros) {
  EXPECT_EQ(list(0x0100).number(), "100");
  EXPECT_EQ(list(0x80).number(), "80");
  EXPECT_EQ(list(0).number(), "0");
}

TEST(CrlTest, ReadsDerAndPem) {
  const Crl crl = list(7);
  EXPECT_EQ(Crl::parse(crl.der())->der(), crl.der());
  const auto pem = to_pem(crl);
  ASSERT_TRUE(Crl::parse("a note before it\n" + pem));
  EXPECT_EQ(Crl::parse(pem)->der(), crl.der());
}

TEST(CrlTest, TakesNothingButExactlyOneList) {
  EXPECT_FALSE(Crl::parse(list(1).der() + "x"));
  EXPECT_FALSE(Crl::parse(""));
  EXPECT_FALSE(Crl::parse(root().certificate().der()));
  EXPECT_FALSE(Crl::parse(root().certificate().pem()));
  EXPECT_FALSE(Crl::parse("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"));
}

TEST(CrlTest, ReadsAllListsOfAFile) {
  const auto lists = pki::read_crls("root\n" + to_pem(list(1)) + "note\n" + to_pem(list(2)));
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists[0].number(), "1");
  EXPECT_EQ(lists[1].number(), "2");
  EXPECT_EQ(pki::read_crls(list(3).der()).size(), 1U);
  EXPECT_FALSE(Crl::parse(to_pem(list(1)) + to_pem(list(2)))) << "which of them?";
}

std::string trouble_with(const std::string& file) {
  try {
    static_cast<void>(pki::read_crls(file));
  } catch (const Error& error) {
    return error.said();
  }
  return "none";
}

TEST(CrlTest, AListThatCannotBeReadIsToldWithItsPlace) {
  const auto pem = to_pem(list(2));
  EXPECT_THAT(trouble_with(to_pem(list(1)) + pem.substr(0, pem.size() / 2)), HasSubstr("block 2"));
  EXPECT_THAT(trouble_with("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + pem),
              HasSubstr("block 1"));
  EXPECT_THAT(trouble_with(list(1).der() + list(2).der()), HasSubstr("behind the first"));
  EXPECT_THAT(trouble_with(root().certificate().pem()), HasSubstr("no revocation list"));
  EXPECT_THAT(trouble_with(""), HasSubstr("no revocation list"));
}

TEST(CrlTest, KnowsWhoSignedIt) {
  const Crl crl = list(1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(crl.is_signed_by(authority().certificate()));
    EXPECT_FALSE(crl.is_signed_by(root().certificate()));
  }
}

TEST(CrlTest, TakesNothingAbove50MiB) {
  EXPECT_FALSE(Crl::parse(std::string((50U << 20U) + 1, '0')));
}

// --- which of two lists counts

TEST(CrlOrderTest, R66_TheGreaterNumberSupersedes) {
  EXPECT_TRUE(list(2).supersedes(list(1)));
  EXPECT_FALSE(list(1).supersedes(list(2)));
  EXPECT_TRUE(list(0x100).supersedes(list(0xFF)));
}

TEST(CrlOrderTest, R66_AnOlderNumberWithANewerDateIsARollback) {
  EXPECT_FALSE(list(1, noon + day).supersedes(list(2, noon)));
}

TEST(CrlOrderTest, R66_WithEqualNumbersTheLaterDateSupersedes) {
  EXPECT_TRUE(list(5, noon + day).supersedes(list(5, noon)));
  EXPECT_FALSE(list(5, noon).supersedes(list(5, noon + day)));
  EXPECT_FALSE(list(5).supersedes(list(5)));
}

TEST(CrlOrderTest, R66_WithoutNumbersTheLaterDateSupersedes) {
  const Crl old_one = without_number(list(9, noon), authority().key());
  const Crl new_one = without_number(list(1, noon + day), authority().key());
  EXPECT_EQ(old_one.number(), "");
  EXPECT_TRUE(new_one.supersedes(old_one));
  EXPECT_FALSE(old_one.supersedes(new_one));
  EXPECT_TRUE(new_one.supersedes(list(99, noon)));
}

TEST(CrlOrderTest, R66_ListsOfOtherIssuersNeverSupersede) {
  EXPECT_FALSE(root().revoke({}, 9, noon + day, noon + 7 * day).supersedes(list(1)));
}

}  // namespace
}  // namespace siegel::tests
