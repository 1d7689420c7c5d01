#include "gateway/crypt/self_test.h"

#include <gmock/gmock.h>

#include "tests/pki/authorities.h"
#include "tests/support/manual_clock.h"

namespace siegel::tests {
namespace {

using pki::enrol::Purpose;
using testing::HasSubstr;

/// The round trip of a certificate and a key at noon, by what the relay uses.
class SelfTestTest : public testing::Test {
 protected:
  std::string trouble(pki::Usage usage, const pki::PrivateKey& key, Purpose purpose) {
    return trouble_of(authority().issue(bauamt(usage), mailbox_key()), key, purpose);
  }
  std::string trouble_of(const pki::Certificate& certificate, const pki::PrivateKey& key,
                         Purpose purpose) {
    const auto self_test = crypt::make_self_test({}, clock_);
    return self_test(certificate, key, pki::Trust(belief()), purpose).value_or("none");
  }
  static const pki::PrivateKey& other_key() {
    static const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
    return key;
  }

  ManualClock clock_{noon};
};

TEST_F(SelfTestTest, AGoodKeyPassesForAllPurposes) {
  EXPECT_EQ(trouble(pki::Usage::both, mailbox_key(), Purpose::both), "none");
  EXPECT_EQ(trouble(pki::Usage::sign, mailbox_key(), Purpose::sign), "none");
  EXPECT_EQ(trouble(pki::Usage::encrypt, mailbox_key(), Purpose::encrypt), "none");
}

TEST_F(SelfTestTest, AnRsaKeyPasses) {
  const auto& key = rsa_key(3072);
  EXPECT_EQ(trouble_of(authority().issue(bauamt(), key), key, Purpose::both), "none");
}

TEST_F(SelfTestTest, AnotherKeyFails) {
  for (const Purpose purpose : {Purpose::both, Purpose::sign, Purpose::encrypt})
    EXPECT_THAT(trouble(pki::Usage::both, other_key(), purpose),
                HasSubstr("belongs to another certificate"));
}

TEST_F(SelfTestTest, WhatOnlyEncryptsFailsAsASigner) {
  EXPECT_THAT(trouble(pki::Usage::encrypt, mailbox_key(), Purpose::sign),
              HasSubstr("what it signed does not verify"));
}

TEST_F(SelfTestTest, AStrangersCertificateFailsAsASigner) {
  const auto stranger = pki::LocalCa::make("Fremd", "CA", pki::KeyType::p256, noon - 90 * day);
  EXPECT_THAT(trouble_of(stranger.issue(bauamt(), mailbox_key()), mailbox_key(), Purpose::sign),
              HasSubstr("what it signed does not verify"));
}

TEST_F(SelfTestTest, BadInput_ACertificateWithoutAddressFails) {
  pki::Issue nobody = bauamt();
  nobody.addresses = {};
  EXPECT_EQ(trouble_of(authority().issue(nobody, mailbox_key()), mailbox_key(), Purpose::both),
            "it names no mail address");
}

}  // namespace
}  // namespace siegel::tests
