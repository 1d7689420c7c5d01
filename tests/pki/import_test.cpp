#include "pki/import.h"

#include <climits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/asn1.h"
#include "tests/pki/authorities.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using pki::Bundle;
using pki::Certificate;
using pki::PrivateKey;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Certificate& leaf() {
  static const auto certificate = authority().issue(bauamt(), mailbox_key());
  return certificate;
}

/// Files as CAs make them, by the openssl command.
class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    write_file(path("key.der"), mailbox_key().pkcs8());
    write_file(path("leaf.pem"), leaf().pem());
    write_file(path("chain.pem"), authority().certificate().pem());
    run({"pkey", "-inform", "DER", "-in", path("key.der"), "-out", path("key.pem")});
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  /// What `arguments` and `-out FILE` make.
  std::string made(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-out", path("made")});
    run(arguments);
    return read_file(path("made"));
  }
  std::string pkcs12(const std::vector<std::string>& more) {
    std::vector<std::string> words{"pkcs12", "-export",        "-inkey",    path("key.pem"),
                                   "-in",    path("leaf.pem"), "-certfile", path("chain.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return made(words);
  }
  static void run(const std::vector<std::string>& arguments) {
    const Ran ran = openssl(arguments);
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  static void expect_everything(const Bundle& bundle) {
    EXPECT_THAT(bundle.certificates, UnorderedElementsAre(leaf(), authority().certificate()));
    ASSERT_EQ(bundle.keys.size(), 1U);
    EXPECT_TRUE(bundle.keys[0].fits(leaf()));
  }
  static std::string refusal(const std::string& octets, const std::string& password = "") {
    try {
      static_cast<void>(pki::read_bundle(octets, password));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::peer);
      return error.said();
    }
    return "";
  }

  TemporaryDirectory folder_;
};

// --- PKCS#12

TEST_F(ImportTest, ReadsItsOwnPkcs12) {
  const auto file = pki::make_pkcs12(mailbox_key(), leaf(), {authority().certificate()}, "geheim");
  expect_everything(pki::read_bundle(file, "geheim"));
}

TEST_F(ImportTest, ReadsModernPkcs12) {
  expect_everything(pki::read_bundle(pkcs12({"-passout", "pass:geheim"}), "geheim"));
}

TEST_F(ImportTest, ReadsPkcs12WithRc2) {
  const auto file = pkcs12({"-legacy", "-passout", "pass:geheim"});
  expect_everything(pki::read_bundle(file, "geheim"));
}

TEST_F(ImportTest, Rc2StaysUnknownToTheContextThatReadsMail) {
  static_cast<void>(pki::read_bundle(pkcs12({"-legacy", "-passout", "pass:geheim"}), "geheim"));
  const Handle<EVP_CIPHER, EVP_CIPHER_free> rc2(EVP_CIPHER_fetch(nullptr, "RC2-40-CBC", nullptr));
  EXPECT_EQ(rc2, nullptr);
  static_cast<void>(pki::drain_openssl_errors());
}

TEST_F(ImportTest, ReadsPkcs12WithTripleDes) {
  const auto file = pkcs12({"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg",
                            "sha1", "-passout", "pass:geheim"});
  expect_everything(pki::read_bundle(file, "geheim"));
}

TEST_F(ImportTest, ReadsPkcs12WithoutMac) {
  const auto file = pkcs12({"-nomac", "-passout", "pass:geheim"});
  expect_everything(pki::read_bundle(file, "geheim"));
  EXPECT_THAT(refusal(file, "falsch"), HasSubstr("password does not open"));
}

TEST_F(ImportTest, ReadsPkcs12WithUmlautsInThePassword) {
  expect_everything(pki::read_bundle(pkcs12({"-passout", "pass:Schlüssel"}), "Schlüssel"));
}

TEST_F(ImportTest, ReadsPkcs12WithEmptyPassword) {
  const auto file = pkcs12({"-passout", "pass:"});
  EXPECT_FALSE(pki::needs_password(file));
  expect_everything(pki::read_bundle(file, ""));
}

TEST_F(ImportTest, WrongAndMissingPasswordsAreTold) {
  const auto file = pkcs12({"-passout", "pass:geheim"});
  EXPECT_TRUE(pki::needs_password(file));
  EXPECT_THAT(refusal(file), HasSubstr("give the password"));
  EXPECT_THAT(refusal(file, "falsch"), HasSubstr("password does not open"));
}

TEST_F(ImportTest, ACutPkcs12IsNoPkcs12) {
  const auto file = pkcs12({"-passout", "pass:geheim"});
  EXPECT_THAT(refusal(file.substr(0, file.size() - 1), "geheim"), HasSubstr("none of PKCS#12"));
}

// --- PEM

TEST_F(ImportTest, ReadsPemInAnyMixture) {
  const auto pem = "Bag Attributes\n    friendlyName: x\n" + read_file(path("key.pem")) +
                   leaf().pem() + "\r\n" + authority().certificate().pem() + leaf().pem();
  EXPECT_FALSE(pki::needs_password(pem));
  expect_everything(pki::read_bundle(pem, ""));
}

TEST_F(ImportTest, APemBlockThatCannotBeReadIsToldWithItsPlace) {
  const auto good = leaf().pem();
  const std::string junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(refusal(good + good.substr(0, good.size() / 2), ""), HasSubstr("block 2 (CERT"));
  EXPECT_THAT(refusal(good + junk, ""), HasSubstr("block 2 (CERTIFICATE)"));
  EXPECT_THAT(refusal(junk + good, ""), HasSubstr("block 1 (CERTIFICATE)"));
}

TEST_F(ImportTest, PassesOverPemBlocksOfOtherKinds) {
  const std::string other = "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n";
  EXPECT_EQ(pki::read_bundle(other + leaf().pem(), "").certificates.size(), 1U);
}

TEST_F(ImportTest, ReadsEncryptedPkcs8) {
  const auto key = made(
      {"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", path("key.pem"), "-passout", "pass:geheim"});
  EXPECT_TRUE(pki::needs_password(leaf().pem() + key));
  EXPECT_TRUE(pki::read_bundle(key, "geheim").keys.at(0).fits(leaf()));
  EXPECT_THAT(refusal(key, "falsch"), HasSubstr("password does not open"));
}

TEST_F(ImportTest, ReadsEncryptedPkcs8WithScrypt) {
  const auto key =
      made({"pkcs8", "-topk8", "-scrypt", "-in", path("key.pem"), "-passout", "pass:geheim"});
  EXPECT_TRUE(pki::read_bundle(key, "geheim").keys.at(0).fits(leaf()));
}

TEST_F(ImportTest, ReadsTraditionalKeys) {
  const auto plain = made({"ec", "-in", path("key.pem")});
  ASSERT_THAT(plain, HasSubstr("BEGIN EC PRIVATE KEY"));
  EXPECT_TRUE(pki::read_bundle(plain, "").keys.at(0).fits(leaf()));
  const auto locked = made({"ec", "-aes128", "-in", path("key.pem"), "-passout", "pass:geheim"});
  ASSERT_THAT(locked, HasSubstr("Proc-Type"));
  EXPECT_TRUE(pki::needs_password(locked));
  EXPECT_TRUE(pki::read_bundle(locked, "geheim").keys.at(0).fits(leaf()));
  EXPECT_THAT(refusal(locked, "falsch"), HasSubstr("password does not open"));
}

// --- P7B and DER

TEST_F(ImportTest, ReadsP7bInPemAndDer) {
  for (const std::string form : {"PEM", "DER"}) {
    const auto file = made({"crl2pkcs7", "-nocrl", "-certfile", path("leaf.pem"), "-certfile",
                            path("chain.pem"), "-outform", form});
    const Bundle bundle = pki::read_bundle(file, "");
    EXPECT_THAT(bundle.certificates, UnorderedElementsAre(leaf(), authority().certificate()));
    EXPECT_THAT(bundle.keys, IsEmpty());
  }
}

TEST_F(ImportTest, ReadsOneCertificateInDer) {
  EXPECT_THAT(pki::read_bundle(leaf().der(), "").certificates, ElementsAre(leaf()));
}

TEST_F(ImportTest, ReadsOneKeyInDer) {
  EXPECT_TRUE(pki::read_bundle(mailbox_key().pkcs8(), "").keys.at(0).fits(leaf()));
}

TEST_F(ImportTest, ReadsOneEncryptedKeyInDer) {
  const auto key = made(
      {"pkcs8", "-topk8", "-in", path("key.pem"), "-outform", "DER", "-passout", "pass:geheim"});
  EXPECT_TRUE(pki::needs_password(key));
  EXPECT_TRUE(pki::read_bundle(key, "geheim").keys.at(0).fits(leaf()));
}

/// An encrypted key that demands `rounds` of key derivation; nobody has ever derived it.
std::string demanding_key(int rounds) {
  const Handle<X509_SIG, X509_SIG_free> sealed(X509_SIG_new());
  X509_ALGOR* algorithm = nullptr;
  ASN1_OCTET_STRING* octets = nullptr;
  X509_SIG_getm(sealed.get(), &algorithm, &octets);
  const Handle<X509_ALGOR, X509_ALGOR_free> scheme(
      PKCS5_pbe2_set(EVP_aes_256_cbc(), rounds, nullptr, 0));
  X509_ALGOR_copy(algorithm, scheme.get());
  ASN1_OCTET_STRING_set(octets, reinterpret_cast<const unsigned char*>("0123456789abcdef"), 16);
  return pki::to_der(sealed.get(), i2d_X509_SIG);
}

TEST_F(ImportTest, AnUnreasonableNumberOfRoundsIsRefused) {
  EXPECT_THAT(refusal(demanding_key(1000), "geheim"), HasSubstr("password does not open"));
  EXPECT_THAT(refusal(demanding_key(10'000'001), "geheim"), HasSubstr("unreasonably much work"));
  EXPECT_THAT(refusal(demanding_key(INT_MAX), "geheim"), HasSubstr("unreasonably much work"));
}

// --- what is none of these

TEST_F(ImportTest, ForeignOctetsAreNamedAsSuch) {
  for (const std::string octets : {"", "hello", "%PDF-1.7", "\x30\x03\x02\x01\x03"}) {
    EXPECT_THAT(refusal(octets, "geheim"), HasSubstr("none of PKCS#12"));
    EXPECT_FALSE(pki::needs_password(octets));
  }
}

TEST_F(ImportTest, AFileWithoutCertificateOrKeyIsNamedAsSuch) {
  const auto request = made({"req", "-new", "-subj", "/CN=x", "-key", path("key.pem")});
  EXPECT_THAT(refusal(request), HasSubstr("neither a certificate nor a private key"));
}

TEST_F(ImportTest, NoMoreThan16MiBAnd1000Objects) {
  EXPECT_THAT(refusal(std::string((16U << 20U) + 1, 'x')), HasSubstr("16 MiB"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += leaf().pem();
  EXPECT_THAT(refusal(many), HasSubstr("1,000"));
}

}  // namespace
}  // namespace siegel::tests
