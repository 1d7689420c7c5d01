#pragma once

#include <string>
#include <string_view>

namespace siegel::mail {

/// RFC 2047 encoded words undone, wherever in `text` they stand; blanks between two of them go
/// (§6.2), and a character cut in two by a careless writer is joined. What is no valid encoded
/// word stays as it is, and so does one of a character set that is not known, unless `unknown` says
/// otherwise. Ours because GMime 3.2.13
/// loses a word that follows a padded base64 word, and what a reader is shown must not be hidden
/// from us.
enum class UnknownCharset { keeps_word, is_latin1 };
[[nodiscard]] std::string decode_words(std::string_view text,
                                       UnknownCharset unknown = UnknownCharset::keeps_word);

/// `octets` as UTF-8 if they are, else taken for ISO-8859-1.
[[nodiscard]] std::string utf8_or_latin1(std::string_view octets);

}  // namespace siegel::mail
