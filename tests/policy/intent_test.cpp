#include "gateway/policy/intent.h"

#include <gtest/gtest.h>

#include "gateway/policy/subject.h"

namespace siegel::tests {
namespace {

mail::Message message(const std::string& head, const std::string& body = "x\r\n") {
  return mail::Message::parse(Blob(head + "\r\n" + body));
}

std::string cleaned(const std::string& subject) {
  return policy::read_subject(subject, config::Tags()).rest;
}

policy::Intent intent(const std::string& head) {
  return policy::read_intent(message(head).top(), config::Tags());
}

TEST(Intent, TagsStandAtEitherEndInAnyCase) {
  EXPECT_TRUE(intent("Subject: [VERTRAULICH] Antrag\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: Antrag [encrypt]\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: AW: Re: [vertraulich] Antrag\r\n").encrypt);
  EXPECT_FALSE(intent("Subject: Was heisst [vertraulich] im Betreff?\r\n").encrypt);
  EXPECT_FALSE(intent("Subject: vertraulich\r\n").encrypt);
}

TEST(Intent, SeveralTagsAreReadAndRemoved) {
  EXPECT_TRUE(intent("Subject: [sign] [encrypt] Antrag\r\n").sign);
  EXPECT_EQ(cleaned("[sign] [encrypt] Antrag [plain]"), "Antrag");
  EXPECT_EQ(cleaned("AW: [encrypt] Antrag"), "AW: Antrag");
  EXPECT_EQ(cleaned("[wichtig] Antrag"), "[wichtig] Antrag");
}

TEST(Intent, ATagMayBeEncoded) {
  EXPECT_TRUE(intent("Subject: =?utf-8?B?W3ZlcnNjaGzDvHNzZWxuXSBBbnRyYWc=?=\r\n").encrypt);
}

TEST(Intent, AnyCaseHoldsForUmlautsHoweverTheyAreComposed) {
  EXPECT_TRUE(intent("Subject: [VERSCHLÜSSELN] Antrag\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: [verschlu\u0308sseln] Antrag\r\n").encrypt);
  EXPECT_EQ(cleaned("[VERSCHLÜSSELN] Antrag"), "Antrag");
}

TEST(Intent, BlanksThatNobodySeesHideNoTag) {
  EXPECT_TRUE(intent("Subject: Antrag [vertraulich]\u00A0\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: \u200B[\u00A0vertraulich ] Antrag\r\n").encrypt);
}

TEST(Intent, R39_DisguisesHideNoTag) {
  for (const std::string subject :
       {"[ver\u200Btraulich] x", "[vertrau\u00ADlich] x", "\uFF3Bvertraulich\uFF3D x",
        "\u3010vertraulich\u3011x", "[VERTRAU\u202ELICH] x", "[v e r traulich]x",
        "x \u3010vertraulich\u3011\u200B", "AW: \u200B[vertraulich\u200D] Re: x"}) {
    EXPECT_TRUE(intent("Subject: " + subject + "\r\n").encrypt) << subject;
    EXPECT_EQ(cleaned(subject).find("traulich"), std::string::npos) << subject;
  }
}

TEST(Intent, R39_ATagInAnyCharacterSetIsRead) {
  EXPECT_TRUE(intent("Subject: =?x-foo?Q?[vertraulich]_Gr=FC=DFe?=\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: [verschl\xFCsseln] Gr\xFC\xDF"
                     "e\r\n")
                  .encrypt);
}

TEST(Intent, R39_OurDisplayTagsHideNoTag) {
  EXPECT_TRUE(intent("Subject: AW: [signiert] [vertraulich] x\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: [ver[signiert]traulich] x\r\n").encrypt);
  EXPECT_EQ(cleaned("AW: [signiert] [vertraulich] x"), "AW: x");
}

TEST(Intent, R39_OfTwoSubjectsNeitherIsOverheard) {
  EXPECT_TRUE(intent("Subject: Test\r\nSubject: [vertraulich] y\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: [vertraulich] y\r\nSubject: Test\r\n").encrypt);
}

TEST(Intent, WhatIsNoTagStaysAsItIs) {
  for (const std::string subject : {"", "[", "]", "[]", "[ ]", "Re: ", "a [x", "x] [wichtig] ",
                                    " [vertraulich", "vertraulich]", "[x [vertraulich"}) {
    const auto reading = policy::read_subject(subject, config::Tags());
    EXPECT_EQ(reading.rest, subject);
    EXPECT_FALSE(reading.has_tags) << subject;
  }
}

TEST(Intent, OfTwoFieldsNeitherIsOverheard) {
  EXPECT_TRUE(intent("Sensitivity: Personal\r\nSensitivity: Company-Confidential\r\n").encrypt);
  EXPECT_TRUE(intent("X-Siegel-Encrypt: no\r\nX-Siegel-Encrypt: yes\r\n").encrypt);
}

TEST(Intent, ControlFieldsSayYes) {
  EXPECT_TRUE(intent("X-Siegel-Encrypt: yes\r\n").encrypt);
  EXPECT_TRUE(intent("x-siegel-sign: YES\r\n").sign);
  EXPECT_FALSE(intent("X-Siegel-Encrypt: no\r\n").encrypt);
  EXPECT_TRUE(policy::is_own_field("x-sIEGEL-anything"));
  EXPECT_FALSE(policy::is_own_field("X-Siege"));
}

policy::Kind kind(const std::string& content_type, const std::string& body = "x\r\n") {
  return policy::kind_of(message("Content-Type: " + content_type + "\r\n", body).top());
}

TEST(Kind, SmimeIsRecognisedByTypeAndName) {
  EXPECT_TRUE(kind("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m").is_signed);
  EXPECT_TRUE(kind("application/x-pkcs7-mime; name=smime.p7m").is_encrypted);
  EXPECT_TRUE(kind("application/octet-stream; name=\"smime.P7M\"").is_encrypted);
  EXPECT_FALSE(kind("application/octet-stream; name=plan.pdf").is_encrypted);
}

TEST(Kind, AnInvitationAmongAlternativesIsOne) {
  const std::string alternatives =
      "--a\r\nContent-Type: text/plain\r\n\r\nx\r\n--a\r\n"
      "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--a--\r\n";
  EXPECT_TRUE(kind("multipart/alternative; boundary=a", alternatives).is_invitation);
}

TEST(Kind, ACalendarFileAsAttachmentIsNone) {
  const std::string parts =
      "--a\r\nContent-Type: text/plain\r\n\r\nx\r\n--a\r\nContent-Disposition: attachment\r\n"
      "Content-Type: text/calendar; method=PUBLISH\r\n\r\nBEGIN:VCALENDAR\r\n--a--\r\n";
  EXPECT_FALSE(kind("multipart/mixed; boundary=a", parts).is_invitation);
}

}  // namespace
}  // namespace siegel::tests
