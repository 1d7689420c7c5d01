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

const std::string from_anna = "From: Anna Huber <anna@buerger.example>\r\n";
const std::string to_us = "To: bauamt@stadt.example\r\n";

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

TEST(InspectProtected, ANameThatOnlyOneOfThemHasIsADifferenceWhereTheSenderMarkedHisFields) {
  const std::string fields = to_us + "Subject: Antrag\r\n";
  EXPECT_EQ(verdict_on("From: anna@buerger.example\r\n" + fields).summary(), Summary::partial);
  EXPECT_EQ(Desk().summary(letter(protecting("From: anna@buerger.example\r\n", "charset=utf-8"))),
            "good");
}

TEST(InspectProtected, AFieldThatWasAddedOnTheWayIsFound) {
  const std::string fields = from_anna + to_us + "Subject: Antrag\r\n";
  EXPECT_EQ(verdict_on(fields).summary(), Summary::good);
  for (const std::string name : {"Reply-To", "Cc", "Sender"}) {
    const auto verdict = verdict_on(fields, name + ": otto@x.example\r\n");
    EXPECT_EQ(verdict.summary(), Summary::partial) << name;
    EXPECT_EQ(verdict.layers.at(0).reason,
              "the " + name + " that is shown was not written by the author");
  }
}

TEST(InspectProtected, WhatServersAddIsNoDifference) {
  const std::string fields = from_anna + to_us + "Subject: Antrag\r\nX-Mailer: x\r\n";
  const auto verdict =
      verdict_on(fields,
                 "Received: by x.example; Mon, 01 Jun 2026 14:00:00 +0200\r\nX-Mailer: x\r\n"
                 "List-Id: <x.example>\r\nX-Spam-Score: 1\r\nARC-Seal: i=1\r\n");
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_THAT(remarks(verdict), Not(HasSubstr("changed on the way")));
}

TEST(InspectProtected, AnotherFieldThatDiffersIsARemark) {
  const auto verdict =
      verdict_on(from_anna + to_us + "Subject: Antrag\r\nX-Mailer: x\r\n", "X-Mailer: y\r\n");
  EXPECT_EQ(verdict.summary(), Summary::good);
  EXPECT_THAT(remarks(verdict), HasSubstr("changed on the way, or lost: X-Mailer"));
}

// RFC 9788 §2.2
TEST(InspectProtected, OuterFieldsOfAnEncryptedMessageMayBeWhatTheSenderAnnounced) {
  const std::string fields =
      from_anna + to_us + "Subject: Geheim\r\nHP-Outer: Subject: Nachricht\r\n";
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
  const auto verdict = Desk().sees(letter(protecting(fields, "hp=\"cipher\""))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::partial);
  EXPECT_THAT(remarks(verdict), HasSubstr("the author had encrypted the message"));
}

TEST(InspectProtected, WhatWasToldInsideOnlyIsSaid) {
  const std::string fields = from_anna + to_us +
                             "Subject: Geheim\r\nKeywords: Akte\r\n"
                             "HP-Outer: Subject: [...]\r\n";
  const auto verdict = sealed("[...]", fields);
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_THAT(remarks(verdict), HasSubstr("told inside the encryption only: Keywords, Subject"));
}

// --- on delivery

/// The head that is delivered of a letter whose outer Subject is `subject`.
std::string delivered(const std::string& subject, const std::string& fields,
                      const std::string& parameter) {
  std::string text = letter(encrypted_to(
      bauamt(), "Content-Type: text/plain; " + parameter + "\r\n" + fields + "\r\nhi\r\n"));
  const std::string outer = "Subject: Antrag";
  text.replace(text.find(outer), outer.size(), "Subject: " + subject);
  return std::string(Desk(bauamt()).sees(text).opened->top().head);
}

TEST(InspectProtected, TheHiddenSubjectIsDelivered) {
  for (const std::string mark : {"hp=\"cipher\"", "protected-headers=\"v1\""}) {
    const std::string head = delivered("...", "Subject: Geheim\r\n", mark);
    EXPECT_THAT(head, HasSubstr("Subject: Geheim\r\n")) << mark;
    EXPECT_THAT(head, Not(HasSubstr("..."))) << mark;
  }
  EXPECT_THAT(delivered("...", "Subject: Geheim\r\n", "charset=utf-8"), Not(HasSubstr("Geheim")));
  EXPECT_THAT(delivered("Rechnung", "Subject: Geheim\r\n", "protected-headers=\"v1\""),
              HasSubstr("Subject: Rechnung\r\n"));
}

// CVE-2026-27443
TEST(InspectProtected, OnlyFieldsOfAClosedListComeOut) {
  const std::string head =
      delivered("[...]",
                "Subject: Geheim\r\nFrom: boss@stadt.example\r\nSender: boss@stadt.example\r\n"
                "X-Siegel-Verdict: good\r\nAuthentication-Results: gw; smime=pass\r\nX-Other: 1\r\n"
                "Cc: eva@x.example\r\n",
                "hp=\"cipher\"");
  EXPECT_THAT(head, HasSubstr("Subject: Geheim\r\n"));
  EXPECT_THAT(head, HasSubstr("Cc: eva@x.example\r\n"));
  for (const std::string none : {"boss@", "X-Siegel", "Authentication", "X-Other"})
    EXPECT_THAT(head, Not(HasSubstr(none)));
}

TEST(InspectProtected, R45_ASubjectThatComesOutIsOneField) {
  const std::string head = delivered("[...]", "Subject: a\rX-Evil: 1\r\n", "hp=\"cipher\"");
  EXPECT_THAT(head, Not(HasSubstr("\rX-Evil")));
}

TEST(InspectProtected, NothingIsLearntFromAMessageThatIsPartial) {
  EXPECT_TRUE(Desk().sees(letter(protecting("Subject: x\r\n"))).harvest.empty());
}

}  // namespace
}  // namespace siegel::tests
