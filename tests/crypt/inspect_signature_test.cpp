#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/crypt/smime.h"
#include "tests/crypt/post.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using policy::Status;
using policy::Summary;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(InspectSignature, UnsignedMailIsNotSigned) {
  EXPECT_EQ(desk().summary(letter(text_entity)), "none");
}

TEST(InspectSignature, AuthorsSignatureIsGood) {
  const auto verdict = desk().sees(letter(signed_by(anna()))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  ASSERT_THAT(verdict.layers, SizeIs(1));
  EXPECT_EQ(verdict.layers[0].signer->str(), anna_address);
  EXPECT_EQ(verdict.layers[0].part, "2");
}

TEST(InspectSignature, OpaqueSignatureIsGood) {
  EXPECT_EQ(desk().summary(letter(opaquely_signed_by(anna()))), "good");
}

TEST(InspectSignature, OpaqueSignatureIsKnownByItsFileNameAlone) {
  std::string entity = opaquely_signed_by(anna());
  const std::string type = "application/pkcs7-mime; smime-type=signed-data";
  entity.replace(entity.find(type), type.size(), "application/octet-stream");
  EXPECT_EQ(desk().summary(letter(entity)), "good");
}

TEST(InspectSignature, OldTypesAreKnown) {
  std::string entity = signed_by(anna());
  for (std::size_t at = 0; (at = entity.find("application/pkcs7-", at)) != std::string::npos;
       at += 14) {
    entity.insert(at + 12, "x-");
  }
  EXPECT_EQ(desk().summary(letter(entity)), "good");
}

TEST(InspectSignature, ChangedContentIsBad) {
  std::string text = letter(signed_by(anna()));
  text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  EXPECT_EQ(desk().summary(text), "bad");
}

// --- Johnny, you are fired: CMS

TEST(InspectSignature, R10_ContentHiddenInADetachedSignatureIsBad) {
  const std::string cms = Forge(text_entity).signed_by(anna()).with_content_inside().der();
  EXPECT_EQ(
      desk().summary(letter(multipart_signed("Content-Type: text/plain\r\n\r\nother\r\n", cms))),
      "bad");
}

TEST(InspectSignature, R11_SecondSignerTakesGoodAway) {
  const Party mallory = world().person("mallory@world.example");
  const std::string cms = Forge(text_entity).signed_by(anna()).signed_by(mallory).der();
  EXPECT_NE(desk().summary(letter(multipart_signed(text_entity, cms))), "good");
}

TEST(InspectSignature, R12_NoSignerIsNoGoodSignature) {
  EXPECT_NE(desk().summary(letter(multipart_signed(text_entity, certificates_only(anna())))),
            "good");
  EXPECT_NE(desk().summary(letter(pkcs7_mime(certificates_only(anna()), "signed-data"))), "good");
}

TEST(InspectSignature, R12_CertificatesAloneSignNothing) {
  EXPECT_EQ(desk().summary(letter(pkcs7_mime(certificates_only(anna()), "certs-only"))), "none");
}

TEST(InspectSignature, R13_UnknownAuthorityIsNotGood) {
  EXPECT_EQ(desk().summary(letter(signed_by(stranger()))), "untrusted");
}

TEST(InspectSignature, R13_SelfSignedCertificateIsNotGood) {
  Party self = stranger();
  self.certificate = stranger_authority().certificate();
  self.key = stranger_authority().key();
  self.chain.clear();
  EXPECT_NE(desk().summary(letter(signed_by(self))), "good");
}

TEST(InspectSignature, R13_CertificateForEncryptionOnlyIsNotGood) {
  const Party party = world().person(anna_address, pki::KeyType::p256, pki::Usage::encrypt);
  EXPECT_NE(desk().summary(letter(signed_by(party))), "good");
}

// --- Johnny: MIME wrapping

TEST(InspectSignature, R15_R18_TextBesideTheSignedPartMakesItPartial) {
  const auto verdict =
      desk()
          .sees(letter(mixed({"Content-Type: text/plain\r\n\r\nPay here.", signed_by(anna())})))
          .verdict;
  EXPECT_EQ(verdict.summary(), Summary::partial) << remarks(verdict);
  EXPECT_FALSE(verdict.covers_all);
  EXPECT_EQ(verdict.layers.at(0).part, "2.2");
  EXPECT_EQ(verdict.layers.at(0).reason, "only a part of the message is signed");
}

TEST(InspectSignature, R15_SignedPartReferredToByHtmlIsPartial) {
  EXPECT_EQ(desk().summary(
                letter(mixed({"Content-Type: text/html\r\n\r\n<img src=\"cid:x\"><style>body{}",
                              signed_by(anna()), "Content-Type: text/html\r\n\r\n<p>end"}))),
            "partial");
}

TEST(InspectSignature, R18_MailingListFooterMakesItPartial) {
  EXPECT_EQ(desk().summary(letter(
                mixed({opaquely_signed_by(anna()), "Content-Type: text/plain\r\n\r\n-- list"}))),
            "partial");
}

TEST(InspectSignature, R18_AttachedSignedMessageSaysNothing) {
  const std::string inner = letter(signed_by(anna()));
  EXPECT_EQ(desk().summary(letter(mixed({text_entity, attached(inner)}))), "none");
  EXPECT_EQ(desk().summary(letter(attached(inner))), "none");
  EXPECT_THAT(remarks(desk().sees(letter(mixed({text_entity, attached(inner)}))).verdict),
              HasSubstr("attached message is signed"));
}

TEST(InspectSignature, R15_SignedDocumentAsAttachmentSaysNothing) {
  std::string document = opaquely_signed_by(anna());
  for (std::size_t at = 0; (at = document.find("smime.p7m", at)) != std::string::npos; at += 5) {
    document.replace(at, 9, "rede.pdf.p7m");
  }
  EXPECT_EQ(desk().summary(letter(mixed({text_entity, document}))), "none");
}

TEST(InspectSignature, R15_ContentThatIsKeptElsewhereMakesItPartial) {
  const std::string pointer =
      "Content-Type: message/external-body; access-type=URL; URL=\"http://x.example/\"\r\n\r\n"
      "Content-Type: text/html\r\n\r\n";
  const std::string fragment =
      "Content-Type: message/partial; id=a; number=1; total=2\r\n\r\nFrom: b@x.example\r\n\r\n";
  for (const std::string& entity : {pointer, fragment, mixed({text_entity, pointer})}) {
    EXPECT_EQ(desk().summary(letter(signed_by(anna(), entity))), "partial") << entity;
  }
}

TEST(InspectSignature, R15_EpilogueWithTextMakesItPartial) {
  const std::string cms = Forge(text_entity).signed_by(anna()).der();
  EXPECT_EQ(desk().summary(letter(multipart_signed(text_entity, cms))), "good");
  EXPECT_EQ(desk().summary(letter(multipart_signed(text_entity, cms, "", "Pay here.\r\n"))),
            "partial");
}

TEST(InspectSignature, R15_PreambleMayHoldTheCustomarySentenceOnly) {
  const std::string cms = Forge(text_entity).signed_by(anna()).der();
  const auto with = [&](const std::string& preamble) {
    return desk().summary(letter(multipart_signed(text_entity, cms, preamble + "\r\n")));
  };
  EXPECT_EQ(with("This is a multi-part message in MIME format."), "good");
  EXPECT_EQ(with("This is an S/MIME signed message"), "good");
  EXPECT_EQ(with("Pay to account 4711."), "partial");
  EXPECT_EQ(with("This is a MIME message: pay!"), "partial");
}

TEST(InspectSignature, R19_InlineOpenPgpDoesNotCount) {
  const auto verdict =
      desk()
          .sees(letter("Content-Type: text/plain\r\n\r\n"
                       "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nhi\r\n"))
          .verdict;
  EXPECT_EQ(verdict.summary(), Summary::none);
  EXPECT_THAT(remarks(verdict), HasSubstr("inline OpenPGP"));
}

TEST(InspectSignature, OpenPgpIsSaidAndNeverGood) {
  std::string entity = signed_by(anna());
  for (std::size_t at = 0; (at = entity.find("pkcs7-signature", at)) != std::string::npos;
       at += 9) {
    entity.replace(at, 15, "pgp-signature");
  }
  const auto verdict = desk().sees(letter(entity)).verdict;
  EXPECT_EQ(verdict.summary(), Summary::malformed);
  EXPECT_EQ(verdict.layers.at(0).scheme, policy::Scheme::openpgp);
  EXPECT_EQ(verdict.layers.at(0).status, Status::unsupported);
}

TEST(InspectSignature, ThirdPartMakesItMalformed) {
  std::string entity = multipart_signed(text_entity, Forge(text_entity).signed_by(anna()).der());
  entity.replace(entity.find("--sig--"), 7, "--sig\r\n\r\nmore\r\n--sig--");
  EXPECT_EQ(desk().summary(letter(entity)), "malformed");
}

TEST(InspectSignature, GarbageInThePlaceOfASignatureIsNotGood) {
  EXPECT_EQ(desk().summary(letter(multipart_signed(text_entity, "garbage"))), "malformed");
  EXPECT_EQ(desk().summary(letter(pkcs7_mime("garbage", "signed-data"))), "malformed");
}

TEST(InspectSignature, WhatWasNotExaminedCoversNothing) {
  std::string third = multipart_signed(text_entity, Forge(text_entity).signed_by(anna()).der());
  third.replace(third.find("--sig--"), 7, "--sig\r\n\r\nmore\r\n--sig--");
  for (const std::string& entity : {multipart_signed(text_entity, "garbage"), third,
                                    multipart_signed(text_entity, certificates_only(anna()))}) {
    EXPECT_FALSE(desk().sees(letter(entity)).verdict.covers_all) << entity;
  }
}

TEST(InspectSignature, NothingIsSaidOfTheTimeOfASignatureThatDoesNotHold) {
  std::string text = letter(signed_by(anna()));
  text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  EXPECT_THAT(remarks(desk().sees(text).verdict), Not(HasSubstr("when it was made")));
  const std::string timeless =
      Forge(text_entity)
          .signed_by(anna())
          .rework(anna(),
                  [](CMS_SignerInfo* signer) { remove_attribute(signer, NID_pkcs9_signingTime); })
          .der();
  EXPECT_THAT(remarks(desk().sees(letter(multipart_signed(text_entity, timeless))).verdict),
              HasSubstr("when it was made"));
}

TEST(InspectSignature, R47_MorePartsThanAreLookedAtIsSaid) {
  const std::vector<std::string> many(1500, text_entity);
  const auto verdict = desk().sees(letter(signed_by(anna(), mixed(many)))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::malformed);
  EXPECT_THAT(remarks(verdict), HasSubstr("more parts"));
}

TEST(InspectSignature, LayersAreCountedToFour) {
  std::string entity = text_entity;
  for (int i = 0; i < 4; ++i) entity = signed_by(anna(), entity);
  EXPECT_EQ(desk().summary(letter(entity)), "good");
  const auto verdict = desk().sees(letter(signed_by(anna(), entity))).verdict;
  EXPECT_EQ(verdict.summary(), Summary::malformed);
}

// --- hostile size

/// RFC 3274: ContentInfo of id-ct-compressedData, version 0, zlib; what it would inflate to is not
/// even asked.
std::string compressed() {
  const std::string cms(
      "\x30\x33\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x24\x30\x22\x02\x01\x00"
      "\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08\x30\x0e\x06\x09\x2a\x86\x48\x86"
      "\xf7\x0d\x01\x07\x01\xa0\x01\x00",
      53);
  return pkcs7_mime(cms, "compressed-data");
}

TEST(InspectSignature, R48_CompressedContentIsNeverInflated) {
  const auto seen = Desk().sees(letter(compressed()));
  EXPECT_EQ(seen.verdict.summary(), Summary::none);
  EXPECT_THAT(remarks(seen.verdict), HasSubstr("compressed"));
  EXPECT_FALSE(seen.opened);
  EXPECT_FALSE(seen.verdict.decrypted);
}

TEST(InspectSignature, R48_WhatIsSignedAndCompressedIsNotVouchedFor) {
  EXPECT_EQ(desk().summary(letter(signed_by(anna(), compressed()))), "partial");
}

TEST(InspectSignature, AWrappedMessageOfAnotherAuthorIsAMismatch) {
  const std::string wrapped =
      "Content-Type: message/rfc822; forwarded=no\r\n\r\nFrom: <boss@stadt.example>\r\n"
      "Subject: x\r\n\r\nText\r\n";
  EXPECT_EQ(Desk().summary(letter(signed_by(anna(), wrapped))), "mismatch");
}

TEST(InspectSignature, AMessageThatIsPassedOnIsNoted) {
  const std::string passed_on =
      "Content-Type: message/rfc822\r\n\r\nFrom: <boss@stadt.example>\r\n\r\nText\r\n";
  const auto seen = Desk().sees(letter(signed_by(anna(), passed_on)));
  EXPECT_EQ(seen.verdict.summary(), Summary::good);
  EXPECT_THAT(remarks(seen.verdict), testing::HasSubstr("passed on"));
}

TEST(InspectSignature, R47_DeepNestingEnds) {
  std::string entity = text_entity;
  for (int i = 0; i < 60; ++i) {
    const std::string boundary = "b" + std::to_string(i) + "e";
    entity =
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=\"" +
        boundary + "\"\r\n\r\n--" + boundary + "\r\n" + entity + "\r\n--" + boundary + "--\r\n";
  }
  EXPECT_EQ(desk().summary(letter(entity)), "malformed");
}

}  // namespace
}  // namespace siegel::tests
