// Messages between gpg's command line and us, both ways.

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/pki/gpg_citizen.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;

using GpgMessage = GpgCitizen;

TEST_F(GpgMessage, WhatWeSignGpgVerifies) {
  const auto made = bench_->sign(Octets(Blob("Guten ")).append("Tag\r\n"), bauamt_);
  EXPECT_EQ(made.digest, "pgp-sha512");
  const auto ran = anna_.run({"--verify", anna_.file("a.asc", made.armoured), "-"}, text);
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_THAT(ran.errors, HasSubstr("Good signature"));
  EXPECT_NE(anna_.run({"--verify", anna_.file("a.asc", made.armoured), "-"}, "Guten Abend").status,
            0);
}

TEST_F(GpgMessage, WhatGpgSignsWeVerify) {
  const auto found = verified(signature());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::good);
  EXPECT_EQ(found[0].fingerprint, anna_id_);
  EXPECT_EQ(found[0].digest, "SHA256");
  EXPECT_EQ(found[0].algorithm, "EdDSA");
  EXPECT_TRUE(found[0].made);
}

TEST_F(GpgMessage, AnAlteredTextIsBad) {
  const pki::OpenPgpKey key = anna();
  const auto found = bench_->verify(signature(), "Guten Abend\r\n", std::span(&key, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::bad);
}

TEST_F(GpgMessage, OnlyCandidatesCount) {
  ASSERT_EQ(verified(signature()).at(0).outcome, Mark::good);  // now the bench knows Anna
  const auto found = bench_->verify(signature(), text, std::span(&bauamt_, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::no_key);
}

TEST_F(GpgMessage, WhatWeEncryptGpgDecrypts) {
  const std::vector<pki::OpenPgpKey> both{bauamt_, anna()};
  const std::string message = bench_->encrypt(Octets(Blob("geheim")), both, now());
  EXPECT_EQ(anna_({"--decrypt"}, message), "geheim");
  EXPECT_EQ(bench_->decrypt(message, {}).content, "geheim");
}

TEST_F(GpgMessage, WhatGpgEncryptsWeDecrypt) {
  for (const auto& options : std::vector<std::vector<std::string>>{{}, {"--armor"}}) {
    const auto opened = bench_->decrypt(encrypted("geheim", options), {});
    EXPECT_EQ(opened.outcome, Sealed::opened);
    EXPECT_EQ(opened.content, "geheim");
    EXPECT_EQ(opened.fingerprint, bauamt_.fingerprint());
    EXPECT_EQ(opened.cipher, "AES256");
    EXPECT_TRUE(opened.signatures.empty());
  }
}

TEST_F(GpgMessage, SignaturesInsideAreReported) {
  const pki::OpenPgpKey key = anna();
  const auto opened =
      bench_->decrypt(encrypted("geheim", {"--sign", "-u", anna_id_}), std::span(&key, 1));
  EXPECT_EQ(opened.content, "geheim");
  ASSERT_EQ(opened.signatures.size(), 1U);
  EXPECT_EQ(opened.signatures[0].outcome, Mark::good);
  const auto unknown = bench_->decrypt(encrypted("geheim", {"--sign", "-u", anna_id_}), {});
  ASSERT_EQ(unknown.signatures.size(), 1U);
  EXPECT_EQ(unknown.signatures[0].outcome, Mark::no_key);
}

TEST_F(GpgMessage, AMessageThatHidesItsRecipientsIsOpened) {
  EXPECT_EQ(bench_->decrypt(encrypted("geheim", {"--throw-keyids"}), {}).content, "geheim");
}

TEST_F(GpgMessage, AMessageForOthersHasNoKey) {
  const std::string message = anna_({"-r", anna_id_, "--encrypt"}, "geheim");
  EXPECT_EQ(bench_->decrypt(message, {}).outcome, Sealed::no_key);
  const std::string by_password = anna_({"--passphrase", "abc", "--symmetric"}, "geheim");
  EXPECT_EQ(bench_->decrypt(by_password, {}).outcome, Sealed::no_key);
}

TEST_F(GpgMessage, WithoutOurSecretKeyNothingIsSigned) {
  bench_.lose(bauamt_);
  EXPECT_THROW(static_cast<void>(bench_->sign(Octets(Blob(text)), bauamt_)), Error);
}

}  // namespace
}  // namespace siegel::tests
