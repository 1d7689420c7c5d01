#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"

/// The received message as views. GMime knows the syntax (parse.cpp is the only file that includes
/// it); what it says of bounds is checked against the octets, and what does not fit makes the
/// entity opaque.
namespace siegel::mail {

/// What is wrong or ambiguous about an entity. Parsing never fails: it lists. Any defect in the
/// chain from the top entity to the signed one takes away every positive verdict.
enum class Defect : std::uint8_t {
  field_without_colon,
  blank_before_colon,
  duplicate_field,  ///< From, Sender, Subject, Content-*, MIME-Version … more than once
  nul_octet,
  bare_line_end,  ///< CR without LF or LF without CR
  line_too_long,  ///< over 998 octets (RFC 5322 §2.1.1)
  head_too_long,  ///< over 256 KiB, or one field over 64 KiB: the rest is not looked at
  malformed_content_type,
  duplicate_parameter,  ///< such as `boundary` twice
  missing_boundary,     ///< a multipart whose boundary is absent or never occurs
  missing_close_delimiter,
  nested_boundary,        ///< an inner boundary is a prefix of, or equal to, an outer one
  bad_transfer_encoding,  ///< unknown, or forbidden for a multipart or message/rfc822
  base64_junk,            ///< characters outside the alphabet, or bad padding
  too_deep,               ///< over 30 levels: the entity stays opaque
  too_many_parts,         ///< over 1,000 in the message
  offset_mismatch,        ///< the parser's bounds do not fit the octets
};

[[nodiscard]] std::string_view name(Defect defect) noexcept;

/// One header field, as received. All views point into the message's Blob.
struct Field {
  std::string_view octets;  ///< the whole field with its line ends
  std::string_view name;    ///< before the colon
  std::string_view body;    ///< after the colon, with folding, without the last line end
};

/// `type/subtype; name=value`: lower-case type and attribute names, values decoded (RFC 2045 §5,
/// RFC 2231).
struct ContentType {
  std::string type = "text", subtype = "plain";
  std::vector<std::pair<std::string, std::string>> parameters;

  [[nodiscard]] bool is(std::string_view wanted_type, std::string_view wanted_subtype) const;
  /// The first parameter of this (lower-case) name; empty if there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

enum class TransferEncoding : std::uint8_t {
  bits7,
  bits8,
  binary,
  quoted_printable,
  base64,
  unknown
};

/// One MIME entity. `octets` is exactly what a signature over it covers: for a part it ends before
/// the CRLF that belongs to the next delimiter (RFC 2046 §5.1.1).
struct Entity {
  std::string_view octets, head, body;  ///< head includes the empty line that ends it
  std::vector<Field> fields;
  ContentType content_type;
  TransferEncoding encoding = TransferEncoding::bits7;
  std::string disposition;  ///< lower-case word, "" if none
  std::string file_name;  ///< decoded, from Content-Disposition or Content-Type; data, never a path
  std::vector<Entity> parts;            ///< of a multipart, or the one message of message/rfc822
  std::string_view preamble, epilogue;  ///< of a multipart
  std::vector<Defect> defects;          ///< of this entity, not of its parts

  /// First field of this name (any case); nullptr if there is none.
  [[nodiscard]] const Field* field(std::string_view name) const;
  /// How many fields of this name there are.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool has(Defect defect) const;
  /// The body with its transfer encoding undone; never larger than the body.
  [[nodiscard]] std::string decoded_body() const;
  /// True if this entity or any below has a defect.
  [[nodiscard]] bool is_defective() const;
};

/// A message: octets and the tree of views into them. Immutable; moving keeps the views valid
/// because they point into the Blob. Limits: 30 levels, 1,000 parts, 256 KiB head; parsing is
/// linear in the size.
class Message {
 public:
  /// Never fails; see Entity::defects.
  static Message parse(Blob octets);

  [[nodiscard]] const Blob& blob() const noexcept { return blob_; }
  [[nodiscard]] std::string_view octets() const noexcept { return blob_.view(); }
  [[nodiscard]] const Entity& top() const noexcept { return top_; }
  /// A part of this message that shares its memory. REQUIRES: `view` lies within octets().
  [[nodiscard]] Blob slice(std::string_view view) const { return blob_.slice(view); }

 private:
  Blob blob_;
  Entity top_;
};

}  // namespace siegel::mail
