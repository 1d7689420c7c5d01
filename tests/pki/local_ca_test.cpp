#include "pki/local_ca.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

/// What LocalCa makes must please others than ourselves: the openssl command judges.
namespace siegel::tests {
namespace {

using pki::Certificate;
using pki::KeyType;
using pki::LocalCa;
using pki::PrivateKey;
using pki::Usage;
using testing::HasSubstr;

class LocalCaTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& octets) {
    write_file(folder_ / name, octets);
    return (folder_ / name).string();
  }
  std::string list_file(const std::string& name, const pki::Crl& crl) {
    return file(name, to_pem(crl));
  }
  /// `openssl verify` in its strictest form, at noon.
  Ran verify(const Certificate& leaf, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{
        "verify",     "-x509_strict",
        "-attime",    std::to_string(to_unix(noon)),
        "-purpose",   "smimesign",
        "-CAfile",    file("root.pem", root().certificate().pem()),
        "-untrusted", file("authority.pem", authority().certificate().pem())};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(file("leaf.pem", leaf.pem()));
    return openssl(words);
  }
  std::string text(const Certificate& certificate) {
    return openssl({"x509", "-noout", "-text", "-nameopt", "RFC2253", "-in",
                    file("shown.pem", certificate.pem())})
        .output;
  }

  TemporaryDirectory folder_;
};

TEST_F(LocalCaTest, OpensslVerifiesStrictly) {
  const Ran ran = verify(authority().issue(bauamt(), mailbox_key()));
  EXPECT_EQ(ran.status, 0) << ran.output;
}

TEST_F(LocalCaTest, OpensslVerifiesRsaCertificates) {
  const Ran ran = verify(authority().issue(bauamt(Usage::sign), rsa_key(3072)));
  EXPECT_EQ(ran.status, 0) << ran.output;
}

TEST_F(LocalCaTest, OpensslAcceptsTheRevocationLists) {
  const auto good = authority().issue(bauamt(), mailbox_key());
  const auto bad = authority().issue(bauamt(), mailbox_key());
  const std::vector<std::string> lists{
      "-crl_check_all", "-CRLfile",
      file("lists.pem", to_pem(fresh_list(root())) + to_pem(fresh_list(authority(), {bad})))};
  EXPECT_EQ(verify(good, lists).status, 0) << verify(good, lists).output;
  EXPECT_THAT(verify(bad, lists).output, HasSubstr("certificate revoked"));
}

TEST_F(LocalCaTest, ProfileIsThatOfRfc5280) {
  const std::string shown = text(authority().issue(bauamt(), rsa_key(3072)));
  EXPECT_THAT(shown, HasSubstr("Version: 3"));
  EXPECT_THAT(shown, HasSubstr("Basic Constraints: critical"));
  EXPECT_THAT(shown, HasSubstr("Digital Signature, Key Encipherment"));
  EXPECT_THAT(shown, HasSubstr("E-mail Protection"));
  EXPECT_THAT(shown, HasSubstr("Subject Key Identifier"));
  EXPECT_THAT(shown, HasSubstr("Authority Key Identifier"));
  EXPECT_THAT(shown, HasSubstr("email:bauamt@stadt.example"));
}

TEST_F(LocalCaTest, EllipticCurveKeysAgreeAndDoNotEncipher) {
  const std::string shown = text(authority().issue(bauamt(Usage::encrypt), mailbox_key()));
  EXPECT_THAT(shown, HasSubstr("Key Agreement"));
  EXPECT_THAT(shown, testing::Not(HasSubstr("Encipherment")));
}

TEST_F(LocalCaTest, SerialIsWhatOpensslPrints) {
  const auto leaf = authority().issue(bauamt(), mailbox_key());
  const auto ran = openssl({"x509", "-noout", "-serial", "-in", file("leaf.pem", leaf.pem())});
  EXPECT_EQ(ran.output, "serial=" + leaf.serial() + "\n");
}

TEST_F(LocalCaTest, FingerprintIsWhatOpensslPrints) {
  const auto ran = openssl({"dgst", "-sha256", "-r", file("root.der", root().certificate().der())});
  EXPECT_THAT(ran.output, testing::StartsWith(root().certificate().fingerprint()));
}

TEST_F(LocalCaTest, SerialNumbersAreUnique) {
  EXPECT_NE(authority().issue(bauamt(), mailbox_key()).serial(),
            authority().issue(bauamt(), mailbox_key()).serial());
}

TEST_F(LocalCaTest, InternationalAddressesAreSmtpUtf8Mailboxes) {
  auto wanted = bauamt();
  wanted.addresses = {"bürgerbüro@stadt.example"};
  const auto leaf = authority().issue(wanted, mailbox_key());
  EXPECT_THAT(text(leaf), HasSubstr("othername: SmtpUTF8Mailbox"));
  EXPECT_THAT(leaf.addresses(), testing::ElementsAre(*Address::parse("bürgerbüro@stadt.example")));
}

TEST_F(LocalCaTest, AddressesAreWrittenAsGiven) {
  auto wanted = bauamt();
  wanted.addresses = {" bauamt@stadt.example"};
  EXPECT_TRUE(authority().issue(wanted, mailbox_key()).has_unclean_address());
}

TEST_F(LocalCaTest, OpensslOpensThePkcs12) {
  const auto leaf = authority().issue(bauamt(), mailbox_key());
  const auto p12 = pki::make_pkcs12(mailbox_key(), leaf, {authority().certificate()}, "geheim");
  const Ran ran = openssl(
      {"pkcs12", "-info", "-nodes", "-passin", "pass:geheim", "-in", file("bauamt.p12", p12)});
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("MAC: sha256"));
  EXPECT_THAT(ran.output, HasSubstr("AES-256-CBC"));
  EXPECT_THAT(ran.output, HasSubstr("BEGIN PRIVATE KEY"));
}

}  // namespace
}  // namespace siegel::tests
