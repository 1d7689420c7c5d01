#pragma once

#include <optional>
#include <string>

#include "gateway/mail/message.h"

namespace siegel::crypt {

/// How an entity presents itself, before anything cryptographic is looked at.
enum class Wrapping {
  none,
  smime_detached,     ///< multipart/signed with an S/MIME signature
  smime_cms,          ///< application/pkcs7-mime: signed or encrypted, its content tells which
  smime_file,         ///< application/octet-stream with a file name of S/MIME
  openpgp_signed,     ///< RFC 3156 §5
  openpgp_encrypted,  ///< RFC 3156 §4
};

/// RFC 8551 §3.10 and RFC 3156.
[[nodiscard]] Wrapping wrapping_of(const mail::Entity& entity);

/// What is wrong with the form of a multipart/signed (RFC 1847 §2.1), for a reason; nothing if it
/// is right.
[[nodiscard]] std::optional<std::string> fault_of_detached(const mail::Entity& entity);

/// True if a multipart/encrypted is what it claims to be (RFC 3156 §4): two parts, the second in
/// OpenPGP's armour. Anything else is text that everybody can read.
[[nodiscard]] bool is_openpgp_sealed(const mail::Entity& entity);

/// True if nothing around the two parts of a multipart/signed is text meant for a reader. Mail
/// programs show neither preamble nor epilogue, but what was not written by a machine has no
/// business there.
[[nodiscard]] bool is_alone_in_multipart(const mail::Entity& entity);

/// The place of the part `number` of the entity at `path` (RFC 3501 §6.4.5).
[[nodiscard]] std::string child_path(const std::string& path, std::size_t number);

/// Crypto parts deeper in the tree than the cryptographic envelope (RFC 9787 §4.3: errant layers).
struct Errant {
  const mail::Entity* signature = nullptr;  ///< the first signed part outside attached messages
  std::string path;                         ///< its place, as "1.2" (RFC 3501 §6.4.5)
  bool has_encrypted = false;
  bool has_signed_attachment = false;  ///< a signed message within message/rfc822
  bool has_inline_signature = false;   ///< OpenPGP cleartext armour (R-19)
  bool has_inline_encryption = false;  ///< OpenPGP's armour in a text
  bool has_reference =
      false;  ///< a reader is shown what stands elsewhere (RFC 2046 §5.2.2, §5.2.3)
};
[[nodiscard]] Errant find_errant(const mail::Entity& payload, const std::string& path);

}  // namespace siegel::crypt
