#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rand.h>

#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using crypt::smime::ContentKind;
using crypt::smime::decrypt;
using crypt::smime::Decrypted;
using crypt::smime::encrypt;
using policy::Status;

constexpr pki::Capabilities modern{.aes_gcm = true, .rsa_oaep = false};
constexpr pki::Capabilities modern_rsa{.aes_gcm = true, .rsa_oaep = true};

Keyring keys_of(const Party& party) {
  return Keyring({{party.certificate, party.key}});
}

class SmimeEnvelope : public testing::Test {
 protected:
  const Party anna = world().person("anna@stadt.example");
  const Party rosa = world().person("rosa@stadt.example", pki::KeyType::rsa_3072);
  const Party carl = world().person("carl@stadt.example", pki::KeyType::p384);
};

// What a wrong outcome must look like, whatever went wrong.
void expect_nothing_given(const Decrypted& result) {
  EXPECT_NE(result.layer.status, Status::good);
  EXPECT_EQ(result.content, "");
}

bool look_alike(const Decrypted& a, const Decrypted& b) {
  return a.layer.status == b.layer.status && a.layer.reason == b.layer.reason &&
         a.layer.algorithm == b.layer.algorithm && a.layer.authenticated == b.layer.authenticated &&
         a.content == b.content;
}

// --- round trips

class EncryptTo : public testing::TestWithParam<std::tuple<pki::KeyType, bool, bool>> {};

TEST_P(EncryptTo, EveryKindOfKeyOpensItAgain) {
  const auto [type, gcm, oaep] = GetParam();
  const Party party = world().person("anna@stadt.example", type);
  const auto sealed =
      encrypt(octets(mail_entity), {party.peer({.aes_gcm = gcm, .rsa_oaep = oaep})}, {});
  EXPECT_EQ(sealed.authenticated, gcm);
  const auto opened = decrypt(sealed.der, keys_of(party));
  EXPECT_EQ(opened.layer.status, Status::good) << opened.layer.reason;
  EXPECT_EQ(opened.layer.authenticated, gcm);
  EXPECT_EQ(opened.layer.algorithm, gcm ? "AES-256-GCM" : "AES-256-CBC");
  EXPECT_EQ(opened.content, mail_entity);
}

INSTANTIATE_TEST_SUITE_P(Smime, EncryptTo,
                         testing::Combine(testing::Values(pki::KeyType::rsa_3072,
                                                          pki::KeyType::p256, pki::KeyType::p384,
                                                          pki::KeyType::brainpool_p256r1),
                                          testing::Bool(), testing::Bool()));

TEST_F(SmimeEnvelope, MixedRecipientsAllOpenIt) {
  const auto sealed =
      encrypt(octets(mail_entity), {anna.peer(modern), rosa.peer(modern_rsa)}, carl.certificate);
  EXPECT_TRUE(sealed.authenticated);
  for (const Party& party : {anna, rosa, carl})
    EXPECT_EQ(decrypt(sealed.der, keys_of(party)).content, mail_entity);
}

TEST_F(SmimeEnvelope, OneOldRecipientMakesItCbcForAll) {
  EXPECT_FALSE(encrypt(octets("x"), {anna.peer(modern), rosa.peer()}, {}).authenticated);
}

TEST_F(SmimeEnvelope, OneKeyForTwoRecipientsStandsThereOnceAndModestly) {
  const auto sealed = encrypt(octets(mail_entity), {rosa.peer(modern_rsa), rosa.peer()}, {});
  EXPECT_FALSE(sealed.authenticated);
  const auto cms = crypt::smime::parse_cms(sealed.der, sealed.der.size());
  EXPECT_EQ(sk_CMS_RecipientInfo_num(CMS_get0_RecipientInfos(cms.get())), 1);
}

TEST_F(SmimeEnvelope, TheOrderOfTheRecipientsIsNotTold) {
  const auto order = [](const std::string& der) {
    std::vector<std::size_t> sizes;
    const auto cms = crypt::smime::parse_cms(der, der.size());
    STACK_OF(CMS_RecipientInfo)* const infos = CMS_get0_RecipientInfos(cms.get());
    std::vector<std::string> serials;
    for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); ++i) {
      ASN1_INTEGER* serial = nullptr;
      CMS_RecipientInfo_ktri_get0_signer_id(sk_CMS_RecipientInfo_value(infos, i), nullptr, nullptr,
                                            &serial);
      serials.emplace_back(pki::octets_of(serial));
    }
    return serials;
  };
  const Party rita = world().person("rita@stadt.example", pki::KeyType::rsa_3072);
  const auto one = encrypt(octets("x"), {rosa.peer(), rita.peer()}, {});
  const auto other = encrypt(octets("x"), {rita.peer(), rosa.peer()}, {});
  EXPECT_EQ(order(one.der), order(other.der));
}

TEST_F(SmimeEnvelope, LargeContentSurvives) {
  std::string large = mail_entity;
  large.resize(std::size_t{3} << 20U, 'x');
  for (const auto& peer : {anna.peer(modern), anna.peer()}) {
    const auto sealed = encrypt(octets(large), {peer}, {});
    EXPECT_EQ(decrypt(sealed.der, keys_of(anna)).content, large);
  }
}

// --- algorithms of the sender

// OIDs as they stand in the message.
bool mentions(const std::string& der, const char* oid) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 1));
  return der.find(pki::to_der(object.get(), i2d_ASN1_OBJECT)) != std::string::npos;
}

TEST_F(SmimeEnvelope, RS1_KeyAgreementIsDerivedWithSha256) {
  const auto sealed = encrypt(octets("x"), {anna.peer()}, {});
  EXPECT_TRUE(mentions(sealed.der, "1.3.132.1.11.1"));           // stdDH-sha256kdf
  EXPECT_FALSE(mentions(sealed.der, "1.3.133.16.840.63.0.2"));   // stdDH-sha1kdf
  EXPECT_TRUE(mentions(sealed.der, "2.16.840.1.101.3.4.1.45"));  // aes256-wrap
}

TEST_F(SmimeEnvelope, RS1_OaepOnlyForWhomItIsKnownToWork) {
  EXPECT_TRUE(
      mentions(encrypt(octets("x"), {rosa.peer(modern_rsa)}, {}).der, "1.2.840.113549.1.1.7"));
  EXPECT_FALSE(mentions(encrypt(octets("x"), {rosa.peer(modern)}, {}).der, "1.2.840.113549.1.1.7"));
}

TEST_F(SmimeEnvelope, R35_ACertificateForSigningIsNotEncryptedTo) {
  const Party signs = world().person("sig@stadt.example", pki::KeyType::p256, pki::Usage::sign);
  EXPECT_THROW(static_cast<void>(encrypt(octets("x"), {signs.peer()}, {})), Error);
  EXPECT_THROW(static_cast<void>(encrypt(octets("x"), {anna.peer()}, signs.certificate)), Error);
}

TEST_F(SmimeEnvelope, AKeyThatIsTooShortIsNotEncryptedTo) {
  const Party frail = world().person("frail@stadt.example", rsa_key(1024));
  EXPECT_THROW(static_cast<void>(encrypt(octets("x"), {frail.peer()}, {})), Error);
}

TEST_F(SmimeEnvelope, NobodyIsNoRecipient) {
  EXPECT_THROW(static_cast<void>(encrypt(octets("x"), {}, anna.certificate)), Error);
}

// --- what others send

std::string sealed_by_openssl(const Party& to, const EVP_CIPHER* cipher,
                              const std::string& content = mail_entity) {
  const pki::X509StackHandle recipients(sk_X509_new_null());
  X509_up_ref(to.certificate.x509());
  sk_X509_push(recipients.get(), to.certificate.x509());
  const pki::BioHandle in = pki::memory_bio(content);
  const crypt::smime::CmsHandle cms(
      pki::checked(CMS_encrypt(recipients.get(), in.get(), cipher, CMS_BINARY), "CMS_encrypt"));
  return crypt::smime::der_of(cms.get());
}

TEST_F(SmimeEnvelope, AllCiphersOfTheTableAreRead) {
  const std::vector<std::pair<const EVP_CIPHER*, std::string>> table{
      {EVP_aes_128_gcm(), "AES-128-GCM"}, {EVP_aes_192_gcm(), "AES-192-GCM"},
      {EVP_aes_256_gcm(), "AES-256-GCM"}, {EVP_aes_128_cbc(), "AES-128-CBC"},
      {EVP_aes_192_cbc(), "AES-192-CBC"}, {EVP_aes_256_cbc(), "AES-256-CBC"},
      {EVP_des_ede3_cbc(), "3DES-CBC"}};
  for (const Party& to : {anna, rosa})
    for (const auto& [cipher, name] : table) {
      const auto opened = decrypt(sealed_by_openssl(to, cipher), keys_of(to));
      EXPECT_EQ(opened.layer.status, Status::good) << name;
      EXPECT_EQ(opened.layer.algorithm, name);
      EXPECT_EQ(opened.content, mail_entity);
    }
}

TEST_F(SmimeEnvelope, OtherCiphersAreUnsupported) {
  for (const EVP_CIPHER* cipher : {EVP_camellia_256_cbc(), EVP_aes_256_cfb128()}) {
    const auto opened = decrypt(sealed_by_openssl(rosa, cipher), keys_of(rosa));
    EXPECT_EQ(opened.layer.status, Status::malformed);
    EXPECT_EQ(opened.content, "");
  }
}

TEST_F(SmimeEnvelope, ARecipientNamedByKeyIdentifierIsFound) {
  const crypt::smime::CmsHandle cms(CMS_EnvelopedData_create(EVP_aes_256_cbc()));
  CMS_set_detached(cms.get(), 0);
  CMS_add1_recipient_cert(cms.get(), rosa.certificate.x509(), CMS_USE_KEYID);
  crypt::smime::fill(cms.get(), octets(mail_entity));
  EXPECT_EQ(decrypt(crypt::smime::der_of(cms.get()), keys_of(rosa)).content, mail_entity);
}

TEST_F(SmimeEnvelope, NotToUsMeansNoKey) {
  const auto sealed = encrypt(octets(mail_entity), {anna.peer()}, {});
  EXPECT_EQ(decrypt(sealed.der, Keyring()).layer.status, Status::no_key);
  EXPECT_EQ(decrypt(sealed.der, keys_of(rosa)).layer.status, Status::no_key);
}

TEST_F(SmimeEnvelope, WhatIsNoEnvelopeIsMalformed) {
  for (const std::string& cms : {std::string(), std::string("x"), mail_entity,
                                 Forge().signed_by(anna).with_content_inside().der()})
    EXPECT_EQ(decrypt(cms, keys_of(anna)).layer.status, Status::malformed);
}

// --- R-02 … R-04: nothing but the true content is ever given out

TEST_F(SmimeEnvelope, R02_CbcIsMarkedAsUnprotected) {
  const auto opened = decrypt(encrypt(octets(mail_entity), {anna.peer()}, {}).der, keys_of(anna));
  EXPECT_EQ(opened.layer.status, Status::good);
  EXPECT_FALSE(opened.layer.authenticated);
}

TEST_F(SmimeEnvelope, R02_ACbcGadgetAtTheStartIsNoMail) {
  std::string der = encrypt(octets(mail_entity), {anna.peer()}, {}).der;
  // The first ciphertext block: what follows the padding-aligned rest of the DER.
  const std::size_t blocks = (mail_entity.size() / 16 + 1) * 16;
  der[der.size() - blocks] = static_cast<char>(der[der.size() - blocks] ^ 1);
  expect_nothing_given(decrypt(der, keys_of(anna)));
}

TEST_F(SmimeEnvelope, R02_CbcContentThatIsNoEntityIsADecryptionFailure) {
  for (const std::string garbage : {"", "hello", "\x01\x02:\n", "no field here\r\n", ": x\r\n",
                                    "\n\xC5\x9E\t|\xD4\xA3\xE8\x81", "\r\nno\x01x"})
    expect_nothing_given(decrypt(encrypt(octets(garbage), {anna.peer()}, {}).der, keys_of(anna)));
  EXPECT_EQ(decrypt(encrypt(octets("\r\nbody"), {anna.peer()}, {}).der, keys_of(anna)).content,
            "\r\nbody");
}

// The recipientInfos of a GCM message with four blocks 'A' of CBC as content.
std::string downgraded(const std::string& gcm, const std::string& blocks) {
  const auto parts = [](std::string_view content) {
    std::vector<std::string> all;
    crypt::smime::DerReader reader(content);
    while (const auto field = reader.next())
      all.push_back(element(static_cast<char>(field->tag), std::string(field->content)));
    return all;
  };
  const auto inside = [](const std::string& one) {
    return std::string(crypt::smime::DerReader(one).next()->content);
  };
  const auto info = parts(inside(gcm));
  const auto enveloped = parts(inside(inside(info[1])));  // version, recipientInfos, …
  const std::string algorithm =
      element('\x30', std::string("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2A") +
                          element('\x04', std::string(16, 'I')));
  const std::string content =
      element('\x30', std::string("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01") + algorithm +
                          element('\x80', blocks));
  return element('\x30',
                 std::string("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03") +
                     element('\xA0', element('\x30', enveloped[0] + enveloped[1] + content)));
}

TEST_F(SmimeEnvelope, R03_AGcmMessageTurnedIntoCbcGivesNotOneOctet) {
  for (const Party& to : {anna, rosa}) {
    const std::string gcm = encrypt(octets(mail_entity), {to.peer(modern)}, {}).der;
    const auto result = decrypt(downgraded(gcm, std::string(64, 'A')), keys_of(to));
    expect_nothing_given(result);
    EXPECT_EQ(result.layer.status, Status::bad);  // the structure itself is fine
  }
}

// One in 256 ends in right padding by chance: it must not be given out either.
TEST_F(SmimeEnvelope, R03_NorByAChanceOfPadding) {
  const std::string gcm = encrypt(octets(mail_entity), {anna.peer(modern)}, {}).der;
  std::string blocks(64, '\0');
  for (int i = 0; i < 2000; ++i) {
    RAND_bytes(reinterpret_cast<unsigned char*>(blocks.data()), static_cast<int>(blocks.size()));
    expect_nothing_given(decrypt(downgraded(gcm, blocks), keys_of(anna)));
  }
}

TEST_F(SmimeEnvelope, R04_AlteredGcmGivesNotOneOctet) {
  const std::string whole = encrypt(octets(mail_entity), {anna.peer(modern)}, {}).der;
  for (std::size_t back = 1; back <= 40; ++back) {
    std::string der = whole;
    der[der.size() - back] = static_cast<char>(der[der.size() - back] ^ 1);
    expect_nothing_given(decrypt(der, keys_of(anna)));
  }
}

// R-04, RFC 5084 §3.2: a short tag could be guessed.
TEST_F(SmimeEnvelope, R04_AShortenedAuthenticationTagIsRefused) {
  const std::string der = encrypt(octets(mail_entity), {anna.peer(modern)}, {}).der;
  const auto inside = [](std::string_view one) {
    return crypt::smime::DerReader(one).next()->content;
  };
  const std::string_view info = inside(der);
  crypt::smime::DerReader fields(info);
  const auto type = fields.next();
  const std::string_view data = inside(fields.next()->content);
  // The tag is the last field: 04 10 and sixteen octets.
  const auto with_tag = [&](std::size_t size) {
    const std::string short_tag = element('\x04', std::string(data.substr(data.size() - 16, size)));
    return element(
        '\x30', element('\x06', std::string(type->content)) +
                    element('\xA0', element('\x30', std::string(data.substr(0, data.size() - 18)) +
                                                        short_tag)));
  };
  EXPECT_EQ(decrypt(with_tag(16), keys_of(anna)).content, mail_entity);
  for (const std::size_t size : {0U, 1U, 4U, 8U, 11U})
    expect_nothing_given(decrypt(with_tag(size), keys_of(anna)));
}

// An encrypted key that is not right, an integrity check that fails, padding that is not right, a
// content that is no mail: one and the same answer.
TEST_F(SmimeEnvelope, R04_AllFailuresLookAlike) {
  const auto flipped = [](std::string der, std::size_t at) {
    der[at] = static_cast<char>(der[at] ^ 1);
    return der;
  };
  const auto key_position = [](const std::string& der, std::size_t size) {
    return der.find(std::string("\x04\x82") + static_cast<char>(size >> 8U) +
                    static_cast<char>(size & 255U)) +
           10;
  };
  const std::string cbc = encrypt(octets(mail_entity), {rosa.peer()}, {}).der;
  const std::string gcm = encrypt(octets(mail_entity), {rosa.peer(modern_rsa)}, {}).der;
  const std::string agreed = encrypt(octets(mail_entity), {anna.peer()}, {}).der;
  const std::size_t wrapped = agreed.find("\x04\x28");  // AES key wrap of 32 octets is 40
  ASSERT_NE(wrapped, std::string::npos);
  const Decrypted padding = decrypt(flipped(cbc, cbc.size() - 17), keys_of(rosa));
  ASSERT_EQ(padding.layer.status, Status::bad);
  const std::vector<Decrypted> others{
      decrypt(flipped(cbc, key_position(cbc, 384)), keys_of(rosa)),
      decrypt(flipped(gcm, key_position(gcm, 384)), keys_of(rosa)),
      decrypt(flipped(gcm, gcm.size() - 1), keys_of(rosa)),
      decrypt(flipped(agreed, wrapped + 5), keys_of(anna)),
      decrypt(encrypt(octets("no mail"), {anna.peer()}, {}).der, keys_of(anna))};
  for (const Decrypted& other : others) EXPECT_TRUE(look_alike(padding, other));
}

// Bleichenbacher's and Manger's questions, many times: no answer differs from another.
TEST_F(SmimeEnvelope, R04_NoEncryptedKeyIsAnsweredDifferently) {
  const std::string cbc = encrypt(octets(mail_entity), {rosa.peer()}, {}).der;
  const std::size_t at = cbc.find(std::string("\x04\x82\x01\x80", 4)) + 4;
  const auto ask = [&](unsigned char seed) {
    std::string der = cbc;
    for (std::size_t i = 1; i < 384; ++i) der[at + i] = static_cast<char>(seed * 31U + i * 7U);
    return decrypt(der, keys_of(rosa));
  };
  const Decrypted first = ask(0);
  for (unsigned char seed = 1; seed < 40; ++seed) EXPECT_TRUE(look_alike(first, ask(seed)));
}

TEST_F(SmimeEnvelope, TheWrongKeyForTheRightCertificateGivesNothing) {
  const std::string der = encrypt(octets(mail_entity), {anna.peer()}, {}).der;
  const Keyring wrong({{anna.certificate, shared_key(pki::KeyType::brainpool_p256r1)}});
  const Keyring wrong_kind({{anna.certificate, shared_key(pki::KeyType::rsa_3072)}});
  expect_nothing_given(decrypt(der, wrong));
  expect_nothing_given(decrypt(der, wrong_kind));
}

TEST_F(SmimeEnvelope, TheSecondKeyOpensWhatTheFirstCannot) {
  const std::string der = encrypt(octets(mail_entity), {anna.peer(), rosa.peer()}, {}).der;
  const Keyring both({{anna.certificate, shared_key(pki::KeyType::brainpool_p256r1)},
                      {rosa.certificate, rosa.key}});
  EXPECT_EQ(decrypt(der, both).content, mail_entity);
}

}  // namespace
}  // namespace siegel::tests
