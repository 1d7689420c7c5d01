#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace siegel::policy {

/// Removes bracketed tags from a subject, however they are disguised (R-50, CVE-2026-29141). A tag
/// counts as found if it reads like one after compatibility decomposition (NFKD), case folding, and
/// removal of combining marks, blanks, controls and invisible characters; brackets of every kind
/// count as brackets. Removal goes on until none is left: `[sig[signiert]niert]` leaves nothing.
/// Cyrillic and Greek letters that look like Latin ones count as those; other homoglyphs are not
/// recognised: that is why no verdict is ever read from a subject.
///
/// Time is linear in the subject, but for the length of the longest tag.
class TagStripper {
 public:
  /// @param tags without brackets
  explicit TagStripper(const std::vector<std::string>& tags);

  /// `subject` (UTF-8) without tags; the very same text if there are none.
  [[nodiscard]] std::string strip(std::string_view subject) const;
  [[nodiscard]] bool has_tag(std::string_view subject) const;

 private:
  std::vector<std::u32string> tags_;  // folded
  std::size_t longest_ = 0;
};

/// `text` (UTF-8) without the controls that embed, override or isolate a direction (U+202A–U+202E,
/// U+2066–U+2069): between them text is shown backwards, and letters that spell no tag look like
/// one.
[[nodiscard]] std::string without_bidi_controls(std::string_view text);

/// How a character counts when tags are compared: nothing at all for what is not seen, else one or
/// more folded characters.
[[nodiscard]] std::u32string folded(char32_t character);
/// All of `text` (UTF-8); octets that are no character count as nothing.
[[nodiscard]] std::u32string folded(std::string_view text);

}  // namespace siegel::policy
