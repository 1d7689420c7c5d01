#include "config/spelling.h"

#include <algorithm>

#include "base/utf8.h"

namespace siegel::config {
namespace {

constexpr std::size_t longest_word = 64;  // no key of ours is longer; bounds the work

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last.swap(row);
  }
  return last.back();
}

std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& known) {
  if (written.size() > longest_word) return {};
  std::size_t nearest = (written.size() + 2) / 3 + 1;  // a third of the letters may be wrong
  std::string_view meant;
  for (const std::string_view word : known) {
    const std::size_t distance = edit_distance(written, word);
    if (distance >= nearest) continue;
    nearest = distance;
    meant = word;
  }
  return meant.empty() ? std::string() : "; did you mean " + in_quotes(meant) + "?";
}

std::string one_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  return '"' + printable(text, 80) + '"';
}

}  // namespace siegel::config
