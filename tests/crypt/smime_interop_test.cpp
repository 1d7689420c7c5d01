// Both ways with the programs that others use: `openssl cms`, `openssl smime` and `gpgsm`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "base/hex.h"
#include "tests/crypt/command.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using pki::KeyType;
using policy::Status;
using Words = std::vector<std::string>;

// The programs write the clock's time into their signatures.
Time now() {
  return SystemClock().now();
}

class SmimeInterop : public testing::Test {
 protected:
  SmimeInterop() {
    put("root.pem", present().root().certificate().pem());
    put("office.pem", present().office().certificate().pem());
    put("entity", mail_entity);
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
  }
  [[nodiscard]] std::string get(const std::string& name) const { return read_file(folder_ / name); }

  Party person(KeyType type) { return introduce(present().person("anna@stadt.example", type)); }
  Party introduce(const Party& party) {
    put("cert.pem", party.certificate.pem());
    put("key.der", party.key.pkcs8());
    return party;
  }

  // `openssl <words>`; the test fails with the program's own words.
  static void openssl(Words words) {
    words.insert(words.begin(), "openssl");
    const Answer answer = run(words);
    ASSERT_EQ(answer.exit_code, 0) << answer.text;
  }
  void sign_there(const Words& how) const {
    Words words{"cms",         "-sign",    "-binary", "-outform",  "DER",           "-in",
                at("entity"),  "-out",     at("cms"), "-signer",   at("cert.pem"),  "-inkey",
                at("key.der"), "-keyform", "DER",     "-certfile", at("office.pem")};
    words.insert(words.end(), how.begin(), how.end());
    openssl(words);
  }
  // The options of one recipient follow after -recip.
  void encrypt_there(const Words& cipher, const Words& how = {}) const {
    Words words{"cms", "-encrypt",   "-binary", "-outform", "DER",
                "-in", at("entity"), "-out",    at("cms")};
    words.insert(words.end(), cipher.begin(), cipher.end());
    words.insert(words.end(), {"-recip", at("cert.pem")});
    words.insert(words.end(), how.begin(), how.end());
    openssl(words);
  }
  void expect_opens_here(const Party& party, const std::string& algorithm) const {
    const Keyring keys({{party.certificate, party.key}});
    const auto opened = crypt::smime::decrypt(get("cms"), keys);
    EXPECT_EQ(opened.content, mail_entity) << opened.layer.reason;
    EXPECT_EQ(opened.layer.algorithm, algorithm);
  }
  void expect_opens_there(const Party& party, pki::Capabilities capabilities) const {
    put("cms", crypt::smime::encrypt(octets(mail_entity), {party.peer(capabilities)}, {}).der);
    openssl({"cms", "-decrypt", "-binary", "-inform", "DER", "-in", at("cms"), "-out", at("plain"),
             "-recip", at("cert.pem"), "-inkey", at("key.der"), "-keyform", "DER"});
    EXPECT_EQ(get("plain"), mail_entity);
  }
  [[nodiscard]] crypt::smime::Verified check_here() const {
    return crypt::smime::verify_detached(get("cms"), mail_entity, present().trust(), {}, now());
  }

 private:
  TemporaryDirectory folder_;
};

class SmimeInteropWith : public SmimeInterop, public testing::WithParamInterface<KeyType> {};

TEST_P(SmimeInteropWith, SignedHereVerifiesThere) {
  const Party anna = person(GetParam());
  put("cms", crypt::smime::sign_detached(octets(mail_entity), anna.signer(), now()));
  openssl({"cms", "-verify", "-binary", "-inform", "DER", "-in", at("cms"), "-content",
           at("entity"), "-CAfile", at("root.pem"), "-out", at("out")});
  EXPECT_EQ(get("out"), mail_entity);
}

TEST_P(SmimeInteropWith, SignedThereVerifiesHere) {
  person(GetParam());
  sign_there({"-md", "sha256"});
  const auto verified = check_here();
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_TRUE(verified.capabilities);
}

TEST_P(SmimeInteropWith, EncryptedHereOpensThere) {
  const Party anna = person(GetParam());
  expect_opens_there(anna, {});
  expect_opens_there(anna, {.aes_gcm = true, .rsa_oaep = false});
  expect_opens_there(anna, {.aes_gcm = true, .rsa_oaep = true});
}

TEST_P(SmimeInteropWith, EncryptedThereOpensHere) {
  const Party anna = person(GetParam());
  for (const auto& [option, name] : {std::pair{"-aes-256-gcm", "AES-256-GCM"},
                                     {"-aes-128-gcm", "AES-128-GCM"},
                                     {"-aes256", "AES-256-CBC"},
                                     {"-aes128", "AES-128-CBC"},
                                     {"-des3", "3DES-CBC"}}) {
    encrypt_there({option});
    expect_opens_here(anna, name);
  }
}

INSTANTIATE_TEST_SUITE_P(Smime, SmimeInteropWith,
                         testing::Values(KeyType::rsa_3072, KeyType::p256, KeyType::p384,
                                         KeyType::brainpool_p256r1),
                         [](const auto& with) {
                           std::string text(pki::name(with.param));
                           std::erase(text, '-');
                           return text;
                         });

TEST_F(SmimeInterop, OldAndOddFormsFromThere) {
  person(KeyType::rsa_3072);
  const auto status = [&](const Words& how) {
    sign_there(how);
    return check_here().layer.status;
  };
  EXPECT_EQ(status({"-keyopt", "rsa_padding_mode:pss"}), Status::good);
  EXPECT_EQ(status({"-keyid"}), Status::good);
  EXPECT_EQ(status({"-cades"}), Status::good);
  EXPECT_EQ(status({"-nosmimecap", "-md", "sha512"}), Status::good);
  EXPECT_EQ(status({"-md", "sha1"}), Status::weak);
  EXPECT_EQ(status({"-md", "md5"}), Status::weak);
  EXPECT_EQ(status({"-noattr"}), Status::bad);
  EXPECT_EQ(status({"-nocerts"}), Status::no_certificate);
  EXPECT_EQ(status({"-nodetach"}), Status::bad);
}

TEST_F(SmimeInterop, OpaqueFromThere) {
  person(KeyType::p256);
  for (const Words& how : {Words{"-nodetach"}, Words{"-nodetach", "-stream"}}) {
    sign_there(how);
    const auto verified = crypt::smime::verify_opaque(get("cms"), present().trust(), {}, now());
    EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
    EXPECT_EQ(verified.content, mail_entity);
  }
}

TEST_F(SmimeInterop, OpaqueFromHereVerifiesThere) {
  const Party anna = person(KeyType::p384);
  put("cms", crypt::smime::sign_opaque(octets(mail_entity), anna.signer(), now()));
  openssl({"cms", "-verify", "-binary", "-inform", "DER", "-in", at("cms"), "-CAfile",
           at("root.pem"), "-out", at("out")});
  EXPECT_EQ(get("out"), mail_entity);
}

TEST_F(SmimeInterop, ThePredecessorOfCmsVerifiesHere) {
  person(KeyType::rsa_3072);
  openssl({"smime", "-sign", "-binary", "-outform", "DER", "-in", at("entity"), "-out", at("cms"),
           "-signer", at("cert.pem"), "-inkey", at("key.der"), "-keyform", "DER", "-certfile",
           at("office.pem")});
  EXPECT_EQ(check_here().layer.status, Status::good) << check_here().layer.reason;
}

TEST_F(SmimeInterop, AKeyForPssOnlyVerifiesThere) {
  const Party anna = introduce(present().person("anna@stadt.example", pss_key()));
  put("cms", crypt::smime::sign_detached(octets(mail_entity), anna.signer(), now()));
  openssl({"cms", "-verify", "-binary", "-inform", "DER", "-in", at("cms"), "-content",
           at("entity"), "-CAfile", at("root.pem"), "-out", at("out")});
}

TEST_F(SmimeInterop, OaepAndOtherKeyDerivationsFromThereOpenHere) {
  const Party rosa = person(KeyType::rsa_3072);
  encrypt_there({"-aes256"}, {"-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"});
  expect_opens_here(rosa, "AES-256-CBC");
  encrypt_there({"-aes256"}, {"-keyopt", "rsa_padding_mode:oaep"});
  expect_opens_here(rosa, "AES-256-CBC");
  const Party anna = person(KeyType::p256);
  for (const std::string digest : {"sha1", "sha256", "sha512"}) {
    encrypt_there({"-aes-256-gcm"}, {"-keyopt", "ecdh_kdf_md:" + digest});
    expect_opens_here(anna, "AES-256-GCM");
  }
}

TEST_F(SmimeInterop, StreamedEncryptionOpensHere) {
  const Party rosa = person(KeyType::rsa_3072);
  encrypt_there({"-aes256", "-stream"});
  expect_opens_here(rosa, "AES-256-CBC");
}

// A home for gpgsm that believes our root; its agent ends with it.
class GpgsmHome {
 public:
  explicit GpgsmHome(const pki::Certificate& root) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
    std::string digest(20, '\0');
    unsigned int size = 0;
    X509_digest(root.x509(), EVP_sha1(), reinterpret_cast<unsigned char*>(digest.data()), &size);
    write_file(folder_ / "trustlist.txt", hex(digest) + " S relax\n");
    write_file(folder_ / "root.pem", root.pem());
    const Answer imported = gpgsm({"--import", (folder_ / "root.pem").string()});
    EXPECT_EQ(imported.exit_code, 0) << imported.text;
  }
  GpgsmHome(const GpgsmHome&) = delete;
  GpgsmHome& operator=(const GpgsmHome&) = delete;
  ~GpgsmHome() { run({"gpgconf", "--homedir", folder_.path().string(), "--kill", "all"}); }

  [[nodiscard]] Answer gpgsm(Words words) const {
    const Words common{"gpgsm",
                       "--homedir",
                       folder_.path().string(),
                       "--batch",
                       "--disable-crl-checks",
                       "--disable-dirmngr"};
    words.insert(words.begin(), common.begin(), common.end());
    return run(words);
  }

 private:
  TemporaryDirectory folder_;
};

TEST_P(SmimeInteropWith, SignedHereVerifiesWithGpgsm) {
  const Party anna = person(GetParam());
  const GpgsmHome home(present().root().certificate());
  put("cms", crypt::smime::sign_detached(octets(mail_entity), anna.signer(), now()));
  const Answer answer = home.gpgsm({"--verify", at("cms"), at("entity")});
  EXPECT_EQ(answer.exit_code, 0) << answer.text;
  EXPECT_THAT(answer.text, testing::HasSubstr("Good signature"));
}

}  // namespace
}  // namespace siegel::tests
