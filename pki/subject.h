#pragma once

#include <string_view>

#include "pki/openssl.h"

namespace siegel::pki {

using NameHandle = Handle<X509_NAME, X509_NAME_free>;

/// A distinguished name from RFC 4514 syntax, but with the most significant part first, as people
/// write it: "C=DE, O=Amt\, Abteilung 3, CN=GRP: Bauamt". Parts are `type=value`, the types those
/// that OpenSSL knows by short or long name; a value is UTF-8, `\` before `,+"\<>;=#` or a blank
/// takes its meaning away. At most 20 parts and 1,000 octets. Throws Error{peer} saying which part
/// is wrong.
[[nodiscard]] NameHandle parse_subject(std::string_view text);

/// The same text from a name; empty if one of its values is no text.
[[nodiscard]] std::string subject_text(const X509_NAME* name);

/// The value so that parse_subject reads it back as one value.
[[nodiscard]] std::string escaped_subject_value(std::string_view value);

}  // namespace siegel::pki
