#include "gateway/policy/tag_stripper.h"

#include <random>

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace siegel::policy {
namespace {

const TagStripper& tags() {
  static const TagStripper stripper({"signiert", "Signatur ungültig", "entschlüsselt"});
  return stripper;
}

TEST(TagStripper, TagsGoWhereverTheyStand) {
  EXPECT_EQ(tags().strip("[signiert] Antrag"), "Antrag");
  EXPECT_EQ(tags().strip("AW: [signiert] Antrag"), "AW: Antrag");
  EXPECT_EQ(tags().strip("Antrag [signiert]"), "Antrag");
  EXPECT_EQ(tags().strip("[signiert][entschlüsselt]  [Signatur ungültig]"), "");
}

TEST(TagStripper, OtherTextStaysAsItIs) {
  for (const std::string text :
       {"", "  Antrag  ", "[extern] Antrag", "signiert", "[signiert", "signiert]", "[x signiert]",
        "[]", "[[[", "]]]", "e\xCC\x81", "a\xFF[b"}) {
    EXPECT_EQ(tags().strip(text), text);
  }
}

TEST(TagStripper, R50_NestedTagsLeaveNothing) {
  EXPECT_EQ(tags().strip("[sig[signiert]niert] a"), "a");
  EXPECT_EQ(tags().strip("[s[s[signiert]igniert]igniert] a"), "a");
  EXPECT_EQ(tags().strip("[sig[entschlüsselt][signiert]niert] a"), "a");
}

TEST(TagStripper, R50_DisguisesAreSeenThrough) {
  for (const std::string text : {"[SIGNIERT]",
                                 "[ signiert ]",
                                 "[s i g n i e r t]",
                                 "[sig\xC2\xADniert]",
                                 "[sig\xE2\x80\x8Bniert]",
                                 "\xE2\x80\xAE[signiert]",
                                 "[\xE2\x80\xAEsigniert\xE2\x80\xAC]",
                                 "［signiert］",
                                 "【signiert】",
                                 "〔signiert〕",
                                 "⟦signiert⟧",
                                 "[ｓｉｇｎｉｅｒｔ]",
                                 "[𝐬𝐢𝐠𝐧𝐢𝐞𝐫𝐭]",
                                 "[ⓢⓘⓖⓝⓘⓔⓡⓣ]",
                                 "[s\xCC\xB2igniert]",
                                 "[signiert\xEF\xB8\x8F]",
                                 "[Signatur ungu\xCC\x88ltig]",
                                 "[Signatur\xC2\xA0ungültig]",
                                 "[SIGNATUR UNGÜLTIG]",
                                 "[entschlüſſelt]",
                                 "[sig\tniert]",
                                 "[ſigniert]"}) {
    EXPECT_TRUE(tags().has_tag(text)) << text;
  }
}

TEST(TagStripper, R50_LettersOfOtherScriptsAreSeenThrough) {
  for (const std::string text : {"[ѕignіеrt]", "[ЅІGNIERT]", "[sıgnıert]", "[SΙGΝΙΕRΤ]",
                                 "[siɡniert]", "[signїert]", "[Ѕіgnаtur ungültіg]"}) {
    EXPECT_TRUE(tags().has_tag(text)) << text;
  }
}

TEST(TagStripper, OtherScriptsStayAsTheyAre) {
  for (const std::string text : {"[срочно] Заявка", "Αίτηση [επείγον]", "[Москва]"}) {
    EXPECT_EQ(tags().strip(text), text);
  }
}

TEST(WithoutBidiControls, TakesThemAndNothingElse) {
  EXPECT_EQ(without_bidi_controls("\xE2\x80\xAE[treingis]\xE2\x80\xAC \xE2\x81\xA7x\xE2\x81\xA9"),
            "[treingis] x");
  for (const std::string text : {"", "שלום \xE2\x80\x8Fעולם", "a\xFF\xE2\x80", "Grüße"}) {
    EXPECT_EQ(without_bidi_controls(text), text);
  }
}

TEST(TagStripper, LongSubjectsAreQuick) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "[\xE2\x80\x8Bsig";
  for (int i = 0; i < 20000; ++i) text += "niert]";
  EXPECT_EQ(tags().strip(text), "");
}

/// Pieces that tags and their disguises are made of.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> pieces{"[",
                                               "]",
                                               "sig",
                                               "niert",
                                               "signiert",
                                               "[signiert]",
                                               "Signatur ",
                                               "ungültig",
                                               "［",
                                               "］",
                                               " ",
                                               "\t",
                                               "\xE2\x80\x8B",
                                               "\xC2\xAD",
                                               "S",
                                               "x",
                                               "entschlüsselt",
                                               "\xCC\x88",
                                               "\xFF",
                                               "〔S〕",
                                               "🄪"};
  std::string text;
  for (auto count = random() % 30; count > 0; --count) text += pieces[random() % pieces.size()];
  return text;
}

TEST(TagStripper, R50_NoInputYieldsATag) {
  std::mt19937 random(50);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random);
    const std::string stripped = tags().strip(text);
    ASSERT_FALSE(tags().has_tag(stripped)) << printable(text) << " -> " << printable(stripped);
    ASSERT_EQ(stripped.find("[signiert]"), std::string::npos);
  }
}

}  // namespace
}  // namespace siegel::policy
