#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/post.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using policy::Summary;
using testing::HasSubstr;

TEST(InspectAmbiguity, R49_DoubledFieldsTakeGoodAway) {
  const std::string good = signed_by(anna());
  EXPECT_EQ(desk().summary(letter(good, "Subject: another\r\n")), "malformed");
  EXPECT_EQ(desk().summary(letter(good, "Content-Type: text/plain\r\n")), "none");
  EXPECT_NE(desk().summary(letter(good + "", "Sender: a@x.example\r\nSender: b@x.example\r\n")),
            "good");
}

TEST(InspectAmbiguity, R49_AmbiguityInTheSignedPartTakesGoodAway) {
  const std::string entity = "Content-Type: text/plain\r\n" + text_entity;
  EXPECT_EQ(desk().summary(letter(signed_by(anna(), entity))), "malformed");
}

TEST(InspectAmbiguity, R49_FieldWithBlankBeforeColonTakesGoodAway) {
  EXPECT_EQ(desk().summary(letter(signed_by(anna()), "X-Note : a\r\n")), "malformed");
}

TEST(InspectAmbiguity, R49_ASecondSpellingOfTheBoundaryTakesGoodAway) {
  std::string text = letter(signed_by(anna()));
  text.insert(text.find("; boundary="), "; boundary*=us-ascii''other");
  EXPECT_EQ(desk().summary(text), "malformed");
}

TEST(InspectAmbiguity, R49_LongLinesAreNoAmbiguity) {
  const std::string entity = "Content-Type: text/plain\r\n\r\n" + std::string(1200, 'x') + "\r\n";
  EXPECT_EQ(desk().summary(letter(signed_by(anna(), entity))), "good");
}

// --- parts below

/// What is found of a signed letter with such a part in it.
policy::Verdict with_part(const std::string& head) {
  const std::string part = head + "\r\ntext\r\n";
  return desk().sees(letter(signed_by(anna(), mixed({text_entity, part})))).verdict;
}

TEST(InspectAmbiguity, R49_APartThatCanBeReadInTwoWaysMakesItPartial) {
  for (const std::string head :
       {"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Transfer-Encoding: 7bit\r\n",
        "Content-Type: text/plain; charset=utf-8; charset=utf-7\r\n",
        "Content-Type : text/html\r\n", "Content-Type: text/html\r\nno field\r\n",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-rot13\r\n"}) {
    const auto verdict = with_part(head);
    EXPECT_EQ(verdict.summary(), Summary::partial) << head;
    EXPECT_THAT(verdict.layers.at(0).reason, HasSubstr("more than one way")) << head;
  }
}

TEST(InspectAmbiguity, R49_WhatEverybodyReadsAlikeIsNoAmbiguity) {
  for (const std::string head :
       {"Content-Type: text/plain\r\nContent-Type: text/plain\r\n",
        "Content-Type: text/plain; charset=utf-8; charset=utf-8\r\n",
        "Content-ID: <a@b>\r\nContent-ID: <c@d>\r\n",
        "Content-Type: application/pdf; name=Antrag auf Bau.pdf\r\n",
        "Content-Type: multipart/alternative; boundary=open\r\n\r\n--open\r\n"}) {
    const auto verdict = with_part(head);
    EXPECT_EQ(verdict.summary(), Summary::good) << head << remarks(verdict);
  }
}

TEST(InspectAmbiguity, R49_TheHeadOfAnAttachedMessageIsItsOwnAffair) {
  const std::string type = "Content-Type: text/plain\r\n";
  const auto with_attached = [](const std::string& head) {
    return desk().summary(
        letter(signed_by(anna(), mixed({text_entity, attached(head + "\r\ntext\r\n")}))));
  };
  EXPECT_EQ(with_attached("Subject: a\r\nSubject: b\r\nX-Note : c\r\n" + type), "good");
  EXPECT_EQ(with_attached(type + "Content-Type: text/html\r\n"), "partial");
}

TEST(InspectAmbiguity, AnUnquotedNameOfTheSignatureDoesNoHarm) {
  std::string entity = multipart_signed(text_entity, Forge(text_entity).signed_by(anna()).der());
  const std::string name = "name=\"smime.p7s\"";
  const auto named = [&](const std::string& other) {
    std::string changed = entity;
    return desk().summary(letter(changed.replace(changed.find(name), name.size(), other)));
  };
  EXPECT_EQ(named("name=my smime.p7s"), "good");
  EXPECT_EQ(named("name=my smime.p7s; x=y"), "malformed");
  EXPECT_EQ(named("name=my \"smime.p7s\""), "malformed");
}

TEST(InspectAmbiguity, TheReasonIsInPlainWords) {
  EXPECT_THAT(remarks(desk().sees(letter(signed_by(anna()), "X-Note : a\r\n")).verdict),
              HasSubstr("a blank stands before the colon of a field"));
}

}  // namespace
}  // namespace siegel::tests
