#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/post.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using policy::Summary;
using testing::HasSubstr;

/// What is found of a letter with this From field, signed by anna.
policy::Verdict signed_as(const std::string& from, const std::string& more_fields = {}) {
  return Desk().sees(letter_from(from, signed_by(anna()), more_fields)).verdict;
}

TEST(InspectAuthor, R16_AnotherFromIsAMismatch) {
  const auto verdict = signed_as("Boss <boss@stadt.example>");
  EXPECT_EQ(verdict.summary(), Summary::mismatch);
  EXPECT_THAT(remarks(verdict), HasSubstr("signed by anna@buerger.example, but"));
}

TEST(InspectAuthor, R16_DisplayNameProvesNothing) {
  EXPECT_EQ(signed_as("\"anna@buerger.example\" <boss@stadt.example>").summary(),
            Summary::mismatch);
}

TEST(InspectAuthor, R16_DisplayNameWithAnotherAddressIsRemarked) {
  const auto verdict = signed_as("\"boss@stadt.example\" <anna@buerger.example>");
  EXPECT_THAT(remarks(verdict), HasSubstr("display name"));
}

TEST(InspectAuthor, R16_DoubleFromIsAMismatch) {
  EXPECT_EQ(signed_as("anna@buerger.example", "From: boss@stadt.example\r\n").summary(),
            Summary::mismatch);
}

TEST(InspectAuthor, R16_TwoMailboxesInFromAreAMismatch) {
  EXPECT_EQ(signed_as("anna@buerger.example, boss@stadt.example").summary(), Summary::mismatch);
  EXPECT_EQ(signed_as("Team: anna@buerger.example;").summary(), Summary::mismatch);
}

TEST(InspectAuthor, R16_CommentsWithAddressesAreAMismatch) {
  EXPECT_EQ(signed_as("anna@buerger.example (boss@stadt.example)").summary(), Summary::mismatch);
}

TEST(InspectAuthor, R16_SenderMaySignButIsNotTheAuthor) {
  const auto verdict = signed_as("boss@stadt.example", "Sender: anna@buerger.example\r\n");
  EXPECT_EQ(verdict.summary(), Summary::mismatch);
  EXPECT_THAT(remarks(verdict), HasSubstr("on behalf of boss@stadt.example"));
}

TEST(InspectAuthor, R16_KeyOfADomainVouchesForNoAuthor) {
  for (const char* named : {"*@buerger.example", "gateway@buerger.example"}) {
    const std::string letter = letter_from(anna_address, signed_by(world().person(named)));
    EXPECT_EQ(Desk().sees(letter).verdict.summary(), Summary::mismatch) << named;
  }
}

TEST(InspectAuthor, MissingFromIsAMismatch) {
  const std::string text = "To: a@x.example\r\nMIME-Version: 1.0\r\n" + signed_by(anna());
  EXPECT_EQ(Desk().summary(text), "mismatch");
}

TEST(InspectAuthor, DomainIsComparedInAnyCase) {
  EXPECT_EQ(signed_as("anna@BUERGER.example").summary(), Summary::good);
}

TEST(InspectAuthor, LocalPartIsFoldedOnlyIfTheTenantWants) {
  const std::string text = letter_from("Anna@buerger.example", signed_by(anna()));
  Desk desk;
  EXPECT_EQ(desk.summary(text), "good");
  EXPECT_THAT(remarks(desk.sees(text).verdict), HasSubstr("capital letters"));
  desk.settings.fold_local_part = false;
  EXPECT_EQ(desk.summary(text), "mismatch");
}

TEST(InspectAuthor, CertificateWithoutAddressIsAMismatchWithAReason) {
  const auto verdict = Desk().sees(letter(signed_by(certified_for({})))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::mismatch);
  EXPECT_THAT(remarks(verdict), HasSubstr("holds no mail address"));
}

// CVE-2026-2748
TEST(InspectAuthor, B0_CertificateAddressWithBlankIsAMismatch) {
  const auto verdict =
      Desk().sees(letter(signed_by(certified_for({"anna@buerger.example "})))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::mismatch);
  EXPECT_THAT(remarks(verdict), HasSubstr("not a clean mail address"));
}

TEST(InspectAuthor, SecondAddressOfACertificateCounts) {
  const Party both = certified_for({"other@buerger.example", anna_address});
  EXPECT_EQ(Desk().summary(letter(signed_by(both))), "good");
}

TEST(InspectAuthor, OuterSignatureOfAnotherIsAMismatch) {
  const Party gateway = world().person("gateway@world.example");
  EXPECT_EQ(Desk().summary(letter(signed_by(gateway, signed_by(anna())))), "mismatch");
}

TEST(InspectAuthor, SignatureWithoutItsCertificateIsNobodysRatherThanAnothers) {
  const std::string cms = Forge(text_entity).signed_by(anna(), EVP_sha256(), CMS_NOCERTS).der();
  const auto verdict = Desk().sees(letter(multipart_signed(text_entity, cms))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::untrusted);
  EXPECT_FALSE(verdict.signer_is_author);
  EXPECT_THAT(remarks(verdict), HasSubstr("did not come with the message"));
}

}  // namespace
}  // namespace siegel::tests
