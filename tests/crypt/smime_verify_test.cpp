#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using crypt::smime::Verified;
using policy::Status;
using testing::HasSubstr;

class SmimeVerify : public testing::Test {
 protected:
  [[nodiscard]] static Verified check(const std::string& cms,
                                      const std::string& covered = mail_entity) {
    return crypt::smime::verify_detached(cms, covered, world().trust(), {}, noon());
  }
  [[nodiscard]] static Verified check_opaque(const std::string& cms) {
    return crypt::smime::verify_opaque(cms, world().trust(), {}, noon());
  }
  [[nodiscard]] std::string signed_by_anna(Time at = noon()) const {
    return crypt::smime::sign_detached(octets(mail_entity), anna.signer(), at);
  }

  const Party anna = world().person("anna@stadt.example");
  const Party rsa_anna = world().person("anna@stadt.example", pki::KeyType::rsa_3072);
  const Party mallory = world().person("mallory@world.example", pki::KeyType::p384);
};

// --- the octets

TEST_F(SmimeVerify, AChangedOctetIsBad) {
  std::string changed = mail_entity;
  changed.back() = ' ';
  EXPECT_EQ(check(signed_by_anna(), changed).layer.status, Status::bad);
}

TEST_F(SmimeVerify, LineEndsAreOctetsLikeOthers) {
  std::string bare = mail_entity;
  std::erase(bare, '\r');
  EXPECT_EQ(check(signed_by_anna(), bare).layer.status, Status::bad);
  EXPECT_EQ(check(signed_by_anna(), mail_entity + "\r\n").layer.status, Status::bad);
}

TEST_F(SmimeVerify, AChangedSignatureIsBad) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .after([](CMS_SignerInfo* signer) {
                  sign_attributes_again(signer, shared_key(pki::KeyType::brainpool_p256r1));
                })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_FALSE(verified.capabilities);
  EXPECT_FALSE(verified.signing_time);
}

TEST_F(SmimeVerify, BadWinsOverEverythingElse) {
  const Party stranger{
      anna.address,
      anna.key,
      pki::LocalCa::make("Elsewhere", "Unknown", pki::KeyType::p256, noon())
          .issue({"x", {"x@y.example"}, pki::Usage::both, noon(), noon() + one_day}, anna.key),
      {}};
  const std::string cms = Forge().signed_by(stranger, EVP_sha1()).der();
  EXPECT_EQ(check(cms).layer.status, Status::unknown_signer);
  EXPECT_EQ(check(cms, mail_entity + "!").layer.status, Status::bad);
}

// --- R-10 … R-13

TEST_F(SmimeVerify, R10_EmbeddedContentInADetachedSignatureIsBad) {
  const std::string cms = Forge().signed_by(anna).with_content_inside().der();
  const auto verified = check(cms);
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("second content"));
}

TEST_F(SmimeVerify, R10_EvenEmptyEmbeddedContentIsBad) {
  const std::string cms = Forge("").signed_by(anna).with_content_inside().der();
  EXPECT_EQ(check(cms, "").layer.status, Status::bad);
}

TEST_F(SmimeVerify, R10_AnOpaqueSignatureWithoutContentSignsNothing) {
  const auto verified = check_opaque(signed_by_anna());
  EXPECT_EQ(verified.layer.status, Status::malformed);
  EXPECT_EQ(verified.content, "");
}

TEST_F(SmimeVerify, R11_TwoGoodSignersAreNotGood) {
  const auto verified = check(Forge().signed_by(anna).signed_by(mallory).der());
  EXPECT_EQ(verified.layer.status, Status::weak);
  EXPECT_FALSE(verified.layer.accepted_weak);
  EXPECT_THAT(verified.layer.reason, HasSubstr("several signers"));
}

TEST_F(SmimeVerify, R11_TheWorstSignerCounts) {
  const auto spoil = [](CMS_SignerInfo* signer) {
    sign_attributes_again(signer, shared_key(pki::KeyType::brainpool_p256r1));
  };
  const auto first_bad = check(Forge().signed_by(anna).after(spoil).signed_by(mallory).der());
  const auto second_bad = check(Forge().signed_by(anna).signed_by(mallory).after(spoil).der());
  EXPECT_EQ(first_bad.layer.status, Status::bad);
  EXPECT_EQ(second_bad.layer.status, Status::bad);
  EXPECT_THAT(second_bad.layer.reason, HasSubstr("several signers"));
}

TEST_F(SmimeVerify, R11_TooManySignersAreNotEvenLookedAt) {
  Forge forge;
  for (int i = 0; i < 6; ++i) forge.signed_by(anna);
  EXPECT_EQ(check(forge.der()).layer.status, Status::malformed);
}

TEST_F(SmimeVerify, R12_NoSignerIsNoSignature) {
  const auto verified = check(without_signers(signed_by_anna()));
  EXPECT_EQ(verified.layer.status, Status::malformed);
  EXPECT_THAT(verified.layer.reason, HasSubstr("nobody has signed"));
}

TEST_F(SmimeVerify, R12_NoSignerOpaqueGivesNoContent) {
  const std::string cms = Forge().signed_by(anna).with_content_inside().der();
  EXPECT_EQ(check_opaque(cms).content, mail_entity);
  EXPECT_EQ(check_opaque(without_signers(cms)).content, "");
}

TEST_F(SmimeVerify, R13_ASelfSignedCertificateIsNotTrusted) {
  const auto own = pki::LocalCa::make("Stadt", "anna@stadt.example", pki::KeyType::p256, noon());
  const Party self{anna.address, own.key(), own.certificate(), {}};
  EXPECT_THAT(check(Forge().signed_by(self).der()).layer.status,
              testing::AnyOf(Status::untrusted, Status::unknown_signer));
}

TEST_F(SmimeVerify, R13_AnUnknownAuthorityIsAnUnknownSigner) {
  const auto other = pki::LocalCa::make("Siegel Test", "Test Root", pki::KeyType::p256, noon());
  const auto below = other.subordinate("Test Office", pki::KeyType::p256, noon());
  const Party stranger{
      anna.address,
      anna.key,
      below.issue({"x", {"anna@stadt.example"}, pki::Usage::both, noon(), noon() + one_day},
                  anna.key),
      {}};
  const auto verified = check(Forge().signed_by(stranger).der());
  EXPECT_THAT(verified.layer.status, testing::AnyOf(Status::untrusted, Status::unknown_signer));
  EXPECT_EQ(verified.layer.signer, anna.address);
}

TEST_F(SmimeVerify, R13_ACertificateForEncryptionDoesNotSign) {
  const Party only =
      world().person("anna@stadt.example", pki::KeyType::rsa_3072, pki::Usage::encrypt);
  EXPECT_EQ(check(Forge().signed_by(only).der()).layer.status, Status::untrusted);
}

// --- algorithms

TEST_F(SmimeVerify, R20_Md5DigestIsRefused) {
  const auto verified = check(Forge().signed_by(rsa_anna, EVP_md5()).der());
  EXPECT_EQ(verified.layer.status, Status::weak);
  EXPECT_FALSE(verified.layer.accepted_weak);
  EXPECT_EQ(verified.layer.algorithm, "RSA-3072 with MD5");
}

TEST_F(SmimeVerify, R20_Sha1DigestIsRefused) {
  const auto verified = check(Forge().signed_by(anna, EVP_sha1()).der());
  EXPECT_EQ(verified.layer.status, Status::weak);
  EXPECT_FALSE(verified.layer.accepted_weak);
}

TEST_F(SmimeVerify, R20_Sha224IsWeakAndTheTenantDecides) {
  const std::string cms = Forge().signed_by(anna, EVP_sha224()).der();
  EXPECT_EQ(check(cms).layer.status, Status::weak);
  EXPECT_TRUE(check(cms).layer.accepted_weak);
  config::SmimeSettings strict;
  strict.weak_is_good = false;
  const auto verified =
      crypt::smime::verify_detached(cms, mail_entity, world().trust(), strict, noon());
  EXPECT_FALSE(verified.layer.accepted_weak);
}

TEST_F(SmimeVerify, R20_TheTwoDigestAlgorithmsMustAgree) {
  const auto verified = check(
      Forge()
          .signed_by(anna)
          .after([](CMS_SignerInfo* signer) {
            X509_ALGOR* signature = nullptr;
            CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &signature);
            X509_ALGOR_set0(signature, OBJ_nid2obj(NID_ecdsa_with_SHA512), V_ASN1_UNDEF, nullptr);
          })
          .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("two different digest algorithms"));
}

// OpenSSL alone would call this one good (STANDARDS §1.1): it does not look at the field for EC.
TEST_F(SmimeVerify, R20_TheAlgorithmMustBeOfTheKeysKind) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .after([](CMS_SignerInfo* signer) {
                  X509_ALGOR* signature = nullptr;
                  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &signature);
                  X509_ALGOR_set0(signature, OBJ_nid2obj(NID_sha256WithRSAEncryption), V_ASN1_NULL,
                                  nullptr);
                })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

void use_pss(CMS_SignerInfo* signer, const EVP_MD* mask, int salt) {
  EVP_PKEY_CTX* const context = CMS_SignerInfo_get0_pkey_ctx(signer);
  pki::checked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), "padding");
  pki::checked(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt), "salt");
  pki::checked(EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask), "mask");
}

TEST_F(SmimeVerify, R20_PssWithSaneParametersIsGood) {
  for (const int salt : {20, 32, 64}) {
    const auto verified = check(Forge()
                                    .signed_by(rsa_anna, EVP_sha256(), CMS_KEY_PARAM)
                                    .before([&](auto* si) { use_pss(si, EVP_sha256(), salt); })
                                    .der());
    EXPECT_EQ(verified.layer.status, Status::good) << salt << verified.layer.reason;
  }
}

TEST_F(SmimeVerify, R20_PssWithAShortSaltOrAnotherMaskIsBad) {
  const auto with = [&](const EVP_MD* mask, int salt) {
    return check(Forge()
                     .signed_by(rsa_anna, EVP_sha256(), CMS_KEY_PARAM)
                     .before([&](auto* si) { use_pss(si, mask, salt); })
                     .der());
  };
  EXPECT_EQ(with(EVP_sha256(), 0).layer.status, Status::bad);
  EXPECT_EQ(with(EVP_sha256(), 19).layer.status, Status::bad);
  EXPECT_EQ(with(EVP_sha1(), 32).layer.status, Status::bad);
  EXPECT_EQ(with(EVP_sha512(), 32).layer.status, Status::bad);
}

TEST_F(SmimeVerify, R20_EdwardsCurvesAreUnsupportedWhichIsNotWrong) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .after([](CMS_SignerInfo* signer) {
                  X509_ALGOR* signature = nullptr;
                  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &signature);
                  X509_ALGOR_set0(signature, OBJ_nid2obj(NID_ED25519), V_ASN1_UNDEF, nullptr);
                })
                .der());
  EXPECT_EQ(verified.layer.status, Status::unsupported);
  EXPECT_THAT(verified.layer.reason, HasSubstr("not supported"));
}

TEST_F(SmimeVerify, R21_ShortRsaKeysAreWeakOrRefused) {
  const auto with = [](unsigned int bits) {
    const Party party = world().person("kurt@stadt.example", rsa_key(bits));
    return check(Forge().signed_by(party).der()).layer;
  };
  EXPECT_EQ(with(2048).status, Status::weak);
  EXPECT_TRUE(with(2048).accepted_weak);
  EXPECT_EQ(with(1024).status, Status::weak);
  EXPECT_FALSE(with(1024).accepted_weak);
}

// --- R-22 …: attributes

TEST_F(SmimeVerify, R22_TheContentTypeMustBeThere) {
  const auto verified = check(
      Forge()
          .signed_by(anna)
          .rework(anna,
                  [](CMS_SignerInfo* signer) { remove_attribute(signer, NID_pkcs9_contentType); })
          .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_TheContentTypeMustBeThatOfTheContent) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .rework(anna,
                        [](CMS_SignerInfo* signer) {
                          remove_attribute(signer, NID_pkcs9_contentType);
                          CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                                      OBJ_nid2obj(NID_pkcs7_signed), -1);
                        })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_TheMessageDigestMustBeThere) {
  const auto verified = check(
      Forge()
          .signed_by(anna)
          .rework(anna,
                  [](CMS_SignerInfo* signer) { remove_attribute(signer, NID_pkcs9_messageDigest); })
          .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_TwoMessageDigestsAreBad) {
  const auto verified = check(Forge()
                                  .signed_by(anna)
                                  .rework(anna,
                                          [](CMS_SignerInfo* signer) {
                                            add_octets_attribute(signer, NID_pkcs9_messageDigest,
                                                                 {std::string(32, 'x')});
                                          })
                                  .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("ambiguous"));
}

TEST_F(SmimeVerify, R22_AMessageDigestOfTwoValuesOrNoneIsBad) {
  const auto with = [&](const std::vector<std::string>& values) {
    return check(Forge()
                     .signed_by(anna)
                     .rework(anna,
                             [&](CMS_SignerInfo* signer) {
                               remove_attribute(signer, NID_pkcs9_messageDigest);
                               add_octets_attribute(signer, NID_pkcs9_messageDigest, values);
                             })
                     .der());
  };
  EXPECT_EQ(with({std::string(32, 'x'), std::string(32, 'y')}).layer.status, Status::bad);
  EXPECT_EQ(with({}).layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_AnEmptyMessageDigestIsBad) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .rework(anna,
                        [](CMS_SignerInfo* signer) {
                          remove_attribute(signer, NID_pkcs9_messageDigest);
                          add_octets_attribute(signer, NID_pkcs9_messageDigest, {""});
                        })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_TwoSigningTimesAreBad) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .rework(anna,
                        [](CMS_SignerInfo* signer) {
                          const Handle<ASN1_TIME, ASN1_TIME_free> time(
                              ASN1_TIME_set(nullptr, to_unix(noon())));
                          CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, V_ASN1_UTCTIME,
                                                      time.get(), -1);
                        })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R22_AnUnreadableSigningTimeIsBad) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .rework(anna,
                        [](CMS_SignerInfo* signer) {
                          remove_attribute(signer, NID_pkcs9_signingTime);
                          add_octets_attribute(signer, NID_pkcs9_signingTime, {"yesterday"});
                        })
                .der());
  EXPECT_EQ(verified.layer.status, Status::bad);
}

TEST_F(SmimeVerify, R23_OnlyMailIsSignedMail) {
  const auto verified = check(Forge().of_type(NID_id_smime_ct_TSTInfo).signed_by(anna).der());
  EXPECT_EQ(verified.layer.status, Status::unsupported);
}

TEST_F(SmimeVerify, R24_UnsignedAttributesChangeNothing) {
  const auto verified =
      check(Forge()
                .signed_by(anna)
                .after([](CMS_SignerInfo* signer) {
                  CMS_unsigned_add1_attr_by_NID(signer, NID_pkcs9_countersignature, V_ASN1_SEQUENCE,
                                                "\x30\x00", 2);
                  const Handle<ASN1_TIME, ASN1_TIME_free> time(ASN1_TIME_set(nullptr, 0));
                  CMS_unsigned_add1_attr_by_NID(signer, NID_pkcs9_signingTime, V_ASN1_UTCTIME,
                                                time.get(), -1);
                  CMS_unsigned_add1_attr_by_NID(signer, NID_pkcs9_messageDigest,
                                                V_ASN1_OCTET_STRING, "x", 1);
                })
                .der());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_NE(verified.signing_time, from_unix(0));
}

TEST_F(SmimeVerify, R27_WithoutSignedAttributesItIsRefused) {
  const auto verified = check(Forge().signed_by(anna, EVP_sha256(), CMS_NOATTR).der());
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("no signed attributes"));
}

TEST_F(SmimeVerify, R27_WithoutSignedAttributesNoContentIsGivenOut) {
  const auto verified =
      check_opaque(Forge().signed_by(anna, EVP_sha256(), CMS_NOATTR).with_content_inside().der());
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_EQ(verified.content, "");
}

// --- opaque signatures

TEST_F(SmimeVerify, AnOpaqueSignatureGivesItsContentOnlyWithTheRightDigest) {
  const auto wrong_digest = [&](CMS_SignerInfo* signer) {
    remove_attribute(signer, NID_pkcs9_messageDigest);
    add_octets_attribute(signer, NID_pkcs9_messageDigest, {std::string(32, 'x')});
  };
  const auto right = check_opaque(Forge().signed_by(anna).with_content_inside().der());
  const auto wrong =
      check_opaque(Forge().signed_by(anna).rework(anna, wrong_digest).with_content_inside().der());
  EXPECT_EQ(right.content, mail_entity);
  EXPECT_EQ(wrong.layer.status, Status::bad);
  EXPECT_EQ(wrong.content, "");
}

// --- signing time (STANDARDS §2.8)

TEST_F(SmimeVerify, ASigningTimeInTheFutureIsBad) {
  EXPECT_EQ(check(signed_by_anna(noon() + std::chrono::minutes(4))).layer.status, Status::good);
  const auto verified = check(signed_by_anna(noon() + std::chrono::minutes(6)));
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("future"));
}

TEST_F(SmimeVerify, AnOldSigningTimeIsSaidButChangesNothing) {
  const auto verified = check(signed_by_anna(noon() - 29 * one_day));
  EXPECT_EQ(verified.layer.status, Status::good);
  EXPECT_EQ(verified.signing_time, noon() - 29 * one_day);
}

TEST_F(SmimeVerify, ASigningTimeBeforeTheCertificateIsExpired) {
  EXPECT_EQ(check(signed_by_anna(noon() - 31 * one_day)).layer.status, Status::expired);
  const Time start = anna.certificate.not_before();
  EXPECT_EQ(check(signed_by_anna(start - std::chrono::minutes(4))).layer.status, Status::good);
  EXPECT_EQ(check(signed_by_anna(start - std::chrono::minutes(6))).layer.status, Status::expired);
}

TEST_F(SmimeVerify, WithoutASigningTimeThereIsNone) {
  const auto verified = check(
      Forge()
          .signed_by(anna)
          .rework(anna,
                  [](CMS_SignerInfo* signer) { remove_attribute(signer, NID_pkcs9_signingTime); })
          .der());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_FALSE(verified.signing_time);
}

// --- capabilities and preference

TEST_F(SmimeVerify, CapabilitiesAreReadFromAValidSignature) {
  const auto verified = check(signed_by_anna());
  ASSERT_TRUE(verified.capabilities);
  EXPECT_TRUE(verified.capabilities->aes_gcm);
  EXPECT_FALSE(verified.capabilities->rsa_oaep);
}

TEST_F(SmimeVerify, OldCapabilitiesPromiseNothing) {
  const auto verified = check(Forge()
                                  .signed_by(anna)
                                  .rework(anna,
                                          [](CMS_SignerInfo* signer) {
                                            STACK_OF(X509_ALGOR)* algorithms = nullptr;
                                            CMS_add_standard_smimecap(&algorithms);
                                            CMS_add_smimecap(signer, algorithms);
                                            sk_X509_ALGOR_pop_free(algorithms, X509_ALGOR_free);
                                          })
                                  .der());
  ASSERT_TRUE(verified.capabilities);
  EXPECT_FALSE(verified.capabilities->aes_gcm);
}

TEST_F(SmimeVerify, APreferredCertificateThatDidNotComeAlongIsNone) {
  pki::SigningKey key = anna.signer();
  std::string cms = crypt::smime::sign_detached(octets(mail_entity), key, noon());
  key.encryption = rsa_anna.certificate;
  EXPECT_EQ(check(cms).preferred_fingerprint, anna.certificate.fingerprint());
  cms = crypt::smime::sign_detached(octets(mail_entity), key, noon());
  EXPECT_EQ(check(cms).preferred_fingerprint, rsa_anna.certificate.fingerprint());
}

}  // namespace
}  // namespace siegel::tests
