// Messages by Gpg alone: what it makes it reads.

#include <gtest/gtest.h>

#include "base/clock.h"
#include "tests/pki/gpg_workbench.h"

namespace siegel::tests {
namespace {

using pki::OpenPgpDecrypted;
using pki::OpenPgpSignature;

class GpgMessage : public testing::Test {
 protected:
  GpgWorkbench bench_;
  pki::OpenPgpKey bauamt_ = bench_.own("bauamt@stadt.example");
  Time now_ =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
};

TEST_F(GpgMessage, WhatIsSignedIsVerified) {
  const auto made = bench_->sign(Octets(Blob("Guten Tag\r\n")), bauamt_);
  EXPECT_EQ(made.digest, "pgp-sha512");
  const auto found = bench_->verify(made.armoured, "Guten Tag\r\n", std::span(&bauamt_, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, OpenPgpSignature::Outcome::good);
  EXPECT_EQ(found[0].fingerprint, bauamt_.fingerprint());
  EXPECT_EQ(found[0].digest, "SHA512");
}

TEST_F(GpgMessage, WhatIsEncryptedIsDecrypted) {
  const std::string text = bench_->encrypt(Octets(Blob("geheim")), std::span(&bauamt_, 1), now_);
  const auto opened = bench_->decrypt(text, {});
  EXPECT_EQ(opened.outcome, OpenPgpDecrypted::Outcome::opened);
  EXPECT_EQ(opened.content, "geheim");
  EXPECT_EQ(opened.fingerprint, bauamt_.fingerprint());
  EXPECT_EQ(opened.cipher, "AES256");
  EXPECT_TRUE(opened.signatures.empty());
}

}  // namespace
}  // namespace siegel::tests
