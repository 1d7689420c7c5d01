#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/crypt/smime.h"
#include "tests/crypt/post.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<pki::Harvested> kept(const std::string& text, const Desk& desk = Desk()) {
  return desk.sees(text).harvest;
}

/// A signing certificate for anna with a separate one for encryption, which it prefers.
std::string signed_with_separate_encryption(const Party& encryption) {
  const Party signing = world().person(anna_address, pki::KeyType::p256, pki::Usage::sign);
  pki::SigningKey key = signing.signer();
  key.encryption = encryption.certificate;
  return multipart_signed(text_entity,
                          crypt::smime::sign_detached(octets(text_entity), key, noon()));
}

TEST(Harvest, R31_GoodMessageGivesTheSignersCertificate) {
  const auto harvest = kept(letter(signed_by(anna())));
  ASSERT_THAT(harvest, SizeIs(1));
  EXPECT_EQ(harvest[0].address.str(), anna_address);
  EXPECT_EQ(harvest[0].certificate, anna().certificate);
  EXPECT_EQ(harvest[0].message_id, "m1");
  EXPECT_THAT(harvest[0].why, HasSubstr("trusted through"));
}

TEST(Harvest, SeparateEncryptionCertificateIsKeptAndNotTheSigners) {
  const Party encryption =
      world().person(anna_address, pki::KeyType::rsa_3072, pki::Usage::encrypt);
  const auto harvest = kept(letter(signed_with_separate_encryption(encryption)));
  ASSERT_THAT(harvest, SizeIs(1));
  EXPECT_EQ(harvest[0].certificate, encryption.certificate);
}

TEST(Harvest, R35_CertificateForSigningOnlyIsNotKept) {
  const Party signing = world().person(anna_address, pki::KeyType::p256, pki::Usage::sign);
  EXPECT_THAT(kept(letter(signed_by(signing))), IsEmpty());
}

TEST(Harvest, CertificateOfAnotherAddressIsNotKept) {
  const Party other =
      world().person("mallory@world.example", pki::KeyType::rsa_3072, pki::Usage::encrypt);
  EXPECT_THAT(kept(letter(signed_with_separate_encryption(other))), IsEmpty());
}

TEST(Harvest, R32_UntrustedEncryptionCertificateIsNotKept) {
  EXPECT_THAT(kept(letter(signed_with_separate_encryption(stranger()))), IsEmpty());
}

TEST(Harvest, R31_LessThanGoodGivesNothing) {
  EXPECT_THAT(kept(letter(signed_by(stranger()))), IsEmpty());
  EXPECT_THAT(kept(letter_from("boss@stadt.example", signed_by(anna()))), IsEmpty());
  EXPECT_THAT(kept(letter(mixed({text_entity, signed_by(anna())}))), IsEmpty());
  Desk without_lists([] {
    auto material = world().material();
    material.crls.clear();
    return material;
  }());
  EXPECT_EQ(without_lists.summary(letter(signed_by(anna()))), "unchecked");
  EXPECT_THAT(kept(letter(signed_by(anna())), without_lists), IsEmpty());
}

TEST(Harvest, R31_RevokedSignerGivesNothing) {
  const Desk desk(world().material({anna().certificate}));
  EXPECT_EQ(desk.summary(letter(signed_by(anna()))), "revoked");
  EXPECT_THAT(kept(letter(signed_by(anna())), desk), IsEmpty());
}

TEST(Harvest, R37_StaleMessageGivesNothing) {
  Desk desk;
  desk.settings.stale_after = std::chrono::hours(1);
  desk.at = noon() + std::chrono::hours(2);
  const std::string text = letter(signed_by(anna()));
  EXPECT_EQ(desk.summary(text), "good");
  EXPECT_THAT(kept(text, desk), IsEmpty());
  EXPECT_THAT(remarks(desk.sees(text).verdict), HasSubstr("long before"));
}

TEST(Harvest, FoldedMatchIsKeptForTheAuthorsSpelling) {
  const auto harvest = kept(letter_from("Anna@buerger.example", signed_by(anna())));
  ASSERT_THAT(harvest, SizeIs(1));
  EXPECT_EQ(harvest[0].address.str(), "Anna@buerger.example");
}

TEST(Harvest, R38_AtMostTenCertificatesAreLookedAt) {
  Forge forge(text_entity);
  forge.signed_by(anna());
  for (int i = 0; i < 30; ++i) {
    forge.with_certificate(world().person(anna_address, pki::KeyType::p256).certificate);
  }
  EXPECT_LE(kept(letter(multipart_signed(text_entity, forge.der()))).size(), 11U);
}

TEST(UnknownRoot, AuthorityOfAnOtherwiseGoodMessageIsNamed) {
  const auto root = Desk().sees(letter(signed_by(stranger()))).unknown_root;
  ASSERT_TRUE(root);
  EXPECT_EQ(*root, stranger_office().certificate());
}

TEST(UnknownRoot, R32_NotForASelfSignedSigner) {
  Party self = stranger();
  self.key = pki::PrivateKey::generate(pki::KeyType::p256);
  self.certificate = stranger_authority().issue(
      {"x", {anna_address}, pki::Usage::both, noon() - one_day, noon() + one_day}, self.key);
  self.chain.clear();
  EXPECT_FALSE(Desk().sees(letter(signed_by(self))).unknown_root);
}

TEST(UnknownRoot, NotForAMismatch) {
  EXPECT_FALSE(Desk().sees(letter_from("boss@stadt.example", signed_by(stranger()))).unknown_root);
}

}  // namespace
}  // namespace siegel::tests
