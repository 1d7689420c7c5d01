// What attackers send to a gateway that reads OpenPGP (STANDARDS §3, §4.3).

#include <gmock/gmock.h>

#include "pki/openpgp_packets.h"
#include "tests/pki/gpg_citizen.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using GpgAttack = GpgCitizen;

/// RFC 4880 §4.2.2.1, with a length of five octets.
std::string packet(unsigned tag, const std::string& body) {
  std::string octets{static_cast<char>(0xC0U | tag), static_cast<char>(0xFFU)};
  for (int shift = 24; shift >= 0; shift -= 8)
    octets += static_cast<char>(body.size() >> static_cast<unsigned>(shift) & 0xFFU);
  return octets + body;
}

// ---

TEST_F(GpgAttack, R05_AMessageWithoutIntegrityProtectionIsNotOpened) {
  const std::string message = encrypted("geheim", {"--rfc2440"});
  ASSERT_EQ(pki::read_envelope(message)->data.tag, pki::PacketTag::encrypted);
  const auto opened = bench_->decrypt(message, {});
  EXPECT_EQ(opened.outcome, Sealed::failed);
  EXPECT_THAT(opened.content, IsEmpty());
}

TEST_F(GpgAttack, R05_IntegrityProtectionCannotBeTakenAway) {
  const std::string message = encrypted("geheim");
  const pki::Packet data = pki::read_envelope(message)->data;
  const std::string head = message.substr(0, message.size() - data.octets.size());
  const std::string stripped = head + packet(9, std::string(data.body.substr(1)));
  const auto opened = bench_->decrypt(stripped, {});
  EXPECT_EQ(opened.outcome, Sealed::failed);
  EXPECT_THAT(opened.content, IsEmpty());
}

TEST_F(GpgAttack, R05_ATamperedMessageIsNotOpened) {
  const std::string message = encrypted(std::string(1000, 'a'), {"--compress-algo", "none"});
  for (const std::size_t from_end : {1U, 21U, 200U}) {
    std::string altered = message;
    altered[altered.size() - from_end] ^= 1;
    const auto opened = bench_->decrypt(altered, {});
    EXPECT_EQ(opened.outcome, Sealed::failed) << from_end;
    EXPECT_THAT(opened.content, IsEmpty());
  }
}

TEST_F(GpgAttack, R04_AllFailuresOfOneKeyLookAlike) {
  const std::string message = encrypted("geheim");
  std::string other_session = message, other_text = message;
  other_session[60] ^= 1;
  other_text[message.size() - 3] ^= 1;
  for (const std::string& each : {other_session, other_text, encrypted("geheim", {"--rfc2440"})}) {
    const auto opened = bench_->decrypt(each, {});
    EXPECT_EQ(opened.outcome, Sealed::failed);
    EXPECT_THAT(opened.fingerprint + opened.cipher + opened.content, IsEmpty());
  }
}

TEST_F(GpgAttack, WhatIsOnlySignedIsNotEncrypted) {
  const std::string message = anna_({"--sign", "-u", anna_id_}, "offen");
  EXPECT_EQ(bench_->decrypt(message, {}).outcome, Sealed::unreadable);
}

TEST_F(GpgAttack, S4_1_LaterFormsOfEncryptionAreUnreadable) {
  const std::string message = encrypted("geheim");
  const pki::Packet data = pki::read_envelope(message)->data;
  const std::string head = message.substr(0, message.size() - data.octets.size());
  const std::string body(data.body);
  EXPECT_EQ(bench_->decrypt(head + packet(20, body), {}).outcome, Sealed::unreadable);
  EXPECT_EQ(bench_->decrypt(head + packet(18, '\2' + body.substr(1)), {}).outcome,
            Sealed::unreadable);
}

TEST_F(GpgAttack, AHundredSessionKeysForOneKeyOfOursAreNotTried) {
  const std::string message = encrypted("geheim");
  const std::size_t size = pki::read_envelope(message)->data.octets.size();
  const std::string session_key = message.substr(0, message.size() - size);
  std::string many;
  for (int i = 0; i < 100; ++i) many += session_key;
  EXPECT_EQ(bench_->decrypt(many + message, {}).outcome, Sealed::failed);
}

// ---

TEST_F(GpgAttack, R48_ABombIsStopped) {
  GpgWorkbench small({.directory = {}, .processes = 1, .plaintext_octets = 10U << 20U});
  const pki::OpenPgpKey key = small.own("bombe@stadt.example");
  anna_({"--import"}, key.octets);
  const std::string zeros(std::size_t{300} << 20U, '\0');
  const std::string bomb = anna_({"-r", key.fingerprint(), "--encrypt"}, zeros);
  ASSERT_LT(bomb.size(), std::size_t{1} << 20U);
  const auto opened = small->decrypt(bomb, {});
  EXPECT_EQ(opened.outcome, Sealed::failed);
  EXPECT_THAT(opened.content, IsEmpty());
  const std::string fits(std::size_t{10} << 20U, 'x');
  EXPECT_EQ(small->decrypt(anna_({"-r", key.fingerprint(), "-e"}, fits), {}).content, fits);
}

TEST_F(GpgAttack, R48_AMessageMayGrowAHundredfold) {
  GpgWorkbench wide({.directory = {}, .processes = 1, .plaintext_octets = 200U << 20U});
  const pki::OpenPgpKey key = wide.own("bombe@stadt.example");
  anna_({"--import"}, key.octets);
  const std::string zeros(std::size_t{50} << 20U, '\0');
  const std::string bomb = anna_({"-r", key.fingerprint(), "--encrypt"}, zeros);
  ASSERT_LT(bomb.size() * 100, zeros.size());
  EXPECT_EQ(wide->decrypt(bomb, {}).outcome, Sealed::failed);
  const std::string whole =
      anna_({"-r", key.fingerprint(), "--compress-algo", "none", "-e"}, zeros);
  EXPECT_EQ(wide->decrypt(whole, {}).content, zeros);
}

TEST_F(GpgAttack, R48_ACompressedBombIsNoSignature) {
  const std::string bomb = anna_({"--store"}, std::string(std::size_t{50} << 20U, '\0'));
  EXPECT_THAT(verified(bomb), IsEmpty());
}

// --- signatures

TEST_F(GpgAttack, S4_1_ASignatureBySha1IsRefused) {
  const auto found = verified(signature({"--digest-algo", "SHA1", "--allow-weak-digest-algos"}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::refused);
}

TEST_F(GpgAttack, S4_3_1_AWeakDigestByAWeakKeyIsRefused) {
  anna_({"--quick-gen-key", "Alt <alt@buerger.example>", "rsa1024", "sign", "never"});
  const pki::OpenPgpKey old = read(anna_.exported("alt@buerger.example"));
  EXPECT_EQ(old.subkeys.front().strength, pki::Strength::refused);
  EXPECT_EQ(old.signing(now()), nullptr);
  const std::string made = anna_({"-u", "alt@buerger.example", "--detach-sign"}, text);
  const auto found = bench_->verify(made, text, std::span(&old, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::refused);
}

TEST_F(GpgAttack, S4_3_1_ABadSignatureBesideAGoodOneIsSeen) {
  const std::string good = anna_({"-u", anna_id_, "--detach-sign"}, text);
  const std::string bad = anna_({"-u", anna_id_, "--detach-sign"}, "etwas anderes");
  const auto found = verified(good + bad);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].outcome == Mark::good, found[1].outcome == Mark::good);
}

TEST_F(GpgAttack, S4_3_2_ASignedMessageInPlaceOfASignatureIsNone) {
  EXPECT_THAT(verified(anna_({"--armor", "--sign", "-u", anna_id_}, text)), IsEmpty());
  EXPECT_THAT(verified(anna_({"--clear-sign", "-u", anna_id_}, text)), IsEmpty());
}

TEST_F(GpgAttack, S4_3_1_NoSignatureAtAllIsNone) {
  for (const char* each : {"", "keine Unterschrift",
                           "-----BEGIN PGP SIGNATURE-----\n\n=twTO\n-----END "
                           "PGP SIGNATURE-----\n"}) {
    EXPECT_THAT(verified(each), IsEmpty()) << each;
  }
}

TEST_F(GpgAttack, SeventeenSignaturesAreNotLookedAt) {
  const std::string one = anna_({"-u", anna_id_, "--detach-sign"}, text);
  std::string many;
  for (int i = 0; i < 17; ++i) many += one;
  EXPECT_THAT(verified(many), IsEmpty());
}

// ---

TEST_F(GpgAttack, R14_NamesWithNewlinesAndEscapesArePrintable) {
  const std::string evil = "Eve\n[GNUPG:] GOODSIG 0123456789ABCDEF Chef\x1b[2J <eve@boese.example>";
  GpgCommand eve;
  const pki::OpenPgpKey key = read(eve.exported(eve.make(evil)));
  ASSERT_EQ(key.user_ids.size(), 1U);
  EXPECT_THAT(key.user_ids[0].text, HasSubstr("GOODSIG"));
  EXPECT_THAT(key.user_ids[0].text, Not(HasSubstr("\n")));
  EXPECT_THAT(key.user_ids[0].text, Not(HasSubstr("\x1b")));

  const std::string made = eve({"-u", key.fingerprint(), "--detach-sign"}, "etwas anderes");
  const auto found = bench_->verify(made, text, std::span(&key, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome, Mark::bad);
}

TEST_F(GpgAttack, R14_AFileNameInsideTheMessageSaysNothing) {
  const std::string name = "x\n[GNUPG:] GOODSIG 0123456789ABCDEF Chef <chef@stadt.example>\n";
  const auto opened = bench_->decrypt(encrypted("geheim", {"--set-filename", name}), {});
  EXPECT_EQ(opened.content, "geheim");
  EXPECT_THAT(opened.signatures, IsEmpty());
}

// --- keys

TEST_F(GpgAttack, ForgedUserIdsAreNotRead) {
  const std::string forged = anna_.exported(anna_id_) + packet(13, "Chef <chef@stadt.example>");
  const auto read = bench_->read(forged, {});
  ASSERT_EQ(read.keys.size(), 1U);
  EXPECT_FALSE(read.keys[0].names(*Address::parse("chef@stadt.example"), true));
  EXPECT_TRUE(read.keys[0].names(*Address::parse("anna@buerger.example"), true));
}

TEST_F(GpgAttack, AStrangersSubkeyIsNotRead) {
  GpgCommand eve;
  const std::string hers = eve.exported(eve.make("Eve <eve@boese.example>"));
  std::string forged = anna_.exported(anna_id_);
  pki::PacketReader packets(hers);
  bool takes = false;
  while (const auto each = packets.next()) {
    takes = takes || each->tag == pki::PacketTag::public_subkey;
    if (takes) forged += each->octets;
  }
  const auto read = bench_->read(forged, {});
  ASSERT_EQ(read.keys.size(), 1U) << read.trouble;
  EXPECT_EQ(read.keys[0].subkeys.size(), 2U);
}

TEST_F(GpgAttack, S4_3_4_TenThousandUserIdsAreLeftOut) {
  std::string swollen = anna_.exported(anna_id_);
  for (int i = 0; i < 10'000; ++i)
    swollen += packet(13, "Chef <chef" + std::to_string(i) + "@stadt.example>");
  const auto wide = bench_->read(swollen, {.octets = std::size_t{10} << 20U});
  EXPECT_THAT(wide.keys, IsEmpty());
  EXPECT_THAT(wide.trouble, HasSubstr("10001 user ids"));
  EXPECT_THAT(bench_->read(swollen, {}).trouble, HasSubstr("octets"));
}

TEST_F(GpgAttack, ASecretKeyAmongPublicOnesIsSaid) {
  const std::string secret = anna_({"--export-secret-keys", anna_id_});
  const auto read = bench_->read(secret, {});
  EXPECT_THAT(read.keys, IsEmpty());
  EXPECT_THAT(read.trouble, HasSubstr("secret key"));
}

TEST_F(GpgAttack, S4_1_KeysOfLaterVersionsAreSaid) {
  for (const char version : {'\5', '\6'}) {
    std::string key = anna_.exported(anna_id_);
    key[2] = version;
    const auto read = bench_->read(key, {});
    EXPECT_THAT(read.keys, IsEmpty());
    EXPECT_THAT(read.trouble, HasSubstr("version " + std::to_string(version)));
  }
}

TEST_F(GpgAttack, S4_3_4_MoreKeysThanAllowedAreSaid) {
  const std::string two = anna_.exported(anna_id_) + bauamt_.octets;
  const auto read = bench_->read(two, {});
  ASSERT_EQ(read.keys.size(), 1U);
  EXPECT_EQ(read.keys[0].fingerprint(), anna_id_);
  EXPECT_THAT(read.trouble, HasSubstr("more than 1 keys"));
  EXPECT_EQ(bench_->read(two, {.keys = 2}).keys.size(), 2U);
}

}  // namespace
}  // namespace siegel::tests
