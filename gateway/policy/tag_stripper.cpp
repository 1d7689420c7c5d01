#include "gateway/policy/tag_stripper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::policy {
namespace {

/// Square brackets, and what a reader takes for them after NFKD has unified the full-width ones.
constexpr std::u32string_view openers = U"[⁅〔【〖〘〚⟦⟬❲⦋⦍⦏⦗「『";
constexpr std::u32string_view closers = U"]⁆〕】〗〙〛⟧⟭❳⦌⦎⦐⦘」』";

bool is_unseen(char32_t character) {
  const auto value = static_cast<ucs4_t>(character);
  // Marks above, below and around letters: "[s̲igniert]" looks like a tag that somebody underlined.
  constexpr std::uint32_t unseen = UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z;
  constexpr char32_t replacement = 0xFFFD;  // for an octet that another reader may just drop
  return character == replacement || is_invisible(character) ||
         uc_is_general_category_withtable(value, unseen);
}

bool is_bidi_control(char32_t character) {
  return (character >= 0x202A && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

char32_t unified(char32_t character) {
  if (openers.find(character) != std::u32string_view::npos) return U'[';
  return closers.find(character) != std::u32string_view::npos ? U']' : character;
}

/// Letters of other scripts and the Latin ones that they are drawn like, place by place. The
/// capitals stand for themselves: a small Greek nu looks like v, a capital one like N.
constexpr std::u32string_view look_alikes =
    U"асԁеһіјкӏмпорԛѕтгиухԝ"
    U"АВСЕНІЈКМОРЅТУХ"
    U"αεικνορτυχ"
    U"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
    U"ıɡɩ";
constexpr std::u32string_view looked_like =
    U"acdehijklmnopqstruyxw"
    U"abcehijkmopstyx"
    U"aeikvoptux"
    U"abezhikmnoptyx"
    U"igi";
static_assert(look_alikes.size() == looked_like.size());

char32_t latin(char32_t character) {
  const auto at = look_alikes.find(character);
  return at == std::u32string_view::npos ? character : looked_like[at];
}

std::u32string fold_by_table(char32_t character) {
  // Far more than any decomposition has (the longest, U+FDFA, has 18).
  std::array<std::uint32_t, 64> result{};
  std::size_t length = result.size();
  const auto value = static_cast<std::uint32_t>(latin(character));
  if (u32_casefold(&value, 1, nullptr, UNINORM_NFKD, result.data(), &length) != result.data())
    return {};
  std::u32string folded;
  for (const std::uint32_t each : std::span(result).first(length)) {
    if (!is_unseen(each)) folded += latin(unified(each));
  }
  return folded;
}

/// A folded character on its way into the result. `text` is what stands in the subject for it: an
/// element that folds to several characters carries its text with the first of them, one that folds
/// to nothing has no character.
struct Unit {
  char32_t character = 0;
  std::string_view text;
  bool is_continued = false;  // belongs to the same element as the unit before
};

/// A subject as it grows character by character, with each tag taken out as soon as it is closed.
/// What stands around a tag that was taken out grows together, so that nothing nested escapes.
class Remainder {
 public:
  Remainder(const std::vector<std::u32string>& tags, std::size_t longest)
      : tags_(tags), longest_(longest) {}

  void take(std::string_view text, const std::u32string& characters) {
    if (is_behind_cut_ && is_spare_blank(text)) return;
    is_behind_cut_ = false;
    push(text, characters);
    if (units_.back().character != U']') return;
    if (const auto start = tag_start()) cut(*start);
  }

  [[nodiscard]] std::string text() const {
    std::string result;
    for (const Unit& unit : units_) result += unit.text;
    return has_cut_ ? std::string(ascii::trim(result)) : result;
  }

 private:
  void push(std::string_view text, const std::u32string& characters) {
    units_.push_back({characters.empty() ? U'\0' : characters.front(), text, false});
    for (std::size_t i = 1; i < characters.size(); ++i) units_.push_back({characters[i], {}, true});
  }

  /// Where the tag begins that the closing bracket on top ends; nothing if it ends none.
  [[nodiscard]] std::optional<std::size_t> tag_start() const {
    std::u32string name;  // backwards
    for (std::size_t at = units_.size() - 1; at-- > 0;) {
      const char32_t character = units_[at].character;
      if (character == 0) continue;
      if (character == U'[') {
        std::ranges::reverse(name);
        const bool is_tag = std::ranges::find(tags_, name) != tags_.end();
        return is_tag ? std::optional(at) : std::nullopt;
      }
      if (character == U']' || name.size() == longest_) return std::nullopt;
      name += character;
    }
    return std::nullopt;
  }

  /// Removes the units from `first` on, and with them the whole element that `first` is part of.
  void cut(std::size_t first) {
    while (units_[first].is_continued) --first;
    units_.resize(first);
    has_cut_ = is_behind_cut_ = true;
  }

  /// A blank that would double the one before it, or stand at the start.
  [[nodiscard]] bool is_spare_blank(std::string_view text) const {
    return text == " " && (units_.empty() || units_.back().text == " ");
  }

  const std::vector<std::u32string>& tags_;
  std::size_t longest_;
  std::vector<Unit> units_;
  bool has_cut_ = false;
  bool is_behind_cut_ = false;
};

}  // namespace

std::u32string folded(char32_t character) {
  if (character < 0x80) {
    const char c = ascii::lower(static_cast<char>(character));
    if (ascii::is_control(c) || c == ' ') return {};
    return {static_cast<char32_t>(c)};
  }
  return fold_by_table(character);
}

std::u32string folded(std::string_view text) {
  std::u32string result;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (point) result += folded(point->value);
    text.remove_prefix(point ? point->octets : 1);
  }
  return result;
}

std::string without_bidi_controls(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const std::size_t size = point ? point->octets : 1;
    if (!point || !is_bidi_control(point->value)) result += text.substr(0, size);
    text.remove_prefix(size);
  }
  return result;
}

TagStripper::TagStripper(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    std::u32string name = folded(std::string_view(tag));
    if (name.empty()) continue;
    longest_ = std::max(longest_, name.size());
    tags_.push_back(std::move(name));
  }
}

std::string TagStripper::strip(std::string_view subject) const {
  Remainder remainder(tags_, longest_);
  while (!subject.empty()) {
    const auto point = first_code_point(subject);
    const std::string_view text = subject.substr(0, point ? point->octets : 1);
    remainder.take(text, point ? folded(point->value) : std::u32string());
    subject.remove_prefix(text.size());
  }
  return remainder.text();
}

bool TagStripper::has_tag(std::string_view subject) const {
  return strip(subject) != subject;
}

}  // namespace siegel::policy
