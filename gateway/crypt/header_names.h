#pragma once

#include <string_view>

/// What the fields of a message's head are to header protection (RFC 9787 §1.1.1, RFC 9788 §1).
/// Names in any case.
namespace siegel::crypt {

/// MIME-Version and Content-*: they describe the entity in whose head they stand and are neither
/// copied nor compared.
[[nodiscard]] bool is_structural_field(std::string_view name);

/// Written by servers on the way, or meant for the outside alone: Received, Resent-*,
/// DKIM-Signature, Autocrypt, HP-Outer and their like. Never copied, never compared.
[[nodiscard]] bool is_outside_field(std::string_view name);

/// What a reader is shown, or where the answer goes: From, To, Subject, Reply-To …
[[nodiscard]] bool is_user_facing_field(std::string_view name);

/// Whose value is a grammar of addresses, ids or a date: it cannot be encoded word by word.
[[nodiscard]] bool is_address_field(std::string_view name);
[[nodiscard]] bool is_structured_field(std::string_view name);

/// What says what the message is about: Subject, and Keywords, Comments and Outlook's Thread-Topic.
/// With a hidden subject none of them is told outside (RFC 9788 §3, hcp_baseline).
[[nodiscard]] bool is_informational_field(std::string_view name);

/// A field that may stand in a head as it is: a name of RFC 5322 §3.6.8, no blank before the colon.
[[nodiscard]] bool is_field_name(std::string_view name);

}  // namespace siegel::crypt
