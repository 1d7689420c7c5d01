#include "gateway/mail/trace.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

mail::Envelope from_client(const std::string& helo) {
  mail::Envelope envelope;
  envelope.id = "abc123";
  envelope.client_ip = "192.0.2.1";
  envelope.client_helo = helo;
  envelope.received = *parse_rfc3339("2026-11-21T23:10:56Z");
  return envelope;
}

TEST(ReceivedField, SaysWhoWhereAndWhen) {
  EXPECT_EQ(mail::received_field(from_client("client.example"), "gateway.stadt.example"),
            "Received: from client.example ([192.0.2.1])\r\n"
            "\tby gateway.stadt.example with ESMTP id abc123;\r\n"
            "\tSat, 21 Nov 2026 23:10:56 +0000\r\n");
}

TEST(ReceivedField, NamesTheProtocol) {
  auto envelope = from_client("c.example");
  envelope.tls = true;
  EXPECT_NE(mail::received_field(envelope, "g.example").find("with ESMTPS id"), std::string::npos);
  envelope.smtputf8 = true;
  EXPECT_NE(mail::received_field(envelope, "g.example").find("with UTF8SMTPS id"),
            std::string::npos);
}

TEST(ReceivedField, TagsIpv6) {
  auto envelope = from_client("c.example");
  envelope.client_ip = "2001:db8::1";
  EXPECT_NE(mail::received_field(envelope, "g.example").find("([IPv6:2001:db8::1])"),
            std::string::npos);
}

TEST(ReceivedField, R45_TheClientsWordsCannotLeaveTheirPlace) {
  const auto field = mail::received_field(
      from_client("x) by evil.example;\r\nBcc: eve@example.net" + std::string(400, 'y')),
      "g.example");
  const auto read = mail::Message::parse(Blob(field + "\r\n"));
  EXPECT_EQ(read.top().fields.size(), 1U);
  EXPECT_TRUE(field.starts_with("Received: from x??by?evil.example???Bcc:?eve?example.net"));
  EXPECT_FALSE(read.top().is_defective());
}

TEST(Hops, CountsReceivedFields) {
  EXPECT_EQ(mail::hops(message("Received: a\nrECEIVED: b\nX-Received: c\n\n").top()), 2U);
}

}  // namespace
}  // namespace siegel::tests
