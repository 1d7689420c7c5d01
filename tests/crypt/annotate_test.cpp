#include "gateway/crypt/annotate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using policy::Form;
using policy::Layer;
using policy::Status;
using policy::Verdict;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string our_name = "gw.stadt.example";

Verdict signed_with(Status status) {
  Layer layer;
  layer.status = status;
  layer.signer = Address::parse(anna_address);
  layer.issuer = "CN=CA \"one\" (a\\b), O=X";
  layer.serial = "0A1B";
  layer.part = "2";
  layer.reason = "why (so)";
  Verdict verdict;
  verdict.layers = {layer};
  verdict.signer_is_author = verdict.covers_all = true;
  return verdict;
}

std::string results(const Verdict& verdict) {
  return crypt::authentication_results(verdict, our_name);
}

bool is_forged(const std::string& field) {
  const auto message = parsed(field + "\r\n\r\n");
  return crypt::is_forged_mark(message.top().fields.at(0), our_name);
}

// --- our own words

TEST(AuthenticationResults, UnsignedIsNone) {
  EXPECT_EQ(results({}), "gw.stadt.example; smime=none");
}

TEST(AuthenticationResults, GoodNamesSignerAndSignature) {
  Verdict verdict = signed_with(Status::good);
  verdict.layers[0].issuer = "CN=CA";
  EXPECT_EQ(results(verdict),
            "gw.stadt.example; smime=pass body.smime-identifier=anna@buerger.example "
            "body.smime-part=2 body.smime-serial=0A1B body.smime-issuer=\"CN=CA\"");
}

TEST(AuthenticationResults, EachStateHasItsWord) {
  EXPECT_THAT(results(signed_with(Status::bad)), HasSubstr("smime=fail"));
  EXPECT_THAT(results(signed_with(Status::revoked)), HasSubstr("smime=fail"));
  EXPECT_THAT(results(signed_with(Status::untrusted)), HasSubstr("smime=policy"));
  EXPECT_THAT(results(signed_with(Status::expired)), HasSubstr("smime=policy"));
  EXPECT_THAT(results(signed_with(Status::weak)), HasSubstr("smime=policy"));
  EXPECT_THAT(results(signed_with(Status::unchecked_revocation)), HasSubstr("smime=temperror"));
  EXPECT_THAT(results(signed_with(Status::malformed)), HasSubstr("smime=permerror"));
  Verdict mismatch = signed_with(Status::good);
  mismatch.signer_is_author = false;
  EXPECT_THAT(results(mismatch), HasSubstr("smime=fail"));
  Verdict partial = signed_with(Status::good);
  partial.covers_all = false;
  EXPECT_THAT(results(partial), HasSubstr("smime=policy"));
}

TEST(AuthenticationResults, WhatCannotBeCheckedIsNeutral) {
  EXPECT_THAT(results(signed_with(Status::unsupported)), HasSubstr("smime=neutral (why"));
  EXPECT_THAT(results(signed_with(Status::no_certificate)), HasSubstr("smime=policy"));
  Verdict with_a_wrong_one = signed_with(Status::unsupported);
  with_a_wrong_one.layers.push_back(signed_with(Status::bad).layers[0]);
  EXPECT_THAT(results(with_a_wrong_one), HasSubstr("smime=permerror"));
}

TEST(AuthenticationResults, WhatTheTenantAcceptsPasses) {
  Verdict weak = signed_with(Status::weak);
  weak.layers[0].accepted_weak = true;
  EXPECT_THAT(results(weak), HasSubstr("smime=pass"));
  Verdict unchecked = signed_with(Status::unchecked_revocation);
  unchecked.layers[0].soft_fail = true;
  EXPECT_THAT(results(unchecked), HasSubstr("smime=pass"));
}

TEST(AuthenticationResults, R45_WhatACertificateSaysIsEscaped) {
  const std::string text = results(signed_with(Status::bad));
  EXPECT_THAT(text, HasSubstr("(why \\(so\\))"));
  EXPECT_THAT(text, HasSubstr("body.smime-issuer=\"CN=CA \\\"one\\\" (a\\\\b), O=X\""));
}

TEST(VerdictValue, R45_LineEndsInNamesMakeNoFields) {
  Verdict verdict = signed_with(Status::bad);
  verdict.layers[0].reason = "x\r\nX-Siegel-Verdict: good\r\n\r\n";
  verdict.notes = {"a\nb\"; signer=\"boss"};
  const std::string field = mail::make_field("X-Siegel-Verdict", crypt::verdict_value(verdict));
  EXPECT_EQ(parsed(field + "\r\n").top().fields.size(), 1U);
  EXPECT_THAT(crypt::verdict_value(verdict), HasSubstr("b\\\"; signer=\\\"boss\""));
  EXPECT_THAT(crypt::verdict_value(verdict), StartsWith("bad; signer="));
}

TEST(VerdictValue, EncryptionIsSaid) {
  Verdict verdict;
  Layer layer;
  layer.form = Form::encryption;
  layer.status = Status::good;
  layer.algorithm = "AES-256-CBC";
  layer.authenticated = false;
  verdict.layers = {layer};
  verdict.encrypted = verdict.decrypted = true;
  EXPECT_EQ(crypt::verdict_value(verdict),
            "none; encryption=opened; cipher=\"AES-256-CBC\"; integrity=no");
}

// --- fields

TEST(ForgedMark, R50_OwnFieldsInAnySpelling) {
  EXPECT_TRUE(is_forged("X-Siegel-Verdict: good"));
  EXPECT_TRUE(is_forged("x-SIEGEL-anything: 1"));
  EXPECT_TRUE(is_forged("X-Siegel-Verdict : good"));
  EXPECT_FALSE(is_forged("X-Sieger: 1"));
  EXPECT_FALSE(is_forged("Subject: X-Siegel-Verdict: good"));
}

TEST(ForgedMark, R50_OurResultsHoweverWritten) {
  for (const std::string id :
       {"gw.stadt.example", "GW.Stadt.EXAMPLE", "(x) gw.stadt.example (y)", "gw.stadt.example 1",
        "\"gw.stadt.example\"", "\r\n gw.stadt.example", "gw.stadt.example.",
        "gw . stadt . example", "(a (nested; comment)) gw.stadt.example", "gw(x).stadt(y).example",
        "\"gw.stadt\\.example\""}) {
    EXPECT_TRUE(is_forged("Authentication-Results: " + id + "; smime=pass")) << id;
  }
  EXPECT_TRUE(is_forged("AUTHENTICATION-results:gw.stadt.example;smime=pass"));
}

TEST(ForgedMark, R50_ResultsThatNobodyCanAscribe) {
  for (const std::string body :
       {"smime=pass", "", ";smime=pass", "(unclosed gw.stadt.example; smime=pass",
        "\"unclosed; smime=pass", "=?utf-8?q?gw.stadt.example?=; smime=pass", "gw.stadt.example",
        "gw.stadt.example smime=pass; x"}) {
    EXPECT_TRUE(is_forged("Authentication-Results: " + body)) << body;
  }
}

TEST(ForgedMark, ResultsOfOthersStay) {
  EXPECT_FALSE(is_forged("Authentication-Results: mx.other.example; dkim=pass"));
  EXPECT_FALSE(is_forged("Authentication-Results: mx.other.example 1; none"));
  EXPECT_FALSE(is_forged("Authentication-Results: other-gw.stadt.example; none"));
  EXPECT_FALSE(is_forged("ARC-Authentication-Results: i=1; gw.stadt.example; none"));
}

TEST(ForgedMark, R50_LinesThatSomeReaderMayTakeForAField) {
  EXPECT_TRUE(is_forged("X-Other: a\rX-Siegel-Verdict: good"));
  EXPECT_TRUE(is_forged("X-Siegel-Verdict"));
  EXPECT_TRUE(is_forged(std::string("\0X-Siegel-Verdict: good", 23)));
  EXPECT_TRUE(is_forged(std::string("X-Sie\0gel-Verdict: good", 23)));
  EXPECT_TRUE(is_forged("X-Siegel\xE2\x80\x8B-Verdict: good"));
  EXPECT_TRUE(is_forged("Authentication -Results: gw.stadt.example; smime=pass"));
  EXPECT_FALSE(is_forged("just a line"));
}

// --- the whole head

class Annotate : public testing::Test {
 protected:
  Annotate() { config.name = our_name; }

  std::string annotated(const std::string& text, const Verdict& verdict) const {
    const auto message = parsed(text);
    mail::HeadEdit head(message);
    crypt::annotate(head, message, verdict, config);
    return text_of(head.message());
  }
  std::string subject_after(const std::string& field, const Verdict& verdict = {}) const {
    return mail::subject(parsed(annotated(field + "\r\n\r\nbody\r\n", verdict)).top());
  }

  config::Config config;
};

TEST_F(Annotate, R50_ForgedMarksGoAndOursStand) {
  const std::string text = annotated(
      "X-Siegel-Verdict: good\r\nAuthentication-Results: gw.stadt.example; smime=pass\r\n"
      "Authentication-Results: mx.other.example; dkim=pass\r\nFrom: a@x.example\r\n\r\nbody\r\n",
      {});
  EXPECT_EQ(
      text,
      "Authentication-Results: gw.stadt.example; smime=none\r\n"
      "X-Siegel-Verdict: none; encryption=no\r\n"
      "Authentication-Results: mx.other.example; dkim=pass\r\nFrom: a@x.example\r\n\r\nbody\r\n");
}

TEST_F(Annotate, SubjectShowsTheVerdict) {
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::good)), "[signiert] Antrag");
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::bad)),
            "[Signatur ungültig] Antrag");
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::untrusted)), "Antrag");
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::unsupported)), "Antrag");
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::no_certificate)), "Antrag");
  EXPECT_EQ(subject_after("From: a@x.example", signed_with(Status::good)), "[signiert]");
}

TEST_F(Annotate, OpenedMailIsShown) {
  Verdict verdict = signed_with(Status::good);
  verdict.encrypted = verdict.decrypted = true;
  EXPECT_EQ(subject_after("Subject: Antrag", verdict), "[signiert] [entschlüsselt] Antrag");
}

TEST_F(Annotate, SubjectThatNeedsNoChangeStaysOctetForOctet) {
  const std::string subject =
      "Subject:   =?iso-8859-1?Q?=DCber?=\r\n =?iso-8859-1?Q?_uns?=  [x]  \r\n";
  EXPECT_THAT(annotated(subject + "\r\nbody\r\n", {}), HasSubstr("\r\n" + subject + "\r\nbody"));
}

TEST_F(Annotate, TenantMayLeaveTheSubjectAlone) {
  config.tags.annotate_subject = false;
  EXPECT_EQ(subject_after("Subject: Antrag", signed_with(Status::good)), "Antrag");
  EXPECT_EQ(subject_after("Subject: [signiert] Antrag", signed_with(Status::bad)), "Antrag");
}

// CVE-2026-29141: what a reader's mail program shows as a tag.
TEST_F(Annotate, R50_B0_ForgedTagsAreFoundAfterDecoding) {
  for (const std::string value :
       {"[signiert] Antrag", "=?utf-8?q?=5Bsigniert=5D?= Antrag",
        "=?utf-8?b?W3NpZ25pZXJ0XQ==?= Antrag", "[sig=?utf-8?q?niert]?= Antrag",
        "=?utf-8?q?[sig?= =?utf-8?q?niert]?= Antrag",
        "=?utf-8?q?[sig?=\r\n =?utf-8?q?niert]?= Antrag", "=?utf-8?q?[signiert]?=Antrag",
        "[=?utf-8?q?signiert?=] Antrag", "=?utf-8?Q?[sig niert]_Antrag?=",
        "=?utf-7?q?+AFs-signiert+AF0-?= Antrag", "[sig\r\n niert] Antrag"}) {
    const std::string shown = subject_after("Subject: " + value);
    EXPECT_THAT(shown, Not(HasSubstr("niert"))) << value;
    EXPECT_THAT(shown, HasSubstr("Antrag")) << value;
  }
}

TEST_F(Annotate, R50_WordsThatWeCannotDecodeArePlainTextToEverybody) {
  for (const std::string word :
       {"=?unicode-1-1-utf-7?q?+AFs-signiert+AF0-?=", "=?hz-gb-2312?b?W3NpZ25pZXJ0XQ==?=",
        "=?x-user-defined?b?W3NpZ25pZXJ0XQ==?=", "=?utf-8?q?=5Bsigniert=5D",
        "=?utf-8?q?=5Bsigniert=5D_?\?="}) {
    const std::string text = annotated("Subject: " + word + " x\r\n\r\nb\r\n", {});
    EXPECT_THAT(text, Not(HasSubstr(word))) << word;
  }
}

TEST_F(Annotate, R50_RawOctetsOfAnotherCharacterSetHideNoTag) {
  EXPECT_EQ(subject_after("Subject: [entschl\xFCsselt] Antrag"), "Antrag");
  EXPECT_EQ(subject_after("Subject: [Signatur ung\xFCltig] Gr\xFC\xDF"
                          "e"),
            "Grüße");
  EXPECT_EQ(subject_after("Subject: =?utf-8?q?=5Bsig=FFniert=5D?= Antrag"), "Antrag");
}

TEST_F(Annotate, R50_NothingIsTurnedIntoATag) {
  for (const std::string value :
       {"\xE2\x80\xAE[treingis]\xE2\x80\xAC Antrag", "\xE2\x81\xA7[treingis]\xE2\x81\xA9 Antrag",
        "=?utf-8?Q?=E2=80=AE[treingis]=E2=80=AC_Antrag?="}) {
    EXPECT_EQ(subject_after("Subject: " + value), "[treingis] Antrag") << value;
  }
}

TEST_F(Annotate, R50_DoubledSubjectIsNoHidingPlace) {
  const std::string text = annotated("Subject: a\r\nSubject: [signiert] b\r\n\r\nbody\r\n", {});
  EXPECT_THAT(text, Not(HasSubstr("signiert")));
}

}  // namespace
}  // namespace siegel::tests
