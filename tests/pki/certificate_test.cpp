#include "pki/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

namespace siegel::tests {
namespace {

using pki::Certificate;
using pki::KeyType;
using pki::PrivateKey;
using pki::Usage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> addresses(const Certificate& certificate) {
  std::vector<std::string> texts;
  for (const Address& address : certificate.addresses()) texts.push_back(address.str());
  return texts;
}

Certificate with_san(std::vector<std::string> names) {
  Forgery forgery = false_bauamt();
  forgery.san_emails = std::move(names);
  return forge(forgery, mailbox_key(), authority());
}

Certificate with_utf8(std::vector<std::string> names) {
  Forgery forgery = false_bauamt();
  forgery.san_emails.clear();
  forgery.san_utf8 = std::move(names);
  return forge(forgery, mailbox_key(), authority());
}

Certificate with_extension(const std::string& name, const std::string& value) {
  Forgery forgery = false_bauamt();
  forgery.extensions = {{name, value}};
  return forge(forgery, mailbox_key(), authority());
}

Certificate with_usage(const std::string& usage, const PrivateKey& key) {
  Forgery forgery = false_bauamt();
  forgery.extensions = {{"keyUsage", usage}};
  return forge(forgery, key, authority());
}

// --- reading

TEST(CertificateTest, SaysWhoItIs) {
  const auto certificate = authority().issue(bauamt(), mailbox_key());
  EXPECT_EQ(certificate.subject(), "CN=GRP: Bauamt,O=Freistaat,C=DE");
  EXPECT_EQ(certificate.issuer(), "CN=Behörden-CA 1,O=Freistaat,C=DE");
  EXPECT_EQ(certificate.not_before(), noon - 30 * day);
  EXPECT_EQ(certificate.not_after(), noon + 300 * day);
  EXPECT_EQ(certificate.fingerprint().size(), 64U);
  EXPECT_EQ(certificate.key_id(), mailbox_key().key_id());
}

TEST(CertificateTest, IsTheSameAfterDerAndPem) {
  const auto certificate = authority().issue(bauamt(), mailbox_key());
  EXPECT_EQ(Certificate::from_der(certificate.der()), certificate);
  EXPECT_THAT(pki::certificates_from_pem("note\n" + certificate.pem() + root().certificate().pem()),
              ElementsAre(certificate, root().certificate()));
  EXPECT_EQ(Certificate::share(certificate.x509()), certificate);
}

TEST(CertificateTest, TakesNothingButExactlyOneCertificate) {
  const std::string der = root().certificate().der();
  EXPECT_FALSE(Certificate::from_der(der + '\0'));
  EXPECT_FALSE(Certificate::from_der(der.substr(0, der.size() - 1)));
  EXPECT_FALSE(Certificate::from_der(""));
  EXPECT_FALSE(Certificate::from_der("-----BEGIN CERTIFICATE-----"));
}

TEST(CertificateTest, TakesNothingAbove64KiB) {
  Forgery large = false_bauamt();
  large.extensions = {{"nsComment", std::string(70'000, 'x')}};
  EXPECT_THROW(static_cast<void>(forge(large, mailbox_key(), authority())),
               std::bad_optional_access);
}

TEST(CertificateTest, ReadsNoMoreFromPemThanTheLimit) {
  const std::string pem = root().certificate().pem() + authority().certificate().pem();
  EXPECT_THAT(pki::certificates_from_pem(pem, 1), ElementsAre(root().certificate()));
}

TEST(CertificateTest, PassesOverBrokenPemBlocks) {
  const std::string broken = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(pki::certificates_from_pem(broken + root().certificate().pem()),
              ElementsAre(root().certificate()));
  EXPECT_THAT(pki::certificates_from_pem("-----BEGIN CERTIFICATE-----\nAAAA"), IsEmpty());
}

TEST(CertificateTest, R45_HostileSubjectBecomesOnePrintableLine) {
  Forgery hostile = false_bauamt();
  hostile.common_name = "Bau\r\nBcc: x@y\x1b[2J\u202Eamt" + std::string(400, 'x');
  const auto subject = forge(hostile, mailbox_key(), authority()).subject();
  EXPECT_THAT(subject, Not(HasSubstr("\r")));
  EXPECT_THAT(subject, Not(HasSubstr("\n")));
  EXPECT_THAT(subject, Not(HasSubstr("\x1b")));
  EXPECT_THAT(subject, Not(HasSubstr("\u202E")));
  EXPECT_LE(subject.size(), 203U);  // 200 and the ellipsis
}

TEST(CertificateTest, R29_OneKeyInTwoCertificatesHasTwoFingerprints) {
  const auto first = authority().issue(bauamt(), mailbox_key());
  const auto second = authority().issue(bauamt(), mailbox_key());
  EXPECT_NE(first.fingerprint(), second.fingerprint());
  EXPECT_EQ(first.key_id(), second.key_id());
}

// --- addresses (STANDARDS §2.7)

TEST(CertificateAddressesTest, AllAlternativeNamesCount) {
  const auto certificate = with_san({"bauamt@stadt.example", "Bau@Stadt.EXAMPLE"});
  EXPECT_THAT(addresses(certificate), ElementsAre("bauamt@stadt.example", "Bau@stadt.example"));
  EXPECT_FALSE(certificate.has_unclean_address());
}

TEST(CertificateAddressesTest, TheSameNameTwiceCountsOnce) {
  EXPECT_THAT(addresses(with_san({"a@b.example", "a@B.example"})), ElementsAre("a@b.example"));
}

TEST(CertificateAddressesTest, SmtpUtf8MailboxCounts) {
  const auto certificate = with_utf8({"bürgerbüro@städtchen.example"});
  EXPECT_THAT(addresses(certificate), ElementsAre("bürgerbüro@xn--stdtchen-1za.example"));
}

TEST(CertificateAddressesTest, SmtpUtf8MailboxIsNotForAsciiNames) {
  const auto certificate = with_utf8({"bauamt@stadt.example"});
  EXPECT_THAT(addresses(certificate), IsEmpty());
  EXPECT_TRUE(certificate.has_unclean_address());
}

TEST(CertificateAddressesTest, SubjectCountsOnlyWithoutAlternativeMailName) {
  Forgery forgery = false_bauamt();
  forgery.subject_email = "subject@stadt.example";
  EXPECT_THAT(addresses(forge(forgery, mailbox_key(), authority())),
              ElementsAre("bauamt@stadt.example"));
  forgery.san_emails.clear();
  EXPECT_THAT(addresses(forge(forgery, mailbox_key(), authority())),
              ElementsAre("subject@stadt.example"));
}

TEST(CertificateAddressesTest, AnUncleanAlternativeNameStillHidesTheSubject) {
  Forgery forgery = false_bauamt();
  forgery.subject_email = "subject@stadt.example";
  forgery.san_emails = {"no address"};
  EXPECT_THAT(addresses(forge(forgery, mailbox_key(), authority())), IsEmpty());
}

TEST(CertificateAddressesTest, WithoutAnyAddressThereIsNone) {
  const auto& certificate = authority().certificate();
  EXPECT_THAT(addresses(certificate), IsEmpty());
  EXPECT_FALSE(certificate.has_unclean_address());
}

class UncleanAddressTest : public testing::TestWithParam<std::string> {};

TEST_P(UncleanAddressTest, IsLeftOutAndNoted) {
  const auto certificate = with_san({GetParam(), "good@stadt.example"});
  EXPECT_THAT(addresses(certificate), ElementsAre("good@stadt.example"));
  EXPECT_TRUE(certificate.has_unclean_address());
}

INSTANTIATE_TEST_SUITE_P(
    Cve2026x2748, UncleanAddressTest,
    testing::Values(std::string("bauamt@stadt.example\0.evil.example", 34),
                    std::string("\0bauamt@stadt.example", 21), "bauamt@stadt.example ",
                    " bauamt@stadt.example", "bau amt@stadt.example", "bauamt@stadt.example\n",
                    "bauamt@stadt.example\r\nBcc: x@y.example", "bauamt@stadt.example\t",
                    "bauamt@stadt.example,x@y.example", "<bauamt@stadt.example>",
                    "\"bauamt\"@stadt.example", "bauamt", "@stadt.example", "bauamt@", "",
                    "bau\x7Fmt@stadt.example", "b\xFCro@stadt.example", "b\xC3\xBCro@stadt.example",
                    "x%y@stadt.example"));

TEST(CertificateAddressesTest, MoreThan500NamesAreNotTaken) {
  std::vector<std::string> many;
  for (int i = 0; i < 600; ++i) many.push_back("a" + std::to_string(i) + "@b.example");
  const auto certificate = with_san(many);
  EXPECT_EQ(certificate.addresses().size(), 500U);
  EXPECT_TRUE(certificate.has_unclean_address());
}

// --- usage (RFC 8550 §4.4)

TEST(CertificateUsageTest, LocalCaMakesWhatWasAsked) {
  const auto signing = authority().issue(bauamt(Usage::sign), mailbox_key());
  const auto encrypting = authority().issue(bauamt(Usage::encrypt), mailbox_key());
  EXPECT_TRUE(signing.may_sign() && !signing.may_encrypt());
  EXPECT_TRUE(encrypting.may_encrypt() && !encrypting.may_sign());
}

TEST(CertificateUsageTest, NonRepudiationAloneSigns) {
  EXPECT_TRUE(with_usage("critical,nonRepudiation", mailbox_key()).may_sign());
  EXPECT_FALSE(with_usage("critical,cRLSign", mailbox_key()).may_sign());
}

TEST(CertificateUsageTest, R35_RsaNeedsKeyEncipherment) {
  EXPECT_TRUE(with_usage("critical,keyEncipherment", rsa_key(2048)).may_encrypt());
  EXPECT_FALSE(with_usage("critical,keyAgreement", rsa_key(2048)).may_encrypt());
  EXPECT_FALSE(with_usage("critical,digitalSignature", rsa_key(2048)).may_encrypt());
}

TEST(CertificateUsageTest, R35_EllipticCurveNeedsKeyAgreement) {
  EXPECT_TRUE(with_usage("critical,keyAgreement", mailbox_key()).may_encrypt());
  EXPECT_FALSE(with_usage("critical,keyEncipherment", mailbox_key()).may_encrypt());
}

TEST(CertificateUsageTest, R35_OtherKeysEncryptNothing) {
  EXPECT_FALSE(forge(false_bauamt(), odd_key("ED25519"), authority()).may_encrypt());
}

TEST(CertificateUsageTest, WithoutKeyUsageEverythingIsAllowed) {
  const auto certificate = forge(false_bauamt(), mailbox_key(), authority());
  EXPECT_TRUE(certificate.may_sign() && certificate.may_encrypt());
}

TEST(CertificateUsageTest, ExtendedUsageMustAllowMail) {
  EXPECT_FALSE(with_extension("extendedKeyUsage", "clientAuth").may_sign());
  EXPECT_TRUE(with_extension("extendedKeyUsage", "clientAuth,emailProtection").may_sign());
}

TEST(CertificateUsageTest, AnyExtendedUsageIsASwitch) {
  const auto certificate = with_extension("extendedKeyUsage", "anyExtendedKeyUsage");
  EXPECT_TRUE(certificate.may_sign(true) && certificate.may_encrypt(true));
  EXPECT_FALSE(certificate.may_sign(false) || certificate.may_encrypt(false));
}

TEST(CertificateUsageTest, AnAuthorityNeedsConstraintAndKeyUsage) {
  EXPECT_TRUE(root().certificate().is_authority());
  EXPECT_TRUE(root().certificate().is_self_issued());
  EXPECT_FALSE(authority().certificate().is_self_issued());
  EXPECT_FALSE(with_extension("keyUsage", "keyCertSign").is_authority());
  EXPECT_TRUE(with_extension("basicConstraints", "CA:TRUE").is_authority());
}

TEST(CertificateUsageTest, ABrokenExtensionMeansNoUsageAtAll) {
  const auto certificate = with_extension("keyUsage", "DER:04:01:00");
  EXPECT_FALSE(certificate.is_well_formed());
  EXPECT_FALSE(certificate.may_sign() || certificate.may_encrypt() || certificate.is_authority());
}

}  // namespace
}  // namespace siegel::tests
