#include "gateway/crypt/inspect_wrapping.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace siegel::crypt {
namespace {

using mail::Defect;
using mail::Entity;

bool is_smime_signature_type(std::string_view type) {
  // RFC 8551 §3.5.3; the x- form is what old senders write (RFC 2311).
  return ascii::equals_ignoring_case(type, "application/pkcs7-signature") ||
         ascii::equals_ignoring_case(type, "application/x-pkcs7-signature");
}

std::string media_type(const Entity& entity) {
  return entity.content_type.type + '/' + entity.content_type.subtype;
}

/// What a multipart/signed is signed with: its protocol, or, if it names none, its last part.
std::string protocol_of(const Entity& entity) {
  const std::string_view said = entity.content_type.parameter("protocol");
  if (!said.empty()) return ascii::lower(said);
  return entity.parts.empty() ? std::string() : media_type(entity.parts.back());
}

bool has_smime_file_name(const Entity& entity) {
  const std::string name = ascii::lower(entity.file_name);
  return name.ends_with(".p7m") || name.ends_with(".p7s") || name.ends_with(".p7c");
}

bool is_blank(std::string_view text) {
  return ascii::trim(text).empty();
}

/// The sentence that mail programs put there for readers without MIME, and nothing but it.
bool is_customary_preamble(std::string_view text) {
  constexpr std::size_t longest = 160;
  const std::string_view sentence = ascii::trim(text);
  const bool is_plain = std::ranges::all_of(sentence, [](char c) {
    return ascii::is_alpha(c) ||
           std::string_view(" ,./()-0123456789").find(c) != std::string_view::npos;
  });
  const bool starts_so = sentence.starts_with("This is a") || sentence.starts_with("Dies ist eine");
  return is_plain && starts_so && sentence.size() <= longest &&
         sentence.find("MIME") != std::string_view::npos;
}

bool is_multipart_signature(const Entity& entity) {
  const Wrapping wrapping = wrapping_of(entity);
  return wrapping == Wrapping::smime_detached || wrapping == Wrapping::openpgp_signed;
}

/// An opaque signature over a message; a signed document that is attached (`contract.pdf.p7m`) says
/// nothing about the message.
bool is_opaque_signature(const Entity& entity) {
  if (wrapping_of(entity) != Wrapping::smime_cms) return false;
  const std::string kind = ascii::lower(entity.content_type.parameter("smime-type"));
  const std::string name = ascii::lower(entity.file_name);
  return kind == "signed-data" && (name.empty() || name == "smime.p7m");
}

bool is_encrypted_part(const Entity& entity) {
  const Wrapping wrapping = wrapping_of(entity);
  if (wrapping == Wrapping::openpgp_encrypted) return true;
  return wrapping == Wrapping::smime_cms &&
         ascii::lower(entity.content_type.parameter("smime-type")).ends_with("enveloped-data");
}

/// A fragment or a pointer: what a reader is shown in its place is not in this message.
bool is_reference(const Entity& entity) {
  return entity.content_type.is("message", "external-body") ||
         entity.content_type.is("message", "partial");
}

bool begins_a_line(const Entity& leaf, std::string_view armour) {
  if (leaf.content_type.type != "text") return false;
  const auto at = leaf.body.find(armour);
  return at != std::string_view::npos && (at == 0 || leaf.body[at - 1] == '\n');
}

/// what stands in the text itself says nothing about the message.
void note_leaf(const Entity& leaf, Errant& found) {
  found.has_inline_signature |= begins_a_line(leaf, "-----BEGIN PGP SIGNED MESSAGE-----");
  found.has_inline_encryption |= begins_a_line(leaf, "-----BEGIN PGP MESSAGE-----");
  found.has_reference |= is_reference(leaf);
}

void search(const Entity& entity, const std::string& path, Errant& found);

void search_parts(const Entity& entity, const std::string& path, Errant& found) {
  std::size_t number = 0;
  for (const Entity& part : entity.parts) search(part, child_path(path, ++number), found);
}

/// a signature inside message/rfc822 belongs to that message, whoever wrote it.
void search_attached(const Entity& entity, Errant& found) {
  Errant inside;
  for (const Entity& message : entity.parts) search(message, {}, inside);
  found.has_signed_attachment |= inside.signature != nullptr || inside.has_signed_attachment;
  found.has_encrypted |= inside.has_encrypted;
}

void search(const Entity& entity, const std::string& path, Errant& found) {
  if (is_encrypted_part(entity)) {
    found.has_encrypted = true;
  } else if (is_multipart_signature(entity) || is_opaque_signature(entity)) {
    if (found.signature == nullptr) {
      found.signature = &entity;
      found.path = path;
    }
  } else if (entity.content_type.is("message", "rfc822")) {
    search_attached(entity, found);
  } else if (entity.parts.empty()) {
    note_leaf(entity, found);
  } else {
    search_parts(entity, path, found);
  }
}

bool is_signature_of(Wrapping wrapping, std::string_view type) {
  return wrapping == Wrapping::openpgp_signed ? type == "application/pgp-signature"
                                              : is_smime_signature_type(type);
}

/// Why a multipart has not the parts that a signature needs: nobody has counted beyond our limits.
std::string fault_of_parts(const Entity& entity) {
  if (entity.has(Defect::too_many_parts) || entity.has(Defect::too_deep))
    return "the message has more parts, or deeper ones, than are looked at";
  if (entity.has(Defect::offset_mismatch)) return "where the parts of the message end is not clear";
  return "a signed message has exactly two parts; this one has not";
}

}  // namespace

Wrapping wrapping_of(const Entity& entity) {
  const mail::ContentType& type = entity.content_type;
  if (type.is("multipart", "signed")) {
    const std::string protocol = protocol_of(entity);
    if (is_smime_signature_type(protocol)) return Wrapping::smime_detached;
    return protocol == "application/pgp-signature" ? Wrapping::openpgp_signed : Wrapping::none;
  }
  if (type.is("multipart", "encrypted")) return Wrapping::openpgp_encrypted;
  if (type.is("application", "pkcs7-mime") || type.is("application", "x-pkcs7-mime")) {
    return Wrapping::smime_cms;
  }
  const bool is_file = type.is("application", "octet-stream") && has_smime_file_name(entity);
  return is_file ? Wrapping::smime_file : Wrapping::none;
}

std::optional<std::string> fault_of_detached(const Entity& entity) {
  // RFC 1847 §2.1: exactly two parts, and the protocol names the type of the second.
  if (entity.parts.size() != 2) return fault_of_parts(entity);
  if (entity.content_type.parameter("protocol").empty()) {
    return "the message does not say what it is signed with (protocol)";
  }
  if (!is_signature_of(wrapping_of(entity), media_type(entity.parts.back()))) {
    return "the part that should be the signature is something else";
  }
  return std::nullopt;
}

bool is_openpgp_sealed(const Entity& entity) {
  if (entity.parts.size() != 2) return false;
  const std::string sealed = entity.parts.back().decoded_body();
  return entity.parts.front().content_type.is("application", "pgp-encrypted") &&
         ascii::trim(sealed).starts_with("-----BEGIN PGP MESSAGE-----");
}

std::string child_path(const std::string& path, std::size_t number) {
  return (path.empty() ? path : path + '.') + std::to_string(number);
}

bool is_alone_in_multipart(const Entity& entity) {
  const bool is_quiet = is_blank(entity.preamble) || is_customary_preamble(entity.preamble);
  return is_quiet && is_blank(entity.epilogue);
}

Errant find_errant(const Entity& payload, const std::string& path) {
  Errant found;
  if (payload.content_type.is("message", "rfc822")) {
    search_attached(payload, found);
  } else if (payload.parts.empty()) {
    note_leaf(payload, found);
  } else {
    search_parts(payload, path, found);
  }
  return found;
}

}  // namespace siegel::crypt
