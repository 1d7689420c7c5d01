#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "gateway/mail/message.h"

/// Writing header fields and new messages. Every field that Siegel writes goes through these
/// functions: no CR, LF or NUL of a value ever reaches a header.
namespace siegel::mail {

/// "Name: value\r\n" for a value of our own making: printable ASCII stays, controls become blanks,
/// everything else is written as RFC 2047 encoded words; folded at blanks to at most 78 columns
/// where possible, never over 998. REQUIRES: `name` is a field name (RFC 5322 §2.2).
[[nodiscard]] std::string make_field(std::string_view name, std::string_view value);

/// The same for a structured value whose tokens must stay as they are (addresses, parameters): it
/// is folded only at blanks, and anything but printable ASCII in it becomes '?'.
[[nodiscard]] std::string make_structured_field(std::string_view name, std::string_view value);

/// A MIME parameter value: quoted if needed, RFC 2231 encoded if it is not ASCII: `name="x y"` or
/// `name*=utf-8''x%20y`.
[[nodiscard]] std::string make_parameter(std::string_view name, std::string_view value);

/// A multipart boundary: 128 random bits, ≤ 70 characters, only letters, digits and '=' '_' '-'
/// (STANDARDS §2.3 rule 11); does not occur in any of `contents`.
[[nodiscard]] std::string make_boundary(const std::vector<std::string_view>& contents);

/// `body` as base64 lines of 76 columns, each ended by CRLF (RFC 2045 §6.8).
[[nodiscard]] std::string to_base64_lines(std::string_view octets);

/// True for the fields that describe an entity's content (Content-*), which move inside when the
/// entity is wrapped (STANDARDS §2.2).
[[nodiscard]] bool is_content_field(const Field& field);

/// The head of `top` rewritten field by field: kept fields are slices of the received octets in
/// their order; nothing else changes. Used for every change of an outer head (trace, annotations,
/// wrapping).
class HeadEdit {
 public:
  explicit HeadEdit(const Message& message) : message_(&message) {}

  /// Drops every field for which `unwanted` holds.
  HeadEdit& drop(std::function<bool(const Field&)> unwanted);
  /// Adds whole fields (made by make_field) above all others; the last one prepended comes first.
  HeadEdit& prepend(std::string fields);
  /// Adds whole fields below all others.
  HeadEdit& append(std::string_view fields);
  /// Puts `fields` where the first field called `name` stands (all fields of that name go); appends
  /// if there is none. Of several replacements of one name the last one counts.
  HeadEdit& replace(std::string_view name, std::string fields);

  /// The fields, without the empty line that ends a head.
  [[nodiscard]] Octets fields() const;
  /// The whole message with the edited head and the received body, octet for octet.
  [[nodiscard]] Octets message() const;

 private:
  const Message* message_;
  std::vector<std::function<bool(const Field&)>> drops_;
  std::vector<std::pair<std::string, std::string>> replacements_;
  std::vector<std::string> prepended_;
  std::string appended_;
};

}  // namespace siegel::mail
