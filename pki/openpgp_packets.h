#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How OpenPGP data is framed (RFC 4880 §4.2, §6.2), and no more than that: what is in the packets
/// is for gpg to say. It tells before gpg is asked how many there are, and of which kind.
namespace siegel::pki {

/// RFC 4880 §4.3 and, from `padding` on, RFC 9580 §5 and LibrePGP.
enum class PacketTag : unsigned {
  encrypted_session_key = 1,
  signature = 2,
  symmetric_session_key = 3,
  secret_key = 5,
  public_key = 6,
  secret_subkey = 7,
  encrypted = 9,  ///< without integrity protection (R-05)
  marker = 10,
  trust = 12,
  user_id = 13,
  public_subkey = 14,
  user_attribute = 17,
  protected_encrypted = 18,
  aead_encrypted = 20,
  padding = 21,
};

struct Packet {
  PacketTag tag{};
  std::string_view octets;  ///< with its header
  std::string_view body;    ///< its first part only, if it comes in parts
  /// The first octet of the body: of keys, signatures and session keys their version. 0 if empty.
  [[nodiscard]] unsigned version() const;
};

/// Reads packet by packet. A data packet that comes in parts or without a length ends it: what
/// follows is not looked at.
class PacketReader {
 public:
  /// `binary` must outlive it and the packets that it gives.
  explicit PacketReader(std::string_view binary) : rest_(binary) {}
  /// The next packet; nothing at the end, and where it is none.
  [[nodiscard]] std::optional<Packet> next();
  [[nodiscard]] bool is_broken() const { return broken_; }

 private:
  std::optional<Packet> broken();

  std::string_view rest_;
  bool broken_ = false;
};

/// The octets themselves if they are binary; those of all armoured blocks in them, one after the
/// other, if they are text (the checksum is not looked at, RFC 9580 §6.1). Nothing if there is no
/// such block, or one of them has no end or holds no base64.
[[nodiscard]] std::optional<std::string> without_armour(std::string_view octets);

/// One transferable key (RFC 4880 §11.1, §11.2), counted.
struct PacketKey {
  std::string octets;  ///< binary, without trust and marker packets
  bool is_secret = false;
  unsigned version = 0;  ///< 4, or what gpg 2.2 cannot read
  std::size_t user_ids = 0;
  std::size_t subkeys = 0;
};
/// The keys in a sequence of packets; nothing if it is something else or damaged.
[[nodiscard]] std::optional<std::vector<PacketKey>> split_keys(std::string_view binary);

/// What stands before the encrypted data of a message (RFC 4880 §11.3).
struct PacketEnvelope {
  std::vector<std::string> key_ids;  ///< 16 digits, upper case, as often as they come; 0…0: hidden
  Packet data;
};
/// Nothing if the message does not begin with session keys, followed by encrypted data. `binary`
/// must outlive what it gives.
[[nodiscard]] std::optional<PacketEnvelope> read_envelope(std::string_view binary);

/// How many signatures there are in a detached signature; nothing if anything else is in it, such
/// as a signed message (STANDARDS §4.3.2).
[[nodiscard]] std::optional<std::size_t> count_signatures(std::string_view binary);

}  // namespace siegel::pki
