#include <string>

#include <gtest/gtest.h>

#include "gateway/mail/fields.h"
#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

mail::Author author_of(const std::string& from) {
  return mail::author(message("From: " + from + "\nSubject: x\n\nx\n").top());
}

std::string address_of(const std::string& from) {
  const auto author = author_of(from);
  EXPECT_EQ(author.ambiguity.empty(), author.address.has_value()) << from;
  return author.address ? author.address->str() : "none";
}

TEST(Author, PlainFormsAreRead) {
  EXPECT_EQ(address_of("anna@stadt.example"), "anna@stadt.example");
  EXPECT_EQ(address_of("<anna@stadt.example>"), "anna@stadt.example");
  EXPECT_EQ(address_of("Anna <anna@Stadt.Example>"), "anna@stadt.example");
  EXPECT_EQ(address_of("\"Muster, Anna\" <anna@stadt.example>"), "anna@stadt.example");
  EXPECT_EQ(address_of("(Bauamt) Anna (x (y)) <anna@stadt.example> (z)"), "anna@stadt.example");
  EXPECT_EQ(address_of("\"anna\"@stadt.example"), "anna@stadt.example");
}

class UnclearAuthor : public testing::TestWithParam<const char*> {};

TEST_P(UnclearAuthor, R16_IsNobody) {
  EXPECT_EQ(address_of(GetParam()), "none");
}

INSTANTIATE_TEST_SUITE_P(
    Forms, UnclearAuthor,
    testing::Values("anna@stadt.example, eve@example.net", "anna@stadt.example,",
                    ",anna@stadt.example", "Amt: anna@stadt.example;", "Amt:;",
                    "anna@stadt.example eve@example.net", "anna@stadt.example <eve@example.net>",
                    "<anna@stadt.example> <eve@example.net>", "<anna@stadt.example> eve",
                    "<<anna@stadt.example>>", "<anna@stadt.example", "anna@stadt.example>",
                    "anna@stadt.example (eve@example.net)", "(eve@example.net) anna@stadt.example",
                    "anna@stadt.example (unfinished", "\"Anna <anna@stadt.example>",
                    "\"anna@stadt.example\"@example.net", "\"a b\"@example.net",
                    "anna@stadt.example@example.net", "@a.example,@b.example:eve@example.net",
                    "<@a.example,@b.example:eve@example.net>", "anna @stadt.example",
                    "anna@ stadt.example", "anna(x)@stadt.example", "anna@(x)stadt.example",
                    "anna@[192.0.2.1]", "anna@stadt..example", "anna", "Anna <>", "<@>", "", " ",
                    "=?utf-8?q?anna=40stadt.example?=", "=?utf-8?q?anna?=@stadt.example",
                    "<=?utf-8?q?anna=40stadt.example=3E?=@example.net>",
                    "anna%stadt.example@example.net", "example.net!anna@stadt.example",
                    "anna@stadt.example;eve@example.net", "a\\@b@stadt.example"));

TEST(Author, R16_ControlCharactersMakeItUnclear) {
  using namespace std::string_literals;
  EXPECT_EQ(address_of("anna@stadt.example\0"s), "none");
  EXPECT_EQ(address_of("anna@stadt.example\0@example.net"s), "none");
  EXPECT_EQ(address_of("anna@stadt.example\rFrom: eve@example.net"), "none");
  EXPECT_EQ(address_of("An\x1Bna <anna@stadt.example>"), "none");
}

TEST(Author, R16_TwoFieldsAreNobody) {
  const auto top = message("From: a@b.example\nX-Y: z\nfrom: c@d.example\n\n");
  EXPECT_FALSE(mail::author(top.top()).address);
  const auto spaced = message("From: a@b.example\nFrom : c@d.example\n\n");
  EXPECT_FALSE(mail::author(spaced.top()).address);
}

TEST(Author, R16_DisplayNameOfAnotherAddressIsFlagged) {
  EXPECT_TRUE(author_of("\"anna@stadt.example\" <eve@example.net>").display_spoof);
  EXPECT_TRUE(author_of("\"Anna (anna@stadt.example)\" <eve@example.net>").display_spoof);
  EXPECT_TRUE(author_of("=?utf-8?q?anna=40stadt=2Eexample?= <eve@example.net>").display_spoof);
  EXPECT_TRUE(author_of("\"=?utf-8?q?anna=40stadt=2Eexample?=\" <eve@example.net>").display_spoof);
  // FULLWIDTH COMMERCIAL AT; ZERO WIDTH SPACE around the sign.
  EXPECT_TRUE(author_of("\"anna\xEF\xBC\xA0stadt.example\" <eve@example.net>").display_spoof);
  EXPECT_TRUE(
      author_of("\"anna\xE2\x80\x8B@\xE2\x80\x8Bstadt.example\" <eve@example.net>").display_spoof);
}

TEST(Author, OwnAddressAsDisplayNameIsNoSpoof) {
  EXPECT_FALSE(author_of("\"Anna@stadt.example\" <anna@stadt.example>").display_spoof);
  EXPECT_FALSE(author_of("\"Anna @ home\" <anna@stadt.example>").display_spoof);
  EXPECT_FALSE(author_of("Anna <anna@stadt.example>").display_spoof);
}

TEST(Author, DisplayNamesAreDecoded) {
  EXPECT_EQ(author_of("=?utf-8?q?J=C3=BCrgen?= =?utf-8?q?_M=2E?= <j@stadt.example>").display_name,
            "J\xC3\xBCrgen M.");
  EXPECT_EQ(author_of("j@stadt.example (J. Muster)").display_name, "J. Muster");
}

TEST(Author, SenderIsReadAlike) {
  const auto clear = message("From: a@b.example\nSender: c@d.example\n\n");
  ASSERT_TRUE(mail::sender(clear.top()));
  EXPECT_EQ(mail::sender(clear.top())->str(), "c@d.example");
  EXPECT_FALSE(mail::sender(message("Sender: a@b.example, c@d.example\n\n").top()));
  EXPECT_FALSE(mail::sender(message("From: a@b.example\n\n").top()));
}

}  // namespace
}  // namespace siegel::tests
