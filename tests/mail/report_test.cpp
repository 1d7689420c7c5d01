#include "gateway/mail/report.h"

#include <string>

#include <gtest/gtest.h>

#include "gateway/mail/fields.h"
#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

using mail::RecipientReport;

const Blob original(crlf("From: anna@stadt.example\nSubject: secret\n\nthe body\n"));

RecipientReport failure() {
  RecipientReport one{.recipient = {*Address::parse("bob@example.org")}};
  one.recipient.original = "rfc822;Bob+40example.org";
  one.status = "5.1.1";
  one.remote_host = "mx.example.org";
  one.diagnostic = "550 5.1.1 no such user";
  one.advice_de =
      "Pr\xC3\xBC"
      "fen Sie die Adresse.";
  one.advice_en = "Check the address.";
  return one;
}

mail::Report report_on(RecipientReport one) {
  return {.our_name = "gateway.stadt.example",
          .from = "mailer-daemon@stadt.example",
          .to = *Address::parse("anna@stadt.example"),
          .now = *parse_rfc3339("2026-11-21T23:10:56Z"),
          .arrived = *parse_rfc3339("2026-11-21T23:00:00Z"),
          .envid = "ab+2Bc",
          .id = "abc123",
          .will_retry_until = std::nullopt,
          .recipients = {std::move(one)}};
}

mail::Message made(const mail::Report& report) {
  return mail::Message::parse(mail::make_report(report, original).join());
}

std::string status_of(const mail::Message& report) {
  return std::string(report.top().parts.at(1).body);
}

TEST(Report, IsAMultipartReportOfThreeParts) {
  const auto report = made(report_on(failure()));
  EXPECT_TRUE(report.top().content_type.is("multipart", "report"));
  EXPECT_EQ(report.top().content_type.parameter("report-type"), "delivery-status");
  ASSERT_EQ(report.top().parts.size(), 3U);
  EXPECT_TRUE(report.top().parts[0].content_type.is("text", "plain"));
  EXPECT_TRUE(report.top().parts[1].content_type.is("message", "delivery-status"));
  EXPECT_TRUE(report.top().parts[2].content_type.is("text", "rfc822-headers"));
  EXPECT_FALSE(report.top().is_defective());
}

TEST(Report, R52_SaysThatItIsAutomatic) {
  const auto report = made(report_on(failure()));
  EXPECT_EQ(mail::bare_value(report.top().field("Auto-Submitted")->body), "auto-replied");
  EXPECT_EQ(mail::author(report.top()).address->str(), "mailer-daemon@stadt.example");
}

TEST(Report, StatusHasTheFieldsOfRfc3464) {
  EXPECT_EQ(status_of(made(report_on(failure()))),
            crlf("Original-Envelope-Id: ab+c\n"
                 "Reporting-MTA: dns; gateway.stadt.example\n"
                 "Arrival-Date: Sat, 21 Nov 2026 23:00:00 +0000\n"
                 "\n"
                 "Original-Recipient: rfc822; Bob@example.org\n"
                 "Final-Recipient: rfc822; bob@example.org\n"
                 "Action: failed\n"
                 "Status: 5.1.1\n"
                 "Remote-MTA: dns; mx.example.org\n"
                 "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
                 "Last-Attempt-Date: Sat, 21 Nov 2026 23:10:56 +0000\n"));
}

TEST(Report, TellsThePersonInGermanAndEnglish) {
  const std::string text = made(report_on(failure())).top().parts.at(0).decoded_body();
  EXPECT_NE(text.find("konnte nicht zugestellt werden"), std::string::npos);
  EXPECT_NE(text.find("could not be delivered"), std::string::npos);
  EXPECT_NE(text.find("bob@example.org"), std::string::npos);
  EXPECT_NE(text.find("Pr\xC3\xBC"
                      "fen Sie die Adresse."),
            std::string::npos);
  EXPECT_NE(text.find("Check the address."), std::string::npos);
}

TEST(Report, R06_HeadAloneGoesBackUnlessTheMessageIsAskedFor) {
  auto report = report_on(failure());
  EXPECT_EQ(made(report).octets().find("the body"), std::string_view::npos);
  EXPECT_NE(made(report).octets().find("Subject: secret"), std::string_view::npos);
  report.returned = mail::Returned::message;
  EXPECT_TRUE(made(report).top().parts.at(2).content_type.is("message", "rfc822"));
  EXPECT_EQ(made(report).top().parts.at(2).body, original.view());
}

TEST(Report, DelayTellsUntilWhen) {
  auto one = failure();
  one.action = RecipientReport::Action::delayed;
  auto report = report_on(one);
  report.will_retry_until = *parse_rfc3339("2026-11-26T23:00:00Z");
  const auto read = made(report);
  EXPECT_NE(status_of(read).find("Action: delayed\r\n"), std::string::npos);
  EXPECT_NE(status_of(read).find("Will-Retry-Until: Thu, 26 Nov 2026 23:00:00 +0000\r\n"),
            std::string::npos);
  EXPECT_NE(mail::subject(read.top()).find("Delivery delayed"), std::string::npos);
}

TEST(Report, EachRecipientHasItsGroup) {
  auto report = report_on(failure());
  report.recipients.push_back(failure());
  report.recipients.back().action = RecipientReport::Action::relayed;
  const std::string status = status_of(made(report));
  EXPECT_NE(status.find("\r\n\r\nOriginal-Recipient"), status.rfind("\r\n\r\nOriginal-Recipient"));
  EXPECT_NE(status.find("Action: relayed\r\n"), std::string::npos);
}

TEST(Report, R45_ForeignWordsStayInTheirField) {
  auto one = failure();
  one.diagnostic = "550 a\r\n\r\nFinal-Recipient: rfc822; eve@example.net" + std::string(3000, 'x');
  one.remote_host = "mx\r\nAction: delivered";
  one.status = "5.0.0\r\nX: y";
  one.recipient.original = "rfc822;a+0D+0Ab";
  auto report = report_on(one);
  report.envid = "x+0AReporting-MTA";
  const std::string status = status_of(made(report));
  EXPECT_EQ(status.find("\nFinal-Recipient: rfc822; eve"), std::string::npos);
  EXPECT_EQ(status.find("\nAction: delivered"), std::string::npos);
  EXPECT_EQ(status.find("\nX: y"), std::string::npos);
  EXPECT_FALSE(made(report).top().is_defective());
}

TEST(Report, DiagnosticsBeyondAsciiAreEncoded) {
  auto one = failure();
  one.remote_host.clear();
  one.diagnostic = "Schl\xC3\xBCssel fehlt";
  const std::string status = status_of(made(report_on(one)));
  EXPECT_NE(status.find("Diagnostic-Code: x-siegel; =?utf-8?q?Schl=C3=BCssel?= fehlt\r\n"),
            std::string::npos)
      << status;
}

TEST(Report, InternationalAddressesAreUtf8Addresses) {
  auto one = failure();
  one.recipient = {*Address::parse("j\xC3\xBCrgen@example.org")};
  // RFC 6533 §3
  EXPECT_NE(
      status_of(made(report_on(one))).find("Final-Recipient: utf-8; j\\x{FC}rgen@example.org\r\n"),
      std::string::npos);
}

TEST(Report, EightBitOriginalsAreLabelled) {
  auto report = report_on(failure());
  report.returned = mail::Returned::message;
  const Blob international(crlf("Subject: x\n\n\xC3\xBC\n"));
  const auto read = mail::Message::parse(mail::make_report(report, international).join());
  EXPECT_EQ(read.top().encoding, mail::TransferEncoding::bits8);
  EXPECT_EQ(read.top().parts.at(2).encoding, mail::TransferEncoding::bits8);
}

}  // namespace
}  // namespace siegel::tests
