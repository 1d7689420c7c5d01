#pragma once

#include <string>
#include <string_view>

namespace siegel::mail {

/// RFC 2047 encoded words undone, wherever in `text` they stand; blanks between two of them go
/// (§6.2), and a character cut in two by a careless writer is joined. What is no valid encoded
/// word, or names a character set that is not known, stays as it is. Ours because GMime 3.2.13
/// loses a word that follows a padded base64 word, and what a reader is shown must not be hidden
/// from us.
[[nodiscard]] std::string decode_words(std::string_view text);

}  // namespace siegel::mail
