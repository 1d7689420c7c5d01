#include "gateway/policy/subject.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"

namespace siegel::policy {
namespace {

/// A character and how it counts: as nothing if it is not seen, as more than one if it is a
/// ligature.
struct Character {
  std::string_view text;
  std::u32string folded;

  [[nodiscard]] bool is_seen() const { return !folded.empty(); }
};

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> result;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto octets = text.substr(0, point ? point->octets : 1);
    result.push_back({octets, point ? folded(point->value) : std::u32string()});
    text.remove_prefix(octets.size());
  }
  return result;
}

/// The length of a reply or forward prefix ("AW: ") at the start of `subject`, 0 if there is none.
std::size_t reply_prefix(std::string_view subject) {
  static constexpr std::array<std::string_view, 7> prefixes{
      "re:", "aw:", "fwd:", "fw:", "wg:", "sv:", "antw:"};
  for (const std::string_view prefix : prefixes) {
    if (!ascii::starts_ignoring_case(subject, prefix)) continue;
    const auto text = subject.find_first_not_of(" \t", prefix.size());
    return text == std::string_view::npos ? subject.size() : text;
  }
  return 0;
}

std::optional<std::string> control_tag(const config::Tags& tags, const std::u32string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto* known : {&tags.encrypt, &tags.plain, &tags.sign}) {
    const auto tag = std::ranges::find_if(
        *known, [&](const std::string& each) { return folded(std::string_view(each)) == name; });
    if (tag != known->end()) return ascii::lower(*tag);
  }
  return std::nullopt;
}

/// Takes reply prefixes and tags off the ends of a subject, one after the other.
class Dissection {
 public:
  Dissection(std::string_view subject, const config::Tags& known)
      : characters_(characters_of(subject)), last_(characters_.size()), known_(known) {
    while (take_prefix() || take_leading_tag()) {
    }
    while (take_trailing_tag()) {
    }
  }

  [[nodiscard]] const std::vector<std::string>& tags() const { return tags_; }
  [[nodiscard]] std::string rest() const { return prefixes_ + std::string(remaining()); }

 private:
  [[nodiscard]] std::string_view remaining() const {
    if (first_ == last_) return {};
    const char* const start = characters_[first_].text.data();
    const std::string_view end = characters_[last_ - 1].text;
    return {start, static_cast<std::size_t>(end.data() + end.size() - start)};
  }

  void skip_unseen() {
    while (first_ < last_ && !characters_[first_].is_seen()) ++first_;
    while (first_ < last_ && !characters_[last_ - 1].is_seen()) --last_;
  }

  bool take_prefix() {
    skip_unseen();
    // A prefix is ASCII: as many characters as octets.
    const std::size_t length = reply_prefix(remaining());
    prefixes_ += remaining().substr(0, length);
    first_ += length;
    return length > 0;
  }

  bool take_leading_tag() {
    std::u32string name;
    for (std::size_t at = first_; at < last_; ++at) {
      name += characters_[at].folded;
      if (!name.starts_with(U'[')) return false;
      if (characters_[at].folded.find(U']') == std::u32string::npos) continue;
      if (!take_tag(name)) return false;
      first_ = at + 1;
      return true;
    }
    return false;
  }

  bool take_trailing_tag() {
    skip_unseen();
    std::u32string name;
    for (std::size_t at = last_; at-- > first_ && name.size() <= longest;) {
      name.insert(0, characters_[at].folded);
      if (!name.ends_with(U']')) return false;
      if (characters_[at].folded.find(U'[') == std::u32string::npos) continue;
      if (!take_tag(name)) return false;
      last_ = at;
      return true;
    }
    return false;
  }

  /// `name` with its brackets.
  bool take_tag(std::u32string_view name) {
    if (name.size() < 2 || name.front() != U'[' || name.back() != U']') return false;
    auto tag = control_tag(known_, std::u32string(name.substr(1, name.size() - 2)));
    if (!tag) return false;
    tags_.push_back(*std::move(tag));
    return true;
  }

  /// A tag is no longer; so time stays linear.
  static constexpr std::size_t longest = 256;

  std::vector<Character> characters_;
  std::size_t first_ = 0, last_;  // what is left of them
  const config::Tags& known_;
  std::string prefixes_;
  std::vector<std::string> tags_;
};

}  // namespace

SubjectReading read_subject(std::string_view subject, const config::Tags& tags) {
  const std::string undecorated = display_tags(tags).strip(subject);
  const Dissection dissection(undecorated, tags);
  const bool has_tags = !dissection.tags().empty() || undecorated != subject;
  return {dissection.tags(), dissection.tags().empty() ? undecorated : dissection.rest(), has_tags};
}

SubjectReading read_subject(const mail::Field& subject, const config::Tags& tags) {
  return read_subject(mail::guess_text(subject.body), tags);
}

bool is_tag_of(const std::vector<std::string>& known, std::string_view tag) {
  const std::u32string wanted = folded(tag);
  return std::ranges::any_of(
      known, [&](const std::string& each) { return folded(std::string_view(each)) == wanted; });
}

TagStripper display_tags(const config::Tags& tags) {
  return TagStripper({tags.good, tags.bad, tags.decrypted});
}

}  // namespace siegel::policy
