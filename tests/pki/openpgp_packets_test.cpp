// How OpenPGP data is framed: RFC 4880 §4.2, §6.2.

#include "pki/openpgp_packets.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using pki::count_signatures;
using pki::PacketReader;
using pki::PacketTag;
using pki::read_envelope;
using pki::split_keys;
using pki::without_armour;
using testing::ElementsAre;

std::string octets(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

/// Of the new format, with a length of one octet.
std::string packet(unsigned tag, const std::string& body) {
  return octets({0xC0U | tag, static_cast<unsigned>(body.size())}) + body;
}

std::string session_key(const std::string& key_id) {
  return packet(1, '\3' + key_id + "\x12...");
}

const std::string key_id = octets({0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF});

TEST(OpenPgpPackets, LengthsOfAllForms) {
  const std::string body(200, 'b');
  for (const std::string& head :
       {octets({0x88, 200}), octets({0x89, 0, 200}), octets({0x8A, 0, 0, 0, 200}),
        octets({0xC2, 192, 8}), octets({0xC2, 255, 0, 0, 0, 200})}) {
    const std::string whole = head + body;
    PacketReader reader(whole);
    const auto read = reader.next();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tag, PacketTag::signature);
    EXPECT_EQ(read->body, body);
    EXPECT_EQ(read->octets, whole);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.is_broken());
  }
}

TEST(OpenPgpPackets, WhatIsCutOffIsBroken) {
  const std::string whole = octets({0xC2, 255, 0, 0, 0, 3}) + "abc";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    PacketReader reader(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_broken()) << size;
  }
}

TEST(OpenPgpPackets, OnlyDataComesInPartsOrWithoutALength) {
  const std::string parts = octets({0xC0 | 18U, 0xE1}) + "abrest";
  PacketReader data(parts);
  EXPECT_EQ(data.next()->body, "ab");
  const std::string key = octets({0xC0 | 6U, 0xE1}) + "abrest";
  PacketReader partial(key);
  EXPECT_FALSE(partial.next());
  EXPECT_TRUE(partial.is_broken());
  const std::string endless = octets({0x9B}) + "abc";
  PacketReader unbounded(endless);
  EXPECT_FALSE(unbounded.next());
}

TEST(OpenPgpPackets, ArmourIsTakenOff) {
  const std::string block =
      "Vorwort\r\n-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\n\r\naGFs\r\nbG8=\r\n=abcd\r\n"
      "-----END PGP MESSAGE-----\r\n";
  EXPECT_EQ(without_armour(block), "hallo");
  EXPECT_EQ(without_armour(block + block), "hallohallo");
  EXPECT_EQ(without_armour("\xC2\x01x"), "\xC2\x01x");
  for (const char* none : {"", "hallo", "-----BEGIN PGP MESSAGE-----\n\naGFs\n",
                           "-----BEGIN PGP MESSAGE-----\n\n"
                           "-----END PGP MESSAGE-----\n",
                           "-----BEGIN PGP MESSAGE-----\n\n!!!!\n-----END PGP MESSAGE-----\n"}) {
    EXPECT_FALSE(without_armour(none)) << none;
  }
}

TEST(OpenPgpPackets, KeysAreCountedOneByOne) {
  const std::string first =
      packet(6, "\4a") + packet(13, "Anna") + packet(2, "s") + packet(14, "\4b") + packet(2, "s");
  const std::string both = first + packet(12, "t") + packet(5, "\6c") + packet(13, "B");
  const auto keys = split_keys(both);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).octets, first);
  EXPECT_EQ(keys->at(0).user_ids, 1U);
  EXPECT_EQ(keys->at(0).subkeys, 1U);
  EXPECT_EQ(keys->at(0).version, 4U);
  EXPECT_FALSE(keys->at(0).is_secret);
  EXPECT_TRUE(keys->at(1).is_secret);
  EXPECT_EQ(keys->at(1).version, 6U);
}

TEST(OpenPgpPackets, WhatIsNoKeyIsNotSplit) {
  for (const std::string& none : {std::string(), packet(13, "Anna"),
                                  packet(6, "\4a") + packet(11, "x"), packet(6, "\4a") + "\xC2"}) {
    EXPECT_FALSE(split_keys(none));
  }
  EXPECT_TRUE(split_keys(packet(6, "\4a") + packet(7, "\4b"))->at(0).is_secret);
}

TEST(OpenPgpPackets, AnEnvelopeNamesItsRecipients) {
  const std::string message = session_key(key_id) + session_key(std::string(8, '\0')) +
                              packet(3, "\4") + packet(18, "\1data");
  const auto envelope = read_envelope(message);
  ASSERT_TRUE(envelope);
  EXPECT_THAT(envelope->key_ids, ElementsAre("0123456789ABCDEF", "0000000000000000"));
  EXPECT_EQ(envelope->data.tag, PacketTag::protected_encrypted);
  EXPECT_EQ(envelope->data.version(), 1U);
}

TEST(OpenPgpPackets, DataWithoutSessionKeysIsNoMessage) {
  EXPECT_FALSE(read_envelope(packet(18, "\1data")));
  EXPECT_FALSE(read_envelope(session_key(key_id)));
  EXPECT_FALSE(read_envelope(session_key(key_id) + packet(8, "compressed") + packet(18, "\1")));
  EXPECT_FALSE(read_envelope(packet(4, "one pass") + packet(11, "text")));
}

TEST(OpenPgpPackets, ASignatureIsNothingButSignatures) {
  EXPECT_EQ(count_signatures(packet(2, "a") + packet(10, "PGP") + packet(2, "b")), 2U);
  EXPECT_EQ(count_signatures(""), 0U);
  EXPECT_FALSE(count_signatures(packet(2, "a") + packet(11, "text")));
  EXPECT_FALSE(count_signatures(packet(8, "z")));
  EXPECT_FALSE(count_signatures(packet(2, "a") + "x"));
}

}  // namespace
}  // namespace siegel::tests
