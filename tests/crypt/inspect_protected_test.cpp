#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using policy::Summary;
using testing::HasSubstr;
using testing::Not;

std::string protecting(const std::string& fields, const std::string& parameter = "hp=\"clear\"") {
  return signed_by(anna(),
                   "Content-Type: text/plain; " + parameter + "\r\n" + fields + "\r\nhi\r\n");
}

policy::Verdict verdict_on(const std::string& fields, const std::string& outer_fields = {}) {
  return Desk().sees(letter(protecting(fields), outer_fields)).verdict;
}

/// A letter whose outer Subject is `subject`, with an encrypted text inside.
policy::Verdict sealed(const std::string& subject, const std::string& fields,
                       const std::string& parameter = "hp=\"cipher\"") {
  std::string text = letter(encrypted_to(bauamt(), protecting(fields, parameter)));
  const std::string outer = "Subject: Antrag";
  text.replace(text.find(outer), outer.size(), "Subject: " + subject);
  return Desk(bauamt()).sees(text).verdict;
}

TEST(InspectProtected, FieldsThatAgreeAreGood) {
  const auto verdict = verdict_on(
      "From: Anna Huber <anna@BUERGER.example>\r\nSubject:  =?utf-8?q?Antrag?=\r\n"
      "To: <BauAmt@stadt.example>\r\nDate: Mon, 01 Jun 2026 14:00:00 +0200 (CEST)\r\n");
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_THAT(remarks(verdict), Not(HasSubstr("differs")));
}

TEST(InspectProtected, EachFieldThatDiffersMakesItPartial) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Subject", "Anderes"},
      {"To", "chef@stadt.example"},
      {"Cc", "chef@stadt.example"},
      {"Date", "Mon, 01 Jan 2024 00:00:00 +0000"},
      {"From", "Otto Huber <anna@buerger.example>"}};
  for (const auto& [name, value] : cases) {
    const auto verdict = verdict_on(name + ": " + value + "\r\n");
    EXPECT_EQ(verdict.summary(), Summary::partial) << name;
    EXPECT_FALSE(verdict.covers_all) << name;
    EXPECT_EQ(verdict.layers.at(0).reason,
              "the signed " + name + " differs from the one that is shown");
  }
}

TEST(InspectProtected, OlderWaysToProtectCountAlike) {
  const auto old = Desk().summary(letter(protecting("Subject: x\r\n", "protected-headers=\"v1\"")));
  EXPECT_EQ(old, "partial");
  const std::string wrapped =
      "Content-Type: message/rfc822; forwarded=no\r\n\r\n"
      "From: <anna@buerger.example>\r\nSubject: x\r\n\r\nText\r\n";
  EXPECT_EQ(Desk().summary(letter(signed_by(anna(), wrapped))), "partial");
}

TEST(InspectProtected, AnotherAuthorIsAMismatch) {
  EXPECT_EQ(verdict_on("From: boss@stadt.example\r\n").summary(), Summary::mismatch);
}

TEST(InspectProtected, ANameThatOnlyOneOfThemHasIsNoDifference) {
  EXPECT_EQ(verdict_on("From: anna@buerger.example\r\n").summary(), Summary::good);
}

// RFC 9788 §2.2
TEST(InspectProtected, OuterFieldsOfAnEncryptedMessageMayBeWhatTheSenderAnnounced) {
  const std::string fields = "Subject: Geheim\r\nHP-Outer: Subject: Nachricht\r\n";
  EXPECT_EQ(sealed("Nachricht", fields).summary(), Summary::good);
  EXPECT_EQ(sealed("Geheim", fields).summary(), Summary::good);
  EXPECT_EQ(sealed("Rechnung", fields).summary(), Summary::partial);
}

TEST(InspectProtected, APlaceholderSaysNothingFalse) {
  EXPECT_EQ(sealed("...", "Subject: Geheim\r\n", "protected-headers=\"v1\"").summary(),
            Summary::good);
}

TEST(InspectProtected, WhatWasNotEncryptedMayNotDiffer) {
  const std::string fields = "Subject: Geheim\r\nHP-Outer: Subject: Antrag\r\n";
  EXPECT_EQ(Desk().summary(letter(protecting(fields, "hp=\"cipher\""))), "partial");
}

TEST(InspectProtected, NothingIsLearntFromAMessageThatIsPartial) {
  EXPECT_TRUE(Desk().sees(letter(protecting("Subject: x\r\n"))).harvest.empty());
}

}  // namespace
}  // namespace siegel::tests
