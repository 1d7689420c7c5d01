#include "gateway/crypt/openpgp_wrap.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/crypt/inspect_opened.h"
#include "gateway/mail/compose.h"

namespace siegel::crypt::openpgp {
namespace {

constexpr std::string_view signed_preamble =
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)";
constexpr std::string_view encrypted_preamble =
    "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)";

std::vector<std::string_view> views(const Octets& octets) {
  std::vector<std::string_view> result;
  for (const Blob& slice : octets.slices()) result.push_back(slice.view());
  return result;
}

/// A text part with a file name, 7 bits wide as it stands.
std::string file_part(std::string_view content_type, std::string_view description,
                      std::string_view disposition, std::string_view text) {
  return mail::make_structured_field("Content-Type", content_type) +
         mail::make_structured_field("Content-Description", description) +
         mail::make_structured_field("Content-Disposition", disposition) + "\r\n" +
         with_crlf(std::string(text));
}

std::string head(std::string_view type, const std::string& boundary, std::string_view preamble) {
  const std::string value = fmt::format("{}; boundary=\"{}\"", type, boundary);
  return mail::make_structured_field("Content-Type", value) +
         fmt::format("\r\n{}\r\n\r\n", preamble);
}

/// RFC 3156 §4: the first part says of what version the second is.
constexpr std::string_view version_part =
    "Content-Type: application/pgp-encrypted\r\n"
    "Content-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n";

void add_once(std::vector<pki::OpenPgpKey>& keys, const pki::OpenPgpKey& key) {
  const bool is_there = std::ranges::any_of(
      keys, [&](const pki::OpenPgpKey& each) { return each.fingerprint() == key.fingerprint(); });
  if (!is_there) keys.push_back(key);
}

}  // namespace

Octets clearly_signed(const Octets& entity, const pki::OpenPgpKey& key, const pki::Gpg& gpg) {
  const pki::Gpg::Signed made = gpg.sign(entity, key);
  const std::string boundary = mail::make_boundary(views(entity));
  const std::string type = fmt::format(
      "multipart/signed; protocol=\"application/pgp-signature\"; micalg={}", made.digest);
  Octets result;
  result.append(head(type, boundary, signed_preamble)).append(fmt::format("--{}\r\n", boundary));
  result.append(entity);
  // RFC 3156 §5: the CRLF in front of a delimiter is not part of what is signed.
  const std::string signature =
      file_part("application/pgp-signature; name=\"signature.asc\"", "OpenPGP digital signature",
                "attachment; filename=\"signature.asc\"", made.armoured);
  result.append(fmt::format("\r\n--{}\r\n{}\r\n--{}--\r\n", boundary, signature, boundary));
  return result;
}

Octets as_file(const Octets& entity) {
  const std::string boundary = mail::make_boundary({});
  const std::string text =
      "Diese Nachricht enthält Teile, die unverändert bleiben müssen. Sie liegt als Datei bei;\r\n"
      "Ihr Mailprogramm öffnet sie.\r\n\r\n"
      "This message has parts that must not be changed. It is attached as a file; your mail\r\n"
      "program opens it.\r\n";
  std::string result =
      mail::make_structured_field("Content-Type",
                                  fmt::format("multipart/mixed; boundary=\"{}\"", boundary)) +
      fmt::format("\r\n--{}\r\n", boundary) +
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      mail::to_base64_lines(text) + fmt::format("\r\n--{}\r\n", boundary) +
      "Content-Type: application/octet-stream; name=\"message.eml\"\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "Content-Disposition: attachment; filename=\"message.eml\"\r\n\r\n" +
      mail::to_base64_lines(entity.join().view()) + fmt::format("\r\n--{}--\r\n", boundary);
  return Octets(Blob(std::move(result)));
}

Octets encrypted(const Octets& entity, const Recipients& recipients, const pki::Gpg& gpg, Time at) {
  std::vector<pki::OpenPgpKey> keys;
  for (const pki::OpenPgpPeer& peer : recipients.peers) add_once(keys, peer.key);
  if (recipients.own_copy) add_once(keys, *recipients.own_copy);
  const std::string armoured = gpg.encrypt(entity, keys, at);
  const std::string boundary = mail::make_boundary({armoured});
  const std::string sealed =
      file_part("application/octet-stream; name=\"encrypted.asc\"", "OpenPGP encrypted message",
                "inline; filename=\"encrypted.asc\"", armoured);
  return Octets(Blob(head("multipart/encrypted; protocol=\"application/pgp-encrypted\"", boundary,
                          encrypted_preamble) +
                     fmt::format("--{}\r\n{}\r\n--{}\r\n{}\r\n--{}--\r\n", boundary, version_part,
                                 boundary, sealed, boundary)));
}

}  // namespace siegel::crypt::openpgp
