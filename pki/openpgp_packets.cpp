#include "pki/openpgp_packets.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/hex.h"
#include "pki/store_base64.h"

namespace siegel::pki {
namespace {

unsigned octet(std::string_view octets, std::size_t at) {
  return static_cast<unsigned char>(octets[at]);
}

std::size_t number(std::string_view octets) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) value = value << 8U | octet(octets, i);
  return value;
}

struct Header {
  PacketTag tag{};
  std::size_t octets = 0;           ///< of the header itself
  std::optional<std::size_t> body;  ///< nothing: to the end of the message
  bool is_partial = false;
};

/// RFC 4880 §4.2.1.
std::optional<Header> read_old_header(std::string_view rest) {
  Header header{static_cast<PacketTag>(octet(rest, 0) >> 2U & 15U), 1, {}, false};
  const unsigned kind = octet(rest, 0) & 3U;
  if (kind == 3) return header;
  const std::size_t length = std::size_t{1} << kind;
  if (rest.size() < 1 + length) return std::nullopt;
  header.octets += length;
  header.body = number(rest.substr(1, length));
  return header;
}

/// RFC 4880 §4.2.2.
std::optional<Header> read_new_header(std::string_view rest) {
  if (rest.size() < 2) return std::nullopt;
  Header header{static_cast<PacketTag>(octet(rest, 0) & 63U), 2, {}, false};
  const unsigned first = octet(rest, 1);
  if (first < 192) {
    header.body = first;
  } else if (first < 224) {
    if (rest.size() < 3) return std::nullopt;
    header.octets = 3;
    header.body = (std::size_t{first} - 192) * 256 + octet(rest, 2) + 192;
  } else if (first < 255) {
    header.is_partial = true;
    header.body = std::size_t{1} << (first & 31U);
  } else {
    if (rest.size() < 6) return std::nullopt;
    header.octets = 6;
    header.body = number(rest.substr(2, 4));
  }
  return header;
}

std::optional<Header> read_header(std::string_view rest) {
  if ((octet(rest, 0) & 0x80U) == 0) return std::nullopt;
  return (octet(rest, 0) & 0x40U) == 0 ? read_old_header(rest) : read_new_header(rest);
}

/// RFC 4880 §4.2.2.4: only data comes in parts; the same is wise for what has no length.
bool is_data(PacketTag tag) {
  return tag == PacketTag::encrypted || tag == PacketTag::protected_encrypted ||
         tag == PacketTag::aead_encrypted;
}

// --- armour

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

/// RFC 4880 §6.1: "=" and four digits, on a line of its own.
bool is_checksum(std::string_view line) {
  return line.size() == 5 && line.front() == '=';
}

/// The octets of a block whose first line has been read.
std::optional<std::string> read_block(std::string_view& rest) {
  while (!rest.empty() && !next_line(rest).empty()) continue;  // its header fields
  std::string digits;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (line.starts_with("-----END PGP ")) {
      std::string octets = from_base64(digits);
      if (octets.empty()) return std::nullopt;
      return octets;
    }
    if (!is_checksum(line)) digits += line;
  }
  return std::nullopt;
}

bool is_part_of_key(PacketTag tag) {
  return tag == PacketTag::signature || tag == PacketTag::user_id ||
         tag == PacketTag::user_attribute || tag == PacketTag::public_subkey ||
         tag == PacketTag::secret_subkey;
}

void add(PacketKey& key, const Packet& packet) {
  if (packet.tag == PacketTag::user_id) ++key.user_ids;
  if (packet.tag == PacketTag::public_subkey || packet.tag == PacketTag::secret_subkey)
    ++key.subkeys;
  if (packet.tag == PacketTag::secret_subkey) key.is_secret = true;
  key.octets += packet.octets;
}

/// RFC 4880 §5.1: version 3, then the key id.
std::string key_id_of(const Packet& session_key) {
  if (session_key.version() != 3 || session_key.body.size() < 9) return {};
  std::string id = hex(session_key.body.substr(1, 8));
  std::ranges::transform(id, id.begin(), [](char c) { return ascii::upper(c); });
  return id;
}

}  // namespace

unsigned Packet::version() const {
  return body.empty() ? 0 : octet(body, 0);
}

std::optional<Packet> PacketReader::broken() {
  broken_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<Packet> PacketReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = read_header(rest_);
  if (!header) return broken();
  const bool is_open = header->is_partial || !header->body;
  if (is_open && !is_data(header->tag)) return broken();
  const std::size_t left = rest_.size() - header->octets;
  const std::size_t size = header->body.value_or(left);
  if (size > left) return broken();
  const Packet packet{header->tag, is_open ? rest_ : rest_.substr(0, header->octets + size),
                      rest_.substr(header->octets, size)};
  rest_.remove_prefix(packet.octets.size());
  return packet;
}

std::optional<std::string> without_armour(std::string_view octets) {
  if (!octets.empty() && (octet(octets, 0) & 0x80U) != 0) return std::string(octets);
  std::string binary;
  while (!octets.empty()) {
    if (!next_line(octets).starts_with("-----BEGIN PGP ")) continue;
    const auto block = read_block(octets);
    if (!block) return std::nullopt;
    binary += *block;
  }
  if (binary.empty()) return std::nullopt;
  return binary;
}

std::optional<std::vector<PacketKey>> split_keys(std::string_view binary) {
  std::vector<PacketKey> keys;
  PacketReader reader(binary);
  while (const auto packet = reader.next()) {
    if (packet->tag == PacketTag::public_key || packet->tag == PacketTag::secret_key) {
      keys.push_back(
          {std::string(packet->octets), packet->tag == PacketTag::secret_key, packet->version()});
    } else if (is_part_of_key(packet->tag) && !keys.empty()) {
      add(keys.back(), *packet);
    } else if (packet->tag != PacketTag::trust && packet->tag != PacketTag::marker &&
               packet->tag != PacketTag::padding) {
      return std::nullopt;
    }
  }
  if (reader.is_broken() || keys.empty()) return std::nullopt;
  return keys;
}

std::optional<PacketEnvelope> read_envelope(std::string_view binary) {
  PacketEnvelope envelope;
  bool has_session_keys = false;
  PacketReader reader(binary);
  while (const auto packet = reader.next()) {
    if (is_data(packet->tag)) {
      envelope.data = *packet;
      return has_session_keys ? std::optional(envelope) : std::nullopt;
    }
    if (packet->tag == PacketTag::encrypted_session_key) {
      envelope.key_ids.push_back(key_id_of(*packet));
      has_session_keys = true;
    } else if (packet->tag == PacketTag::symmetric_session_key) {
      has_session_keys = true;
    } else if (packet->tag != PacketTag::marker && packet->tag != PacketTag::padding) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> count_signatures(std::string_view binary) {
  std::size_t count = 0;
  PacketReader reader(binary);
  while (const auto packet = reader.next()) {
    if (packet->tag == PacketTag::marker) continue;
    if (packet->tag != PacketTag::signature) return std::nullopt;
    ++count;
  }
  if (reader.is_broken()) return std::nullopt;
  return count;
}

}  // namespace siegel::pki
