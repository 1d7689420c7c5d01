#include <string>

#include <gtest/gtest.h>

#include "gateway/mail/fields.h"
#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

using mail::bare_value;
using mail::decode_text;

TEST(DecodeText, JoinsAdjacentEncodedWords) {
  EXPECT_EQ(decode_text(" =?utf-8?q?Gr=C3=BC?=\r\n =?UTF-8?B?w59l?= an"),
            "Gr\xC3\xBC\xC3\x9F"
            "e an");
}

TEST(DecodeText, JoinsACharacterCutInTwo) {
  EXPECT_EQ(decode_text("=?utf-8?q?Gr=C3?= =?utf-8?q?=BCn?="), "Gr\xC3\xBCn");
}

TEST(DecodeText, JoinsPaddedBase64Words) {
  EXPECT_EQ(decode_text("=?utf-8?B?w7Y=?= =?utf-8?B?w7Y=?="), "\xC3\xB6\xC3\xB6");
  EXPECT_EQ(decode_text("=?utf-8?B?w7Y=?= =?iso-8859-1?Q?=F6?="), "\xC3\xB6\xC3\xB6");
}

TEST(DecodeText, LeavesAloneWhatIsNoEncodedWord) {
  for (const char* text : {"=?", "=?utf-8", "=?utf-8?q?", "=?utf-8?q?x",
                           "=?utf-8?x?y?=", "=?no-such-set?q?x?=", "=?utf-8?q?a?b?="})
    EXPECT_EQ(decode_text(text), text);
}

TEST(DecodeText, R45_EncodedLineEndsBecomeBlanks) {
  EXPECT_EQ(decode_text("=?utf-8?q?a=0D=0ABcc:_x=00?="), "a  Bcc: x ");
}

TEST(DecodeText, KnowsOtherCharacterSets) {
  EXPECT_EQ(decode_text("=?iso-8859-1?q?Gr=FC=DFe?="),
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(decode_text("=?windows-1252?b?gA==?="), "\xE2\x82\xAC");
}

TEST(DecodeText, RawUtf8StaysAndBadOctetsAreReplaced) {
  EXPECT_EQ(decode_text("Gr\xC3\xBCn"), "Gr\xC3\xBCn");
  EXPECT_EQ(decode_text("Gr\xFCn"), "Gr\xEF\xBF\xBDn");
}

TEST(DecodeText, UnfoldsAndDropsControls) {
  using namespace std::string_literals;
  EXPECT_EQ(decode_text(" a\r\n b"), "a b");
  EXPECT_EQ(decode_text("a\0b"s), "a b");
}

TEST(BareValue, DropsFoldingAndComments) {
  EXPECT_EQ(bare_value(" (x) auto-replied\r\n"), "auto-replied");
  EXPECT_EQ(bare_value("7bit (nested (very)) \r\n"), "7bit");
  EXPECT_EQ(bare_value(" a\r\n\tb"), "a b");
  EXPECT_EQ(bare_value("no (open"), "no");
  EXPECT_EQ(bare_value(""), "");
}

TEST(ContentTypeField, R49_FaultsAreNamed) {
  const auto fault = [](std::string_view body) {
    std::vector<mail::Defect> defects;
    static_cast<void>(mail::parse_content_type(body, defects));
    return defects.empty() ? "none" : std::string(mail::name(defects.front()));
  };
  EXPECT_EQ(fault(" text/html; charset=utf-8"), "none");
  EXPECT_EQ(fault(" text/html (a comment); charset=utf-8;"), "none");
  EXPECT_EQ(fault(" multipart/mixed; boundary=a; boundary=b"), "duplicate-parameter");
  EXPECT_EQ(fault(" multipart/mixed; boundary=a; Boundary=a"), "duplicate-parameter");
  EXPECT_EQ(fault(" multipart/mixed; boundary=a; boundary*=us-ascii''b"), "duplicate-parameter");
  EXPECT_EQ(fault(" multipart/mixed; boundary*0=b; boundary=a"), "duplicate-parameter");
  EXPECT_EQ(fault(" multipart/mixed; boundary*0=a; boundary*1=b"), "none");
  EXPECT_EQ(fault(" text/plain; name=a; name*=utf-8''%C3%A4"), "none");
  EXPECT_EQ(fault(" text"), "malformed-content-type");
  EXPECT_EQ(fault(" text/html; charset"), "malformed-content-type");
  EXPECT_EQ(fault(" text/html; name=a b"), "malformed-content-type");
  EXPECT_EQ(fault(" text/html; name=\"open"), "malformed-content-type");
  EXPECT_EQ(fault(""), "malformed-content-type");
}

}  // namespace
}  // namespace siegel::tests
