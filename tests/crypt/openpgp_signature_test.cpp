#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/openpgp_post.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using policy::Scheme;
using policy::Status;
using policy::Summary;
using testing::HasSubstr;
using testing::SizeIs;

/// A gateway that knows anna's key, as `provenance` says.
class OpenPgpSignature : public testing::Test {
 protected:
  void knows_anna(Provenance provenance = Provenance::admin) {
    desk.keys.know(anna_address, annas_home().exported(anna_id), provenance);
  }

  OpenPgpDesk desk;
};

TEST_F(OpenPgpSignature, OfAKnownKeyIsGood) {
  knows_anna();
  const auto verdict = desk.verdict(letter(signed_by_anna()));
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  ASSERT_THAT(verdict.layers, SizeIs(1));
  EXPECT_EQ(verdict.layers[0].scheme, Scheme::openpgp);
  EXPECT_EQ(verdict.layers[0].signer->str(), anna_address);
  EXPECT_EQ(verdict.layers[0].part, "2");
  EXPECT_EQ(verdict.layers[0].serial, desk.keys.read(annas_home().exported(anna_id)).fingerprint());
  EXPECT_THAT(verdict.layers[0].algorithm, HasSubstr("EdDSA with SHA"));
}

TEST_F(OpenPgpSignature, ChangedContentIsBad) {
  knows_anna();
  std::string text = letter(signed_by_anna());
  text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  EXPECT_EQ(desk.summary(text), "bad");
}

TEST_F(OpenPgpSignature, WithoutTheSectionItIsNeitherGoodNorNone) {
  const auto verdict = Desk().sees(letter(signed_by_anna())).verdict;
  EXPECT_EQ(verdict.layers.at(0).status, Status::unsupported);
  EXPECT_EQ(verdict.layers.at(0).scheme, Scheme::openpgp);
}

// --- whom we believe (STANDARDS §4.3.3)

TEST_F(OpenPgpSignature, R13_OfAnUnknownKeyNobodyKnowsWhoSigned) {
  const auto verdict = desk.verdict(letter(signed_by_anna()));
  EXPECT_EQ(verdict.summary(), Summary::untrusted) << remarks(verdict);
  EXPECT_EQ(verdict.layers.at(0).status, Status::no_certificate);
  EXPECT_THAT(verdict.layers.at(0).reason, HasSubstr("is not known"));
}

TEST_F(OpenPgpSignature, R13_OfAKeyThatCameWithTheMessageIsRightButNobodysWord) {
  const std::string entity = mixed({us_text, key_part(annas_home().exported(anna_id))});
  const auto verdict = desk.verdict(letter(signed_by_anna(entity)));
  EXPECT_EQ(verdict.summary(), Summary::untrusted) << remarks(verdict);
  EXPECT_EQ(verdict.layers.at(0).status, Status::unknown_signer);
  EXPECT_TRUE(verdict.signer_is_author);
}

TEST_F(OpenPgpSignature, R13_AKeyThatCameAlongTellsAWrongSignatureFromARightOne) {
  const std::string entity = mixed({us_text, key_part(annas_home().exported(anna_id))});
  std::string text = letter(signed_by_anna(entity));
  text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  EXPECT_EQ(desk.summary(text), "bad");
}

TEST_F(OpenPgpSignature, R33_OfAKeyThatNobodyVouchedForIsUntrusted) {
  for (const Provenance provenance :
       {Provenance::autocrypt, Provenance::dns, Provenance::foreign_directory}) {
    OpenPgpDesk other;
    other.keys.know(anna_address, annas_home().exported(anna_id), provenance);
    const auto verdict = other.verdict(letter(signed_by_anna()));
    EXPECT_EQ(verdict.layers.at(0).status, Status::untrusted);
    EXPECT_EQ(verdict.summary(), Summary::untrusted);
  }
}

TEST_F(OpenPgpSignature, R34_OfAKeyThatWaitsForAnAdminIsUntrusted) {
  desk.keys.suspect(anna_address, annas_home().exported(anna_id));
  const auto verdict = desk.verdict(letter(signed_by_anna()));
  EXPECT_EQ(verdict.layers.at(0).status, Status::untrusted);
  EXPECT_THAT(verdict.layers.at(0).reason, HasSubstr("nobody has checked"));
}

TEST_F(OpenPgpSignature, OfAMailboxOfOursIsGood) {
  const auto key = *desk.keys.signer(*Address::parse("bauamt@stadt.example"), now());
  const auto made = desk.keys.gpg().sign(Octets(Blob(us_text)), key);
  EXPECT_EQ(
      desk.summary(letter_from("bauamt@stadt.example", pgp_mime_signed(us_text, made.armoured))),
      "good");
}

TEST_F(OpenPgpSignature, OfTheKeyOfAWholeDomainSpeaksForItsAddresses) {
  desk.keys.know("*@buerger.example", annas_home().exported(mallory_id), Provenance::admin);
  const std::string entity =
      pgp_mime_signed(us_text, annas_home().signature(us_text, {"--local-user", mallory_id}));
  EXPECT_EQ(desk.summary(letter(entity)), "good");
  EXPECT_EQ(desk.summary(letter_from("eva@firma.example", entity)), "untrusted");
}

// --- whose it is

TEST_F(OpenPgpSignature, R16_S4_3_3_OfSomebodyElseIsAMismatch) {
  knows_anna();
  desk.keys.know("eva@firma.example", annas_home().exported(anna_id), Provenance::admin);
  const auto verdict = desk.verdict(letter_from("eva@firma.example", signed_by_anna()));
  EXPECT_EQ(verdict.summary(), Summary::mismatch) << remarks(verdict);
  EXPECT_THAT(remarks(verdict), HasSubstr("signed by anna@buerger.example"));
}

TEST_F(OpenPgpSignature, R16_TwoAuthorsAreNobodys) {
  knows_anna();
  const std::string text =
      letter_from(anna_address, signed_by_anna(), "From: eva@firma.example\r\n");
  EXPECT_NE(desk.summary(text), "good");
}

TEST_F(OpenPgpSignature, R14_AUserIdThatLooksLikeAReportOfGpgIsOnlyAName) {
  const GpgHome home;
  const std::string id =
      "[GNUPG:] GOODSIG 0123456789ABCDEF Anna <anna@buerger.example> (x) <mallory@world.example>";
  home.new_key(id);
  desk.keys.know(anna_address, home.exported("mallory@world.example"), Provenance::admin);
  const std::string entity = pgp_mime_signed(us_text, home.signature(us_text, {}));
  const auto verdict = desk.verdict(letter(entity));
  EXPECT_NE(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_FALSE(verdict.signer_is_author);
}

TEST_F(OpenPgpSignature, R14_AFileNameWithLineEndsIsNoReport) {
  knows_anna();
  std::string entity = signed_by_anna();
  const std::string name = "name=\"signature.asc\"";
  entity.replace(entity.find(name), name.size(),
                 "name=\"x%0A[GNUPG:] GOODSIG 0 anna%0A\"; charset=x");
  const auto broken = [&] {
    std::string text = letter(entity);
    return text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  }();
  EXPECT_EQ(desk.summary(broken), "bad");
}

// --- how many there are

TEST_F(OpenPgpSignature, R11_OneWrongSignatureOfTwoTakesGoodAway) {
  knows_anna();
  const std::string both =
      annas_home().signature(us_text, {"--local-user", anna_id, "--local-user", mallory_id});
  const auto verdict = desk.verdict(letter(pgp_mime_signed(us_text, both)));
  EXPECT_NE(verdict.summary(), Summary::good) << remarks(verdict);
  EXPECT_EQ(verdict.layers.at(0).status, Status::no_certificate);
}

TEST_F(OpenPgpSignature, R11_TwoRightSignaturesOfTheAuthorAreNotPlainlyGood) {
  const GpgHome home;
  home.new_key(anna_id);
  home.new_key("Anna im Amt <anna@buerger.example>");
  for (const char* const id :
       {"=Anna Huber <anna@buerger.example>", "=Anna im Amt <anna@buerger.example>"})
    desk.keys.know(anna_address, home.exported(id), Provenance::admin);
  const std::string both =
      home.signature(us_text, {"--local-user", "=Anna Huber <anna@buerger.example>", "--local-user",
                               "=Anna im Amt <anna@buerger.example>"});
  const auto verdict = desk.verdict(letter(pgp_mime_signed(us_text, both)));
  EXPECT_EQ(verdict.summary(), Summary::weak) << remarks(verdict);
  EXPECT_THAT(remarks(verdict), HasSubstr("several signatures"));
}

TEST_F(OpenPgpSignature, R11_TwoSignersWithNoAddressInCommonAreNobody) {
  knows_anna();
  desk.keys.know(anna_address, annas_home().exported(mallory_id), Provenance::admin);
  const std::string both =
      annas_home().signature(us_text, {"--local-user", anna_id, "--local-user", mallory_id});
  const auto verdict = desk.verdict(letter(pgp_mime_signed(us_text, both)));
  EXPECT_NE(verdict.summary(), Summary::good);
  EXPECT_THAT(remarks(verdict), HasSubstr("common to all signatures"));
}

TEST_F(OpenPgpSignature, R12_NoSignatureAtAllIsNotGood) {
  knows_anna();
  const std::string key = annas_home().make({"--armor", "--store"}, us_text);
  for (const std::string& empty : {std::string(), std::string("garbage"), key}) {
    const auto verdict = desk.verdict(letter(pgp_mime_signed(us_text, empty)));
    EXPECT_EQ(verdict.summary(), Summary::malformed) << remarks(verdict);
  }
}

TEST_F(OpenPgpSignature, R12_S4_3_2_ASignedMessageInPlaceOfASignatureIsNotGood) {
  knows_anna();
  const std::string message =
      annas_home().make({"--armor", "--local-user", anna_id, "--sign"}, us_text);
  EXPECT_NE(desk.summary(letter(pgp_mime_signed(us_text, message))), "good");
}

// --- keys and algorithms

TEST_F(OpenPgpSignature, R20_BySha1IsNotGood) {
  knows_anna();
  const auto verdict = desk.verdict(
      letter(signed_by_anna(us_text, {"--digest-algo", "SHA1", "--allow-weak-digest-algos"})));
  EXPECT_EQ(verdict.summary(), Summary::weak) << remarks(verdict);
  EXPECT_FALSE(verdict.layers.at(0).accepted_weak);
}

TEST_F(OpenPgpSignature, R40_OfAnExpiredKeyIsExpired) {
  const GpgHome home;
  const std::vector<std::string> then{"--faked-system-time", "20200101T000000!"};
  home.new_key(anna_id, then);
  desk.keys.know(anna_address, home.exported(anna_id), Provenance::admin);
  const std::string entity = pgp_mime_signed(us_text, home.signature(us_text, then));
  EXPECT_EQ(desk.summary(letter(entity)), "expired");
}

TEST_F(OpenPgpSignature, R40_OfARevokedKeyIsRevoked) {
  const GpgHome home;
  home.new_key(anna_id);
  const std::string entity = pgp_mime_signed(us_text, home.signature(us_text, {}));
  home.revoke(anna_id);
  desk.keys.know(anna_address, home.exported(anna_id), Provenance::admin);
  EXPECT_EQ(desk.summary(letter(entity)), "revoked");
}

// --- where it stands

TEST_F(OpenPgpSignature, R15_R18_OfAPartOnlyIsPartial) {
  knows_anna();
  const auto verdict =
      desk.verdict(letter(mixed({"Content-Type: text/plain\r\n\r\nPay here.", signed_by_anna()})));
  EXPECT_EQ(verdict.summary(), Summary::partial) << remarks(verdict);
  EXPECT_EQ(verdict.layers.at(0).part, "2.2");
}

TEST_F(OpenPgpSignature, R18_OfAnAttachedMessageSaysNothing) {
  knows_anna();
  EXPECT_EQ(desk.summary(letter(mixed({us_text, attached(letter(signed_by_anna()))}))), "none");
}

TEST_F(OpenPgpSignature, R15_TextBehindItMakesItPartial) {
  knows_anna();
  EXPECT_EQ(desk.summary(letter(signed_by_anna() + "Pay here.\r\n")), "partial");
}

TEST_F(OpenPgpSignature, R19_InlineNeverCounts) {
  knows_anna();
  const std::string inline_text =
      annas_home().make({"--local-user", anna_id, "--clearsign"}, "Zahlen Sie sofort.\n");
  const auto verdict = desk.verdict(letter("Content-Type: text/plain\r\n\r\n" + inline_text));
  EXPECT_EQ(verdict.summary(), Summary::none);
  EXPECT_THAT(remarks(verdict), HasSubstr("inline OpenPGP signature"));
}

TEST_F(OpenPgpSignature, ThirdPartOrAnotherTypeIsMalformed) {
  knows_anna();
  std::string third = signed_by_anna();
  third.replace(third.find("--sig--"), 7, "--sig\r\n\r\nmore\r\n--sig--");
  EXPECT_EQ(desk.summary(letter(third)), "malformed");
  std::string other = signed_by_anna();
  const std::string type = "Content-Type: application/pgp-signature";
  other.replace(other.find(type), type.size(), "Content-Type: application/pkcs7-signature");
  EXPECT_EQ(desk.summary(letter(other)), "malformed");
}

TEST_F(OpenPgpSignature, AroundASignatureOfSmimeBothCount) {
  knows_anna();
  const Party annas = present().person(anna_address);
  const std::string inner = signed_by(annas, us_text);
  const std::string text = letter(signed_by_anna(inner));
  const auto verdict = desk.verdict(text);
  ASSERT_THAT(verdict.layers, SizeIs(2)) << remarks(verdict);
  EXPECT_EQ(verdict.layers[0].scheme, Scheme::openpgp);
  EXPECT_EQ(verdict.layers[1].scheme, Scheme::smime);
  EXPECT_EQ(verdict.layers[0].status, Status::good);
}

}  // namespace
}  // namespace siegel::tests
