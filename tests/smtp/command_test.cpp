#include "gateway/smtp/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

using smtp::Reply;
using namespace std::string_literals;

const smtp::RcptContext plain{"stadt.example", false};
const smtp::RcptContext utf8{"stadt.example", true};

smtp::MailArgument good_mail(const std::string& argument) {
  const auto parsed = smtp::parse_mail(argument);
  if (const auto* wrong = std::get_if<Reply>(&parsed)) ADD_FAILURE() << argument << wrong->str();
  return std::holds_alternative<Reply>(parsed) ? smtp::MailArgument{}
                                               : std::get<smtp::MailArgument>(parsed);
}

std::string bad_mail(const std::string& argument) {
  const auto parsed = smtp::parse_mail(argument);
  const auto* const wrong = std::get_if<Reply>(&parsed);
  return wrong == nullptr ? "taken" : std::to_string(wrong->code) + ' ' + wrong->enhanced;
}

std::string rcpt(const std::string& argument, const smtp::RcptContext& context = plain) {
  const auto parsed = smtp::parse_rcpt(argument, context);
  if (const auto* wrong = std::get_if<Reply>(&parsed))
    return std::to_string(wrong->code) + ' ' + wrong->enhanced;
  return std::get<mail::Recipient>(parsed).address.str();
}

TEST(Command, VerbsComeInAnyCase) {
  const auto command = std::get<smtp::Command>(smtp::parse_command("mAiL  FROM:<a@b.example> "));
  EXPECT_EQ(command.verb, "MAIL");
  EXPECT_EQ(command.argument, "FROM:<a@b.example>");
}

TEST(Command, ControlsAndLongLinesAreNone) {
  for (const std::string& line : {"NOOP\rRSET"s, "NOOP\nRSET"s, "NO\0OP"s, "NOOP \x1B[2J"s})
    EXPECT_EQ(std::get<Reply>(smtp::parse_command(line)).code, 500);
  EXPECT_TRUE(
      std::holds_alternative<smtp::Command>(smtp::parse_command("NOOP " + std::string(505, 'x'))));
  EXPECT_EQ(std::get<Reply>(smtp::parse_command("NOOP " + std::string(506, 'x'))).code, 500);
  EXPECT_TRUE(
      std::holds_alternative<smtp::Command>(smtp::parse_command("RCPT " + std::string(2041, 'x'))));
  EXPECT_EQ(std::get<Reply>(smtp::parse_command("RCPT " + std::string(2042, 'x'))).code, 500);
}

TEST(MailArgument, PathsOfRfc5321) {
  EXPECT_FALSE(good_mail("FROM:<>").reverse_path);
  EXPECT_EQ(good_mail("from:<A.b@X.Example>").reverse_path->str(), "A.b@x.example");
  EXPECT_EQ(good_mail("FROM: <a@b.example>").reverse_path->str(), "a@b.example");
  EXPECT_EQ(good_mail("FROM:<\"plain\"@b.example>").reverse_path->str(), "plain@b.example");
}

TEST(MailArgument, EveryExtensionIsRead) {
  const auto mail =
      good_mail("FROM:<a@b.example> SIZE=123 body=8bitmime SMTPUTF8 RET=hdrs ENVID=x+3Dy");
  EXPECT_EQ(mail.size, 123U);
  EXPECT_TRUE(mail.body_8bit && mail.smtputf8 && mail.return_headers_only);
  EXPECT_EQ(mail.envid, "x+3Dy");
  EXPECT_EQ(good_mail("FROM:<> SIZE=99999999999999999999").size, UINT64_MAX);
}

TEST(MailArgument, WhatIsNoPathIsRefused) {
  for (const std::string& argument :
       {""s, "FROM"s, "FROM:"s, "FROM:a@b.example"s, "FROM:<a@b.example"s, "TO:<a@b.example>"s,
        "FROM <a@b.example>"s, "FROM:<a@b.example>SIZE=1"s, "FROM:<\"a@b.example>"s,
        "FROM:<\"a\\>@b.example>"s})
    EXPECT_EQ(bad_mail(argument), "501 5.5.4") << argument;
}

TEST(MailArgument, BadParametersAreRefused) {
  for (const std::string& parameter :
       {"SIZE="s, "SIZE=-1"s, "SIZE=1x"s, "SIZE=999999999999999999999"s, "BODY=BINARYMIME"s,
        "SMTPUTF8=1"s, "RET=BODY"s, "ENVID="s, "ENVID=a+4"s, "ENVID=a+zz"s, "ENVID=a=b"s,
        "ENVID=" + std::string(101, 'x'), "SIZE=1 SIZE=1"s, "=1"s, "-X=1"s})
    EXPECT_EQ(bad_mail("FROM:<a@b.example> " + parameter), "501 5.5.4") << parameter;
  EXPECT_EQ(bad_mail("FROM:<a@b.example> AUTH=<>"), "555 5.5.4");
  EXPECT_EQ(bad_mail("FROM:<a@b.example> REQUIRETLS"), "555 5.5.4");
}

TEST(Path, R54_ConfusingAddressesAreRefused) {
  for (const std::string& path :
       {"@relay.example:a@b.example"s, "@x,@y:a@b.example"s, "\"a b\"@c.example"s,
        "\"a@b\"@c.example"s, "\"a>b\"@c.example"s, "a%b@c.example"s, "b!a@c.example"s,
        "a@[127.0.0.1]"s, "a@[IPv6:::1]"s, "a"s, "@"s, "a@"s, "a@b@c.example"s, "a..b@c.example"s,
        "a b@c.example"s, "<a@b.example>"s, std::string(65, 'x') + "@c.example",
        "x@" + std::string(63, 'y') + "." + std::string(63, 'y') + "." + std::string(63, 'y') +
            "." + std::string(63, 'y')}) {
    EXPECT_THAT(bad_mail("FROM:<" + path + ">"), testing::AnyOf("553 5.1.7", "501 5.5.4")) << path;
    EXPECT_THAT(rcpt("TO:<" + path + ">"), testing::AnyOf("553 5.1.3", "501 5.5.4")) << path;
  }
}

TEST(RcptArgument, PostmasterNeedsNoDomain) {
  EXPECT_EQ(rcpt("TO:<PostMaster>"), "postmaster@stadt.example");
  EXPECT_EQ(rcpt("TO:<>"), "553 5.1.3");
}

TEST(RcptArgument, InternationalAddressesNeedSmtputf8) {
  EXPECT_EQ(rcpt("TO:<j\xC3\xBCrgen@stadt.example>"), "553 5.6.7");
  EXPECT_EQ(rcpt("TO:<j\xC3\xBCrgen@stadt.example>", utf8), "j\xC3\xBCrgen@stadt.example");
  EXPECT_EQ(rcpt("TO:<a@b\xC3\xBC"
                 "cher.example>"),
            "553 5.6.7");
  EXPECT_EQ(bad_mail("FROM:<j\xC3\xBCrgen@stadt.example>"), "553 5.6.7");
  EXPECT_TRUE(good_mail("FROM:<j\xC3\xBCrgen@stadt.example> SMTPUTF8").reverse_path);
  EXPECT_EQ(rcpt("TO:<j\xFFrgen@stadt.example>", utf8), "553 5.1.3");
}

TEST(RcptArgument, NotifyAndOrcpt) {
  for (const std::string& parameter :
       {"NOTIFY="s, "NOTIFY=NEVER,SUCCESS"s, "NOTIFY=SUCCESS,"s, "NOTIFY=NOW"s, "ORCPT=rfc822"s,
        "ORCPT=rfc822;"s, "ORCPT=;a@b"s, "ORCPT=rfc822;a+0"s, "ORCPT=rfc822;\xC3\xBC@b"s,
        "ORCPT=utf-8;\xC3\xBC@b"s, "ORCPT=rfc822;" + std::string(500, 'x')})
    EXPECT_THAT(rcpt("TO:<a@b.example> " + parameter), testing::StartsWith("501")) << parameter;
  EXPECT_EQ(rcpt("TO:<a@b.example> ORCPT=utf-8;\xC3\xBC@b", utf8), "a@b.example");
  EXPECT_EQ(rcpt("TO:<a@b.example> FOO=bar"), "555 5.5.4");
  const auto never = smtp::parse_rcpt("TO:<a@b.example> NOTIFY=never", plain);
  EXPECT_TRUE(std::get<mail::Recipient>(never).notify.never);
  EXPECT_FALSE(std::get<mail::Recipient>(never).notify.failure);
}

TEST(ReplyWire, EveryLineCarriesTheCodes) {
  const Reply reply{550, "5.7.1", {"one", "two"}};
  EXPECT_EQ(reply.wire(), "550-5.7.1 one\r\n550 5.7.1 two\r\n");
  EXPECT_EQ(reply.str(), "550 5.7.1 one two");
}

TEST(ReplyWire, R45_NothingBreaksOutOfALine) {
  const Reply reply{550, "5.7.1", {"a\r\n250 OK\x1B\xFF"}};
  EXPECT_EQ(reply.wire(), "550 5.7.1 a??250 OK??\r\n");
}

TEST(ReplyWire, LongLinesAreWrappedAtBlanks) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "word ";
  const std::string wire = Reply{550, "5.7.1", {text}}.wire();
  std::size_t start = 0;
  for (auto end = wire.find("\r\n"); end != std::string::npos; end = wire.find("\r\n", start)) {
    EXPECT_LE(end + 2 - start, 512U);
    EXPECT_EQ(wire.find("wor ", start), std::string::npos);
    start = end + 2;
  }
  EXPECT_EQ(start, wire.size());
}

TEST(ReplyOf, FaultsBecomeReplies) {
  EXPECT_EQ(smtp::replies::of(Error(Fault::peer, "x")).code, 554);
  EXPECT_EQ(smtp::replies::of(Error(Fault::world, "x")).code, 451);
  EXPECT_EQ(smtp::replies::of(Error(Fault::ours, "x", "hidden")).str(), "451 4.3.5 x");
}

}  // namespace
}  // namespace siegel::tests
