#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/hex.h"
#include "gateway/crypt/smime_attributes.h"
#include "gateway/crypt/smime_cms.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using crypt::smime::sign_detached;
using crypt::smime::sign_opaque;
using policy::Status;

crypt::smime::Verified check(const std::string& cms, const std::string& covered = mail_entity) {
  return crypt::smime::verify_detached(cms, covered, world().trust(), {}, noon());
}

// A SignedData taken apart.
struct Signed {
  explicit Signed(const std::string& der)
      : cms(crypt::smime::parse_cms(der, der.size())),
        signer(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0)),
        attributes(crypt::smime::read_signed_attributes(signer)) {}

  [[nodiscard]] std::vector<std::string> certificates() const {
    const pki::X509StackHandle all(CMS_get1_certs(cms.get()));
    std::vector<std::string> subjects;
    for (int i = 0; i < sk_X509_num(all.get()); ++i)
      subjects.push_back(pki::Certificate::share(sk_X509_value(all.get(), i)).subject());
    return subjects;
  }
  [[nodiscard]] std::string attribute(const char* oid) const {
    const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 1));
    const int at = CMS_signed_get_attr_by_OBJ(signer, object.get(), -1);
    return at < 0 ? "" : pki::to_der(CMS_signed_get_attr(signer, at), i2d_X509_ATTRIBUTE);
  }

  crypt::smime::CmsHandle cms;
  CMS_SignerInfo* signer;
  crypt::smime::SignedAttributes attributes;
};

class SignWith : public testing::TestWithParam<pki::KeyType> {};

TEST_P(SignWith, EveryKindOfKeyMakesAGoodSignature) {
  const Party anna = world().person("anna@stadt.example", GetParam());
  const auto verified = check(sign_detached(octets(mail_entity), anna.signer(), noon()));
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.layer.signer, anna.address);
  EXPECT_EQ(verified.signer, anna.certificate);
  EXPECT_EQ(verified.signing_time, noon());
}

INSTANTIATE_TEST_SUITE_P(Smime, SignWith,
                         testing::Values(pki::KeyType::rsa_3072, pki::KeyType::p256,
                                         pki::KeyType::p384, pki::KeyType::brainpool_p256r1),
                         [](const auto& with) {
                           std::string text(pki::name(with.param));
                           std::erase(text, '-');
                           return text;
                         });

TEST(SmimeSign, AKeyForPssOnlySignsWithPss) {
  const Party anna = world().person("anna@stadt.example", pss_key());
  const auto verified = check(sign_detached(octets(mail_entity), anna.signer(), noon()));
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.layer.algorithm, "RSA-3072 PSS with SHA-256");
}

TEST(SmimeSign, MicalgFollowsTheKey) {
  const auto micalg = [](pki::KeyType type) {
    return crypt::smime::micalg(world().person("anna@stadt.example", type).signer());
  };
  EXPECT_EQ(micalg(pki::KeyType::rsa_3072), "sha-256");
  EXPECT_EQ(micalg(pki::KeyType::brainpool_p256r1), "sha-256");
  EXPECT_EQ(micalg(pki::KeyType::p384), "sha-384");
}

TEST(SmimeSign, RS1_OnlyDigestsOfTheSendTableAreUsed) {
  const auto digest = [](pki::KeyType type) {
    const Party anna = world().person("anna@stadt.example", type);
    return check(sign_detached(octets(mail_entity), anna.signer(), noon())).layer.algorithm;
  };
  EXPECT_EQ(digest(pki::KeyType::rsa_3072), "RSA-3072 with SHA-256");
  EXPECT_THAT(digest(pki::KeyType::p256), testing::EndsWith(" with SHA-256"));
  EXPECT_THAT(digest(pki::KeyType::p384), testing::EndsWith(" with SHA-384"));
}

TEST(SmimeSign, RS2_CapabilitiesAreOurDecryptionStrongestFirst) {
  const Party anna = world().person("anna@stadt.example");
  const Signed made(sign_detached(octets(mail_entity), anna.signer(), noon()));
  // SEQUENCE of four OIDs below 2.16.840.1.101.3.4.1: 46, 6, 42, 2.
  EXPECT_THAT(hex(made.attribute("1.2.840.113549.1.9.15")),
              testing::EndsWith("3034300b060960864801650304012e300b0609608648016503040106"
                                "300b060960864801650304012a300b0609608648016503040102"));
}

TEST(SmimeSign, TheSigningTimeIsTheGivenOne) {
  const Party anna = world().person("anna@stadt.example");
  const auto time = [&](const char* text) {
    const Time then = *parse_rfc3339(text);
    return Signed(sign_detached(octets(mail_entity), anna.signer(), then))
        .attribute("1.2.840.113549.1.9.5");
  };
  EXPECT_THAT(time("2049-12-31T23:59:59Z"), testing::HasSubstr("\x17\x0D"
                                                               "491231235959Z"));
  EXPECT_THAT(time("2050-01-01T00:00:00Z"), testing::HasSubstr("\x18\x0F"
                                                               "20500101000000Z"));
}

TEST(SmimeSign, ASeparateEncryptionCertificateComesAlongAndIsPreferred) {
  const Party anna = world().person("anna@stadt.example", pki::KeyType::p256, pki::Usage::sign);
  const Party in =
      world().person("anna@stadt.example", pki::KeyType::rsa_3072, pki::Usage::encrypt);
  pki::SigningKey key = anna.signer();
  key.encryption = in.certificate;
  const auto verified = check(sign_detached(octets(mail_entity), key, noon()));
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.preferred_fingerprint, in.certificate.fingerprint());
  EXPECT_THAT(verified.certificates, testing::Contains(in.certificate));
}

TEST(SmimeSign, OutlookFindsItsOwnSpellingOfThePreference) {
  const Party anna = world().person("anna@stadt.example");
  const Signed made(sign_detached(octets(mail_entity), anna.signer(), noon()));
  const std::string microsoft = made.attribute("1.3.6.1.4.1.311.16.4");
  const std::string standard = made.attribute("1.2.840.113549.1.9.16.2.11");
  const std::string serial =
      pki::to_der(X509_get0_serialNumber(anna.certificate.x509()), i2d_ASN1_INTEGER);
  EXPECT_THAT(microsoft, testing::HasSubstr(serial));
  EXPECT_THAT(standard, testing::HasSubstr(serial));
  EXPECT_THAT(standard, testing::HasSubstr("\xA0"));  // the choice [0]
}

TEST(SmimeSign, TheChainComesAlongTheRootStaysAtHome) {
  Party anna = world().person("anna@stadt.example");
  anna.chain.push_back(world().root().certificate());
  const Signed made(sign_detached(octets(mail_entity), anna.signer(), noon()));
  EXPECT_THAT(made.certificates(),
              testing::UnorderedElementsAre(anna.certificate.subject(),
                                            world().office().certificate().subject()));
}

TEST(SmimeSign, TheSigningCertificateIsNamedInTheSignature) {
  const Party anna = world().person("anna@stadt.example");
  const Signed made(sign_detached(octets(mail_entity), anna.signer(), noon()));
  ASSERT_EQ(made.attributes.signing_certificates.size(), 1U);
  EXPECT_EQ(hex(made.attributes.signing_certificates.front().digest),
            anna.certificate.fingerprint());
}

TEST(SmimeSign, OpaqueCarriesTheContent) {
  const Party anna = world().person("anna@stadt.example");
  const std::string cms = sign_opaque(octets(mail_entity), anna.signer(), noon());
  const auto verified = crypt::smime::verify_opaque(cms, world().trust(), {}, noon());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.content, mail_entity);
}

TEST(SmimeSign, ManySlicesAreOneContent) {
  const Party anna = world().person("anna@stadt.example");
  Octets pieces;
  for (const char c : mail_entity) pieces.append(std::string(1, c));
  EXPECT_EQ(check(sign_detached(pieces, anna.signer(), noon())).layer.status, Status::good);
}

TEST(SmimeSign, AKeyOfAnotherCertificateIsOurFault) {
  Party anna = world().person("anna@stadt.example", pki::KeyType::p256);
  anna.key = shared_key(pki::KeyType::p384);
  EXPECT_THROW(static_cast<void>(sign_detached(octets(mail_entity), anna.signer(), noon())), Error);
}

TEST(SmimeSign, FiftyMegabytesAreNotCopied) {
  const Party anna = world().person("anna@stadt.example");
  const Octets large(Blob(std::string(std::size_t{50} << 20U, 'x')));
  const auto peak_kilobytes = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
  };
  static_cast<void>(sign_detached(octets(mail_entity), anna.signer(), noon()));
  const long before = peak_kilobytes();
  const std::string cms = sign_detached(large, anna.signer(), noon());
  EXPECT_LT(peak_kilobytes() - before, 8L * 1024);
  EXPECT_LT(cms.size(), 64U * 1024);
}

}  // namespace
}  // namespace siegel::tests
