// S/MIME with private keys that live in SoftHSM, both ways with `openssl cms`.

#include <atomic>
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "base/error.h"
#include "pki/token.h"
#include "tests/crypt/command.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/soft_token.h"

namespace siegel::tests {
namespace {

using pki::KeyType;
using policy::Status;
using Words = std::vector<std::string>;

Time now() {
  return SystemClock().now();
}

/// Someone whose key is in the token. Keys are made once for all tests of a program.
const Party& person(KeyType type) {
  static std::map<KeyType, Party> people;
  const auto known = people.find(type);
  if (known != people.end()) return known->second;
  const auto key = pki::Token::of(soft_hsm().settings()).generate(type, "anna@stadt.example");
  return people.emplace(type, present().person("anna@stadt.example", key)).first->second;
}

std::optional<Fault> fault_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr(SoftHsm::pin)));
    return error.fault();
  }
  return std::nullopt;
}

class SmimeToken : public testing::Test {
 protected:
  SmimeToken() {
    put("root.pem", present().root().certificate().pem());
    put("entity", mail_entity);
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
  }
  static void openssl(Words words) {
    words.insert(words.begin(), "openssl");
    const Answer answer = run(words);
    ASSERT_EQ(answer.exit_code, 0) << answer.text;
  }
  void expect_verifies_there(const std::string& cms) const {
    put("cms", cms);
    openssl({"cms", "-verify", "-binary", "-inform", "DER", "-in", at("cms"), "-content",
             at("entity"), "-CAfile", at("root.pem"), "-out", at("out")});
    EXPECT_EQ(read_file(folder_ / "out"), mail_entity);
  }
  /// What `openssl cms -encrypt` makes for `party`; the options of the recipient follow -recip.
  [[nodiscard]] std::string encrypted_there(const Party& party, const std::string& cipher,
                                            const Words& how = {}) const {
    put("cert.pem", party.certificate.pem());
    Words words{"cms", "-encrypt",   "-binary", "-outform", "DER",    cipher,
                "-in", at("entity"), "-out",    at("cms"),  "-recip", at("cert.pem")};
    words.insert(words.end(), how.begin(), how.end());
    openssl(words);
    return read_file(folder_ / "cms");
  }
  static crypt::smime::Decrypted open_here(const std::string& cms, const Party& party) {
    return crypt::smime::decrypt(cms, Keyring({{party.certificate, party.key}}));
  }
  static void expect_opens_here(const std::string& cms, const Party& party) {
    const auto opened = open_here(cms, party);
    EXPECT_EQ(opened.layer.status, Status::good) << opened.layer.reason;
    EXPECT_EQ(opened.content, mail_entity);
  }

  TemporaryDirectory folder_;
};

class SmimeTokenWith : public SmimeToken, public testing::WithParamInterface<KeyType> {};

TEST_P(SmimeTokenWith, SignedInTheTokenVerifiesThere) {
  const Party& anna = person(GetParam());
  expect_verifies_there(crypt::smime::sign_detached(octets(mail_entity), anna.signer(), now()));
}

TEST_P(SmimeTokenWith, SignedInTheTokenVerifiesHere) {
  const std::string cms =
      crypt::smime::sign_opaque(octets(mail_entity), person(GetParam()).signer(), now());
  const auto verified = crypt::smime::verify_opaque(cms, present().trust(), {}, now());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.content, mail_entity);
}

TEST_P(SmimeTokenWith, EncryptedThereOpensInTheToken) {
  for (const std::string cipher : {"-aes-256-gcm", "-aes-128-gcm", "-aes256", "-des3"})
    expect_opens_here(encrypted_there(person(GetParam()), cipher), person(GetParam()));
}

TEST_P(SmimeTokenWith, EncryptedHereOpensInTheToken) {
  for (const bool modern : {false, true}) {
    const auto peer = person(GetParam()).peer({.aes_gcm = modern, .rsa_oaep = modern});
    expect_opens_here(crypt::smime::encrypt(octets(mail_entity), {peer}, {}).der,
                      person(GetParam()));
  }
}

TEST_P(SmimeTokenWith, R04_AlteredKeyAndAlteredContentAreToldAlike) {
  const Party& anna = person(GetParam());
  const std::string whole = encrypted_there(anna, "-aes-256-gcm");
  // The encrypted key: 384 octets of RSA, or 40 of a key wrap.
  const bool is_rsa = GetParam() == KeyType::rsa_3072;
  const std::string head = is_rsa ? std::string("\x04\x82\x01\x80", 4) : "\x04\x28";
  for (const std::size_t at : {whole.rfind(head) + 20, whole.size() - 1}) {
    std::string altered = whole;
    altered[at] = static_cast<char>(altered[at] ^ 0x40);
    const auto opened = open_here(altered, anna);
    EXPECT_EQ(opened.layer.status, Status::bad);
    EXPECT_EQ(opened.layer.reason, "the message could not be decrypted: it was damaged or altered");
    EXPECT_EQ(opened.content, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Token, SmimeTokenWith,
                         testing::Values(KeyType::rsa_3072, KeyType::p256, KeyType::p384,
                                         KeyType::brainpool_p256r1),
                         [](const auto& with) {
                           std::string text(pki::name(with.param));
                           std::erase(text, '-');
                           return text;
                         });

TEST_F(SmimeToken, OaepOpens) {
  const Party& rosa = person(KeyType::rsa_3072);
  const Words oaep{"-keyopt", "rsa_padding_mode:oaep"};
  expect_opens_here(encrypted_there(rosa, "-aes256", oaep), rosa);
  for (const std::string digest : {"sha256", "sha384", "sha512"}) {
    Words how = oaep;
    how.insert(how.end(), {"-keyopt", "rsa_oaep_md:" + digest});
    expect_opens_here(encrypted_there(rosa, "-aes-256-gcm", how), rosa);
  }
}

TEST_F(SmimeToken, EveryKeyDerivationOpens) {
  const Party& anna = person(KeyType::p256);
  for (const std::string digest : {"sha1", "sha256", "sha512"}) {
    expect_opens_here(encrypted_there(anna, "-aes-256-gcm", {"-keyopt", "ecdh_kdf_md:" + digest}),
                      anna);
  }
}

TEST_F(SmimeToken, KeyOfSomebodyElseOpensNothing) {
  const Party& anna = person(KeyType::rsa_3072);
  Party other = anna;
  other.key = pki::Token::of(soft_hsm().settings()).generate(KeyType::rsa_3072, "andere");
  EXPECT_EQ(open_here(encrypted_there(anna, "-aes-256-gcm"), other).layer.status, Status::bad);
}

// What a failing token says of a message is nothing: it must not be refused for it.
TEST_F(SmimeToken, TokenThatFailsIsNoFaultOfTheMessage) {
  const auto key =
      pki::Token::of(soft_hsm().settings("zweites")).generate(KeyType::p256, "unerreichbar");
  const Party anna = present().person("anna@stadt.example", key);
  const std::string cms = encrypted_there(anna, "-aes-256-gcm");
  expect_opens_here(cms, anna);
  const pki::cryptoki::Module module(SoftHsm::library);
  ASSERT_EQ(module.calls().C_CloseAllSessions(module.find("zweites").id), CKR_OK);
  EXPECT_EQ(fault_of([&] { (void)open_here(cms, anna); }), Fault::world);
  EXPECT_EQ(
      fault_of([&] { (void)crypt::smime::sign_opaque(octets(mail_entity), anna.signer(), now()); }),
      Fault::world);
}

TEST_F(SmimeToken, EightThreadsSignAndOpenAtOnce) {
  const Party& rosa = person(KeyType::rsa_3072);
  const Party& anna = person(KeyType::p256);
  const std::string to_rosa = encrypted_there(rosa, "-aes-256-gcm");
  const std::string to_anna = encrypted_there(anna, "-aes-256-gcm");
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const Party& party = i % 2 == 0 ? rosa : anna;
      for (int n = 0; n < 10; ++n) {
        if (open_here(i % 2 == 0 ? to_rosa : to_anna, party).content != mail_entity) ++wrong;
        const auto cms = crypt::smime::sign_opaque(octets(mail_entity), party.signer(), now());
        const auto verified = crypt::smime::verify_opaque(cms, present().trust(), {}, now());
        if (verified.layer.status != Status::good) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace siegel::tests
