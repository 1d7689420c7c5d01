#include "gateway/policy/intent.h"

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

mail::Message message(const std::string& head, const std::string& body = "x\r\n") {
  return mail::Message::parse(Blob(head + "\r\n" + body));
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
  const config::Tags tags;
  EXPECT_TRUE(intent("Subject: [sign] [encrypt] Antrag\r\n").sign);
  EXPECT_EQ(policy::without_control_tags("[sign] [encrypt] Antrag [plain]", tags), "Antrag");
  EXPECT_EQ(policy::without_control_tags("AW: [encrypt] Antrag", tags), "AW: Antrag");
  EXPECT_EQ(policy::without_control_tags("[wichtig] Antrag", tags), "[wichtig] Antrag");
}

TEST(Intent, ATagMayBeEncoded) {
  EXPECT_TRUE(intent("Subject: =?utf-8?B?W3ZlcnNjaGzDvHNzZWxuXSBBbnRyYWc=?=\r\n").encrypt);
}

TEST(Intent, AnyCaseHoldsForUmlautsHoweverTheyAreComposed) {
  EXPECT_TRUE(intent("Subject: [VERSCHLÜSSELN] Antrag\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: [verschlu\u0308sseln] Antrag\r\n").encrypt);
  EXPECT_EQ(policy::without_control_tags("[VERSCHLÜSSELN] Antrag", config::Tags()), "Antrag");
}

TEST(Intent, BlanksThatNobodySeesHideNoTag) {
  EXPECT_TRUE(intent("Subject: Antrag [vertraulich]\u00A0\r\n").encrypt);
  EXPECT_TRUE(intent("Subject: \u200B[\u00A0vertraulich ] Antrag\r\n").encrypt);
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
