#include "gateway/mail/prepare.h"

#include <string>

#include <gtest/gtest.h>

#include "gateway/mail/survey.h"
#include "tests/mail/outline.h"

// One test for each rule of STANDARDS §2.3.
namespace siegel::tests {
namespace {

mail::Prepared prepare(std::string_view text) {
  return mail::prepare(message(text));
}

std::string prepared(std::string_view text) {
  const auto result = prepare(text);
  EXPECT_FALSE(result.must_be_opaque) << text;
  return std::string(result.entity.join().view());
}

std::string multipart(std::string_view part) {
  return "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + std::string(part) + "\n--b--\n";
}

TEST(Prepare, SafeBodyIsNotTouchedAndNotCopied) {
  const auto read =
      message("From: a@b.example\n" + multipart("Content-Type: text/html\n\n<p>x</p>"));
  const auto result = mail::prepare(read);
  EXPECT_EQ(result.entity.slices().back().view().data(), read.top().body.data());
  EXPECT_EQ(result.entity.slices().back().size(), read.top().body.size());
}

TEST(Prepare, ContentFieldsMoveInAndOthersStayOut) {
  EXPECT_EQ(prepared("From: a@b.example\nContent-Type: text/html\nSubject: x\n"
                     "MIME-Version: 1.0\nContent-MD5: abc\nContent-ID: <x>\n\nhi\n"),
            crlf("Content-Type: text/html\nContent-ID: <x>\n\nhi\n"));
}

TEST(Prepare, PlainMessageGainsAType) {
  EXPECT_EQ(prepared("Subject: x\n\nhi\n"),
            crlf("Content-Type: text/plain; charset=us-ascii\n\nhi\n"));
  EXPECT_EQ(prepared("Subject: x"), crlf("Content-Type: text/plain; charset=us-ascii\n\n"));
}

TEST(Prepare, PlainMessageWith8BitGainsItsCharset) {
  EXPECT_EQ(prepared("\nGr\xC3\xBCn\n"),
            crlf("Content-Type: text/plain; charset=utf-8\n"
                 "Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BCn\n"));
  EXPECT_EQ(prepared("\nGr\xFCn\n"),
            crlf("Content-Type: text/plain; charset=unknown-8bit\n"
                 "Content-Transfer-Encoding: quoted-printable\n\nGr=FCn\n"));
}

TEST(Prepare, Rule1_BareLineEndsAreRepaired) {
  const auto read = mail::Message::parse(Blob("Content-Type: text/plain\n\na\nb\rc\r\n"));
  EXPECT_EQ(mail::prepare(read).entity.join().view(),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "a\nb\nc\n"));
}

TEST(Prepare, Rule1_ABareReturnInAFieldStartsNoNewOne) {
  const auto read = mail::Message::parse(
      Blob("Content-Type: text/plain\r\nContent-Description: a\rContent-ID: b\r\n\r\nx\r\n"));
  EXPECT_EQ(mail::prepare(read).entity.join().view(),
            crlf("Content-Type: text/plain\nContent-Description: a Content-ID: b\n\nx\n"));
}

TEST(Prepare, Rule2_InnerMessagesAreWalked) {
  EXPECT_EQ(prepared(multipart("Content-Type: message/rfc822\n\nSubject: x\n\nGr\xC3\xBCn")),
            crlf(multipart("Content-Type: message/rfc822\n\nMIME-Version: 1.0\nSubject: x\n"
                           "Content-Type: text/plain; charset=utf-8\n"
                           "Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BCn")));
}

TEST(Prepare, Rule3_TextBecomesQuotedPrintableAndOtherBase64) {
  EXPECT_EQ(prepared("Content-Type: text/html\nContent-Transfer-Encoding: 8bit\n\n\xC3\xBC\n"),
            crlf("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "=C3=BC\n"));
  EXPECT_EQ(prepared("Content-Type: image/png\nContent-Transfer-Encoding: binary\n\n\xC3\xBC\x01"),
            crlf("Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nw7wB\n"));
}

TEST(Prepare, Rule3_MultipartsAreLabelled7Bit) {
  EXPECT_EQ(prepared("Content-Transfer-Encoding: 8bit\n" + multipart("\nx")),
            crlf("Content-Transfer-Encoding: 7bit\n" + multipart("\nx")));
}

TEST(Prepare, Rule3_LabelAloneIsCorrectedWhereTheBodyIsSafe) {
  EXPECT_EQ(prepared("Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nx\n"),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\nx\n"));
}

TEST(Prepare, Rule4_LongLinesAreCut) {
  const std::string result =
      prepared("Content-Type: text/plain\n\n" + std::string(999, 'x') + "\n");
  EXPECT_NE(result.find("xxx=\r\nxxx"), std::string::npos);
  const std::string fits = "Content-Type: text/plain\n\n" + std::string(998, 'x') + "\n";
  EXPECT_EQ(prepared(fits), crlf(fits));
}

TEST(Prepare, Rule5_TrailingBlanksAreProtected) {
  EXPECT_EQ(prepared("Content-Type: text/plain\n\nx\n-- \nAnna\t\n"),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "x\n--=20\nAnna=09\n"));
}

TEST(Prepare, Rule5_TrailingBlanksOfHeadsGo) {
  EXPECT_EQ(prepared(multipart("Content-Type: text/plain; \n \n charset=utf-8\t\n\nx")),
            crlf(multipart("Content-Type: text/plain;\n charset=utf-8\n\nx")));
}

TEST(Prepare, Rule6_FromLinesAndLoneDotsAreProtected) {
  EXPECT_EQ(prepared("Content-Type: text/plain\n\nFrom me\n.\n.x\nx From y\n"),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "=46rom me\n=2E\n.x\nx From y\n"));
}

TEST(Prepare, Rule7_NulMakesBase64) {
  const auto read =
      mail::Message::parse(Blob(std::string("Content-Type: text/plain\r\n\r\na\0b", 31)));
  EXPECT_EQ(mail::prepare(read).entity.join().view(),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nYQBi\n"));
}

TEST(Prepare, Rule8_RawUtf8InHeadsIsEncoded) {
  EXPECT_EQ(prepared(multipart("Content-Type: text/plain; name=\"\xC3\xBC.txt\"\n"
                               "Content-Description: \xC3\xBC\n\nx")),
            crlf(multipart("Content-Type: text/plain; name*=utf-8''%C3%BC.txt\n"
                           "Content-Description: =?utf-8?b?w7w=?=\n\nx")));
}

TEST(Prepare, Rule8_WhatCannotBeRewrittenGoesOpaque) {
  EXPECT_TRUE(prepare(multipart("Content-Type: message/rfc822\n\nTo: \xC3\xBC@b.example\n\nx"))
                  .must_be_opaque);
  EXPECT_TRUE(prepare(multipart("Content-ID: <\xFC>\n\nx")).must_be_opaque);
}

class ProtectedPart : public testing::TestWithParam<const char*> {};

TEST_P(ProtectedPart, RC2_Rule9_IsLeftAloneWhileSafe) {
  const std::string text = "Subject: x\n" + multipart(GetParam());
  const auto read = message(text);
  EXPECT_EQ(mail::prepare(read).entity.slices().back().view(), read.top().body);
  EXPECT_FALSE(mail::prepare(read).must_be_opaque);
}

TEST_P(ProtectedPart, RC2_Rule9_GoesOpaqueWhenItWouldNotSurvive) {
  for (const char* harm : {"\xC3\xBC\n", "blank \n", "From x\n", ".\n"}) {
    const auto read = message("Subject: x\n" + multipart(std::string(GetParam()) + "\n" + harm));
    const auto result = mail::prepare(read);
    EXPECT_TRUE(result.must_be_opaque) << harm;
    EXPECT_EQ(result.entity.slices().back().view(), read.top().body);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ProtectedPart,
    testing::Values(
        "Content-Type: multipart/signed; boundary=s\n\n--s\n\nx\n--s\n\ny\n--s--\n",
        "Content-Type: multipart/encrypted; boundary=s\n\n--s\n\nx\n--s--\n",
        "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\nMII=",
        "Content-Type: application/x-pkcs7-mime\n\nMII="));

TEST(Prepare, Rule9_DoubtfulStructureGoesOpaqueUnlessSafe) {
  const std::string doubtful = "Content-Type: text/plain\nContent-Type: text/html\n\n";
  EXPECT_FALSE(prepare(doubtful + "x\n").must_be_opaque);
  EXPECT_TRUE(prepare(doubtful + "\xC3\xBC\n").must_be_opaque);
  EXPECT_TRUE(prepare("Content-Transfer-Encoding: x-uuencode\n\n.\n").must_be_opaque);
}

TEST(Prepare, Rule9_WhatStaysOutsideMakesNothingInsideDoubtful) {
  const std::string inside = "Content-Type: text/plain; charset=utf-8\n\n\xC3\xBC\n";
  EXPECT_EQ(prepared("no field\nSubject: x\n" + inside), prepared(inside));
}

TEST(Prepare, Rule9_EightBitLabelInsideASignedPartGoesOpaque) {
  EXPECT_TRUE(prepare(multipart("Content-Type: multipart/signed; boundary=s\n\n"
                                "--s\nContent-Transfer-Encoding: 8bit\n\nx\n--s\n\ny\n--s--"))
                  .must_be_opaque);
}

TEST(Prepare, Rule10_NoLineEndIsAddedBeforeADelimiter) {
  const std::string text = multipart("Content-Type: text/plain\n\nx\n\n");
  EXPECT_EQ(prepared(text), crlf(text));
  EXPECT_EQ(prepared("Content-Type: text/plain\n\nx"), "Content-Type: text/plain\r\n\r\nx");
}

TEST(Prepare, PreambleAndEpilogueStayUnlessUnsafe) {
  const std::string changed = "--b\n\n=2E\n--b--\n";
  const auto with = [](std::string_view preamble, std::string_view part,
                       std::string_view epilogue) {
    return "Content-Type: multipart/mixed; boundary=b\n\n" + std::string(preamble) + "--b\n" +
           std::string(part) + "\n--b--\n" + std::string(epilogue);
  };
  const std::string encoded = "Content-Transfer-Encoding: quoted-printable\n\n=2E";
  EXPECT_EQ(
      prepared(with("before\n", "\n.", "after\n")),
      crlf(with("before\n", "Content-Type: text/plain; charset=us-ascii\n" + encoded, "after\n")));
  EXPECT_EQ(prepared(with("before \n", "\nx", "after\xC3\xBC\n")), crlf(with("", "\nx", "")));
}

TEST(Prepare, UnsafeEncodedPartsAreEncodedAnew) {
  EXPECT_EQ(
      prepared("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGFs \nbG8=\n"),
      crlf("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGFsbG8=\n"));
  EXPECT_EQ(prepared("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                     "a=3D\xC3\xBC \n"),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "a=3D=C3=BC\n"));
}

}  // namespace
}  // namespace siegel::tests
