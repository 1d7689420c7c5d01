#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/crypt/autocrypt.h"
#include "gateway/crypt/transform_wrap.h"
#include "tests/crypt/openpgp_post.h"

namespace siegel::tests {
namespace {

using pki::HarvestedOpenPgp;
using pki::Provenance;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OpenPgpHarvest : public testing::Test {
 protected:
  std::vector<HarvestedOpenPgp> learned(const std::string& text) const {
    return desk.sees(text).harvest_openpgp;
  }
  static std::string with_key(const std::string& key) { return mixed({us_text, key_part(key)}); }
  static const std::string& annas() {
    static const std::string key = annas_home().exported(anna_id);
    return key;
  }
  std::string autocrypt(const std::string& key) const {
    return crypt::autocrypt::make_field(*Address::parse(anna_address), desk.keys.read(key));
  }

  OpenPgpDesk desk;
};

// --- attached keys (STANDARDS §4.3.4)

TEST_F(OpenPgpHarvest, R31_FromAGoodMessageIsHarvested) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const auto found = learned(letter(signed_by_anna(with_key(annas()))));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].provenance, Provenance::harvested);
  EXPECT_EQ(found[0].address.str(), anna_address);
  EXPECT_EQ(found[0].message_id, "m1");
  EXPECT_THAT(found[0].why, HasSubstr(found[0].key.fingerprint()));
  EXPECT_LE(found[0].said_at, now());
}

TEST_F(OpenPgpHarvest, WhatCannotBeReadIsLeftOutWithAWord) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const auto seen = desk.sees(letter(signed_by_anna(with_key("no key at all"))));
  EXPECT_EQ(seen.verdict.summary(), policy::Summary::good);
  EXPECT_THAT(seen.harvest_openpgp, IsEmpty());
  EXPECT_THAT(seen.harvest_trouble, HasSubstr("attached key: these octets are no OpenPGP key"));
  EXPECT_EQ(seen.harvest_trouble.find("attached"), seen.harvest_trouble.rfind("attached"))
      << "said once";
}

TEST_F(OpenPgpHarvest, R31_ANewKeyIsVouchedForByTheOldOne) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const GpgHome home;
  home.new_key(anna_id);
  const auto found = learned(letter(signed_by_anna(with_key(home.exported(anna_id)))));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_NE(found[0].key.fingerprint(), desk.keys.read(annas()).fingerprint());
  EXPECT_EQ(found[0].provenance, Provenance::harvested);
}

TEST_F(OpenPgpHarvest, R31_AMessageThatIsGoodBySmimeVouchesForAnOpenPgpKey) {
  const Party anna = present().person(anna_address);
  const std::string entity = with_key(annas());
  const std::string text =
      letter(text_of(crypt::clearly_signed(octets(entity), anna.signer(), now())));
  const auto seen = desk.sees(text);
  ASSERT_EQ(seen.verdict.summary(), policy::Summary::good) << remarks(seen.verdict);
  ASSERT_THAT(seen.harvest_openpgp, SizeIs(1));
  EXPECT_EQ(seen.harvest_openpgp[0].provenance, Provenance::harvested);
  EXPECT_THAT(seen.harvest_openpgp[0].why, HasSubstr("signed by"));
}

TEST_F(OpenPgpHarvest, R32_AKeyThatOnlySpeaksForItselfIsSaidAndNoMore) {
  const auto found = learned(letter(signed_by_anna(with_key(annas()))));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].provenance, Provenance::autocrypt);
  EXPECT_FALSE(found[0].prefers_encryption);
}

TEST_F(OpenPgpHarvest, R31_FromABadOrAnUnsignedMessageNothingIsTaken) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  std::string text = letter(signed_by_anna(with_key(annas())), autocrypt(annas()));
  text.replace(text.find("bitte sehr"), 10, "bitte weg!");
  EXPECT_THAT(learned(text), IsEmpty());
  EXPECT_THAT(learned(letter(with_key(annas()))), IsEmpty());
}

TEST_F(OpenPgpHarvest, R16_AKeyOfSomebodyElseIsNotTaken) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  EXPECT_THAT(learned(letter(signed_by_anna(with_key(annas_home().exported(mallory_id))))),
              IsEmpty());
}

TEST_F(OpenPgpHarvest, R35_AKeyThatCannotEncryptIsNotTaken) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const GpgHome home;
  home.run({"--quick-generate-key", anna_id, "ed25519", "sign", "never"});
  EXPECT_THAT(learned(letter(signed_by_anna(with_key(home.exported(anna_id))))), IsEmpty());
}

TEST_F(OpenPgpHarvest, R38_AKeyOfMoreUserIdsThanIsReadIsNotTaken) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const GpgHome home;
  home.new_key(anna_id);
  for (int i = 0; i < 11; ++i)
    home.run({"--quick-add-uid", anna_id, "Other <other" + std::to_string(i) + "@world.example>"});
  EXPECT_THAT(learned(letter(signed_by_anna(with_key(home.exported(anna_id))))), IsEmpty());
}

TEST_F(OpenPgpHarvest, R40_AnExpiredKeyIsNotTaken) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const GpgHome home;
  home.new_key(anna_id, {"--faked-system-time", "20200101T000000!"});
  EXPECT_THAT(learned(letter(signed_by_anna(with_key(home.exported(anna_id))))), IsEmpty());
}

TEST_F(OpenPgpHarvest, R38_OfManyAttachedKeysOnlyTheFirstAreLookedAt) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const std::string part = key_part(annas());
  EXPECT_THAT(learned(letter(signed_by_anna(mixed({us_text, part, part, part, part, part, part})))),
              SizeIs(4));
}

TEST_F(OpenPgpHarvest, GarbageInPlaceOfAKeyIsPassedOver) {
  desk.keys.know(anna_address, annas(), Provenance::admin);
  const auto seen = desk.sees(letter(signed_by_anna(with_key("garbage"))));
  EXPECT_EQ(seen.verdict.summary(), policy::Summary::good);
  EXPECT_THAT(seen.harvest_openpgp, IsEmpty());
}

// --- Autocrypt (STANDARDS §4.3.5)

TEST_F(OpenPgpHarvest, AutocryptIsTakenFromUnsignedMailAsWhatItIs) {
  const auto found = learned(letter(us_text, autocrypt(annas())));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].provenance, Provenance::autocrypt);
  EXPECT_TRUE(found[0].prefers_encryption);
  // The letter is dated in June 2026.
  EXPECT_EQ(rfc3339(found[0].said_at), "2026-06-01T12:00:00Z");
}

TEST_F(OpenPgpHarvest, AutocryptOfTheFutureWasSaidNow) {
  std::string text = letter(us_text, autocrypt(annas()));
  text.replace(text.find("2026 14:00"), 4, "2099");
  EXPECT_EQ(learned(text).at(0).said_at, desk.desk.at);
}

TEST_F(OpenPgpHarvest, AutocryptKeyThatDoesNotNameTheAuthorIsNotTaken) {
  EXPECT_THAT(learned(letter(us_text, autocrypt(annas_home().exported(mallory_id)))), IsEmpty());
}

TEST_F(OpenPgpHarvest, AutocryptKeyChecksASignatureWithoutVouchingForIt) {
  const auto verdict = desk.verdict(letter(signed_by_anna(), autocrypt(annas())));
  EXPECT_EQ(verdict.layers.at(0).status, policy::Status::unknown_signer) << remarks(verdict);
}

TEST_F(OpenPgpHarvest, WithoutTheSectionNothingIsLookedAt) {
  EXPECT_THAT(Desk().sees(letter(us_text, autocrypt(annas()))).harvest_openpgp, IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
