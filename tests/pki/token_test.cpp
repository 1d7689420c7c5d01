// Private keys in SoftHSM.

#include "pki/token.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "base/error.h"
#include "base/hex.h"
#include "pki/algorithms.h"
#include "pki/token_secret.h"
#include "pki/token_uri.h"
#include "tests/pki/authorities.h"
#include "tests/support/soft_token.h"

namespace siegel::tests {
namespace {

using pki::KeyType;
using pki::PrivateKey;
using pki::Token;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Token& token() {
  return Token::of(soft_hsm().settings());
}

/// Made once for all tests of a program.
const PrivateKey& token_key(KeyType type) {
  static std::map<KeyType, PrivateKey> keys;
  const auto known = keys.find(type);
  if (known != keys.end()) return known->second;
  return keys.emplace(type, token().generate(type, "bauamt@stadt.example")).first->second;
}

using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

std::string sign(const PrivateKey& key, const std::string& text) {
  const Context context(EVP_MD_CTX_new());
  std::string signature(1024, '\0');
  std::size_t size = signature.size();
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), out, &size, in, text.size()) != 1) {
    static_cast<void>(pki::drain_openssl_errors());
    return {};
  }
  signature.resize(size);
  return signature;
}

/// By software alone: with the public key of a certificate.
bool verifies(const pki::Certificate& certificate, const std::string& text,
              const std::string& signature) {
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY* const key = X509_get0_pubkey(certificate.x509());
  const auto* const octets = reinterpret_cast<const unsigned char*>(signature.data());
  const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets, signature.size(), in, text.size()) == 1;
}

std::optional<Error> error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

std::string refusal(const std::function<void()>& act) {
  const auto error = error_of(act);
  if (!error) return "nothing was refused";
  EXPECT_EQ(error->fault(), Fault::ours);
  EXPECT_THAT(error->what(), Not(HasSubstr(SoftHsm::pin)));
  return error->what();
}

// --- keys

class TokenKeys : public testing::TestWithParam<KeyType> {};

TEST_P(TokenKeys, SignsAndFitsItsCertificate) {
  const PrivateKey& key = token_key(GetParam());
  EXPECT_EQ(pki::judge_key(key.get()).strength, pki::Strength::ok);
  const auto certificate = authority().issue(bauamt(), key);
  EXPECT_TRUE(key.fits(certificate));
  EXPECT_EQ(key.key_id(), certificate.key_id());
  EXPECT_FALSE(key.fits(mailbox()));
  EXPECT_TRUE(verifies(certificate, "Guten Tag", sign(key, "Guten Tag")));
}

TEST_P(TokenKeys, NeverLeavesTheToken) {
  const PrivateKey& key = token_key(GetParam());
  EXPECT_FALSE(key.is_exportable());
  EXPECT_THAT(refusal([&] { (void)key.pkcs8(); }), HasSubstr("lives in a token"));
  const pki::cryptoki::Module module(SoftHsm::library);
  const pki::cryptoki::Session session(module, module.find("siegel").id);
  for (const auto hidden : session.find({{CKA_CLASS, pki::cryptoki::octets_of(CKO_PRIVATE_KEY)}})) {
    const bool is_rsa = session.read(hidden, CKA_KEY_TYPE) == pki::cryptoki::octets_of(CKK_RSA);
    EXPECT_EQ(session.read(hidden, CKA_EXTRACTABLE), pki::cryptoki::no());
    EXPECT_EQ(session.read(hidden, CKA_SENSITIVE), pki::cryptoki::yes());
    EXPECT_THAT(
        refusal([&] { (void)session.read(hidden, is_rsa ? CKA_PRIVATE_EXPONENT : CKA_VALUE); }),
        HasSubstr("sensitive"));
  }
}

TEST_P(TokenKeys, IsFoundAgainByItsUri) {
  const PrivateKey& key = token_key(GetParam());
  EXPECT_THAT(key.uri(), AllOf(StartsWith("pkcs11:token=siegel;id=%"), HasSubstr(";type=private"),
                               Not(HasSubstr("pin"))));
  EXPECT_EQ(token().open(key.uri()).key_id(), key.key_id());
  const std::string secret = pki::secret_of(key);
  EXPECT_EQ(secret, key.uri());
  EXPECT_EQ(pki::open_secret(secret, soft_hsm().settings())->key_id(), key.key_id());
}

INSTANTIATE_TEST_SUITE_P(All, TokenKeys,
                         testing::Values(KeyType::rsa_3072, KeyType::p256, KeyType::p384,
                                         KeyType::brainpool_p256r1));

TEST(TokenTest, EightThreadsSignWhileKeysAreMade) {
  const PrivateKey rsa = token_key(KeyType::rsa_3072);
  const PrivateKey ec = token_key(KeyType::p256);
  const auto of_rsa = authority().issue(bauamt(), rsa);
  const auto of_ec = authority().issue(bauamt(), ec);
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const bool is_rsa = i % 2 == 0;
      for (int n = 0; n < 25; ++n) {
        const std::string text = "mail " + std::to_string(100 * i + n);
        if (!verifies(is_rsa ? of_rsa : of_ec, text, sign(is_rsa ? rsa : ec, text))) ++wrong;
      }
    });
  }
  for (int n = 0; n < 20; ++n) {
    const PrivateKey made = token().generate(KeyType::p256, "made meanwhile");
    EXPECT_EQ(token().open(made.uri()).key_id(), made.key_id());
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(TokenTest, FourThreadsMakeKeys) {
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        for (int n = 0; n < 10; ++n) (void)token().generate(KeyType::p256, "one of many");
      } catch (const Error&) {
        ++failed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
}

TEST(TokenTest, DestroyedKeyIsGone) {
  const PrivateKey key = token().generate(KeyType::p256, "kurzlebig");
  EXPECT_TRUE(token().destroy(key.uri()));
  EXPECT_THAT(refusal([&] { (void)token().open(key.uri()); }), HasSubstr("no such private key"));
  EXPECT_FALSE(token().destroy(key.uri()));
}

TEST(TokenTest, DestroyedKeyLeavesNoPublicHalf) {
  const std::string uri = token().generate(KeyType::rsa_3072, "kurzlebig").uri();
  const pki::cryptoki::Module module(SoftHsm::library);
  const pki::cryptoki::Session session(module, module.find("siegel").id);
  const pki::cryptoki::Attributes like{{CKA_ID, pki::id_in(uri)}};
  EXPECT_EQ(session.find(like).size(), 2U);
  EXPECT_TRUE(token().destroy(uri));
  EXPECT_TRUE(session.find(like).empty());
}

TEST(TokenTest, ListNamesEveryKeyWithItsKind) {
  for (const KeyType type :
       {KeyType::rsa_3072, KeyType::p256, KeyType::p384, KeyType::brainpool_p256r1}) {
    const std::string uri = token().generate(type, "Liste").uri();
    const auto held = token().list();
    const auto found = std::ranges::find(held, uri, &Token::Held::uri);
    ASSERT_NE(found, held.end());
    EXPECT_EQ(found->type, name(type));
    EXPECT_EQ(found->label, "Liste");
    EXPECT_EQ(found->id, hex(pki::id_in(uri)));
  }
}

TEST(TokenTest, ListHoldsMoreKeysThanOneAnswerOfTheToken) {
  const auto before = token().list().size();
  for (int i = 0; i < 70; ++i) (void)token().generate(KeyType::p256, "viele");
  EXPECT_EQ(token().list().size(), before + 70);
}

TEST(TokenTest, KeyIsFoundByItsLabelIfThereIsOne) {
  const PrivateKey key = token().generate(KeyType::p256, "Standesamt Süd");
  EXPECT_EQ(token().open("pkcs11:token=siegel;object=Standesamt%20S%C3%BCd").key_id(),
            key.key_id());
  (void)token().generate(KeyType::p256, "Standesamt Süd");
  EXPECT_THAT(refusal([] { (void)token().open("pkcs11:object=Standesamt%20S%C3%BCd"); }),
              HasSubstr("name one by id"));
}

TEST(TokenTest, UriOfAnotherKindIsRefused) {
  const std::string id = "pkcs11:token=siegel;id=%01";
  for (const std::string& uri :
       {std::string(), std::string("siegel.key"), std::string("pkcs11:token=siegel;type=private"),
        std::string("pkcs11:token=anderswo;id=%01"), id + ";type=public",
        id + "?module-path=/tmp/x.so", id + "?module-name=x", id + ";farbe=rot",
        id + ";x=" + std::string(2000, 'x')}) {
    EXPECT_THAT(refusal([&] { (void)token().open(uri); }), HasSubstr("does not name a private key"))
        << uri;
  }
}

TEST(TokenTest, UriWithAPinIsRefusedAndNotRepeated) {
  const std::string uri = "pkcs11:token=siegel;id=%01?pin-value=" + std::string(SoftHsm::pin);
  EXPECT_THAT(refusal([&] { (void)token().open(uri); }), HasSubstr("brings a PIN"));
  EXPECT_THAT(refusal([] { (void)token().open("pkcs11:id=%01?pin-source=/etc/siegel/pin"); }),
              HasSubstr("brings a PIN"));
}

// --- the set-up

TEST(TokenTest, SettingsOfOneTokenGiveOneToken) {
  EXPECT_EQ(&Token::of(soft_hsm().settings()), &token());
}

TEST(TokenTest, WithoutASectionItIsSaidWhatToWrite) {
  EXPECT_THAT(refusal([] { (void)pki::open_secret("pkcs11:token=siegel;id=%01", std::nullopt); }),
              HasSubstr("write the section `token`"));
}

TEST(TokenTest, KeyInMemoryNeedsNoToken) {
  const auto key = pki::open_secret(pki::secret_of(mailbox_key()), std::nullopt);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->is_exportable());
  EXPECT_EQ(key->uri(), "");
  EXPECT_EQ(key->key_id(), mailbox_key().key_id());
  EXPECT_FALSE(pki::open_secret("something else", std::nullopt));
}

TEST(TokenTest, MissingLibraryIsTold) {
  auto settings = soft_hsm().settings();
  settings.module = "/usr/lib/softhsm/there-is-none.so";
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }),
              AllOf(HasSubstr("there-is-none.so"), HasSubstr("token.module")));
  settings.module = "/dev/null";
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }), HasSubstr("token.module"));
}

TEST(TokenTest, MissingTokenIsToldWithThoseThatAreThere) {
  EXPECT_THAT(refusal([] { (void)Token::of(soft_hsm().settings("nirgends")); }),
              AllOf(HasSubstr("no token \"nirgends\""), HasSubstr("siegel")));
}

TEST(TokenTest, SeveralTokensNeedALabel) {
  auto settings = soft_hsm().settings();
  settings.label.reset();
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }), HasSubstr("several tokens"));
}

TEST(TokenTest, WrongPinIsToldAndTheRightOneHelps) {
  auto settings = soft_hsm().settings("anderes");
  settings.pin = soft_hsm().pin_file("falsche-PIN\n", "wrong");
  for (int i = 0; i < 3; ++i) {
    const std::string told = refusal([&] { (void)Token::of(settings); });
    EXPECT_THAT(told, AllOf(HasSubstr("refuses the PIN"), HasSubstr("token.pin")));
    EXPECT_THAT(told, Not(HasSubstr("falsche")));
  }
  settings.pin = soft_hsm().pin_file(std::string(SoftHsm::pin) + "\r\nsecond line", "right");
  EXPECT_FALSE(Token::of(settings).generate(KeyType::p256, "").uri().empty());
}

TEST(TokenTest, PinThatOthersCanReadIsRefused) {
  auto settings = soft_hsm().settings("zweites");
  settings.pin = soft_hsm().pin_file(SoftHsm::pin, "open");
  std::filesystem::permissions(settings.pin, std::filesystem::perms(0644));
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }), HasSubstr("chmod 600"));
  settings.pin = soft_hsm().pin_file("\n", "empty");
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }), HasSubstr("first line"));
  settings.pin = "/nonexistent/pin";
  EXPECT_THAT(refusal([&] { (void)Token::of(settings); }), HasSubstr("token.pin"));
}

TEST(TokenTest, PinIsOnNoCommandLine) {
  (void)token();
  EXPECT_THAT(read_file("/proc/self/cmdline"), Not(HasSubstr(SoftHsm::pin)));
  EXPECT_THAT(read_file("/proc/self/environ"), Not(HasSubstr(SoftHsm::pin)));
}

}  // namespace
}  // namespace siegel::tests
