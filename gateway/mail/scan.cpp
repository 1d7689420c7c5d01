#include "gateway/mail/scan.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/ascii.h"

namespace siegel::mail {
namespace {

bool is_empty_line(std::string_view line) noexcept {
  return line == "\r\n" || line == "\n";
}

bool is_blank_line(std::string_view line) noexcept {
  return ascii::trim(line).empty();
}

// RFC 5322 §2.2: printable US-ASCII but for the colon.
bool is_field_name(std::string_view name) noexcept {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F'; });
}

/// The lines of one field: the first and all that are folded onto it.
std::string_view take_field(std::string_view& rest, std::vector<Defect>& defects) {
  const char* const start = rest.data();
  std::string_view line = take_line(rest);
  std::size_t size = line.size();
  while (!rest.empty() && ascii::is_blank(rest.front())) {
    line = take_line(rest);
    // RFC 5322 §3.2.2: a folded line of blanks alone must not be made; some readers end the head
    // there.
    if (is_blank_line(line)) note(defects, Defect::field_without_colon);
    size += line.size();
  }
  return {start, size};
}

Field to_field(std::string_view octets, std::vector<Defect>& defects) {
  const auto colon = octets.find(':');
  const auto before = octets.substr(0, colon);
  const auto name = ascii::trim(before);
  if (colon == std::string_view::npos || !is_field_name(name) || ascii::is_blank(octets.front())) {
    note(defects, Defect::field_without_colon);
    return {octets, octets.substr(0, 0), without_line_end(octets)};
  }
  // RFC 5322 §4.5 only reads it; §2.2 never writes it. Readers differ in what the name is.
  if (name.size() != before.size()) note(defects, Defect::blank_before_colon);
  return {octets, name, without_line_end(octets.substr(colon + 1))};
}

enum class Line { content, prefix, delimiter, close };

Line classify(std::string_view line, std::string_view delimiter) noexcept {
  auto tail = without_line_end(line).substr(delimiter.size());
  const bool closes = tail.starts_with("--");
  if (closes) tail.remove_prefix(2);
  // RFC 2046 §5.1.1: transport-padding is blanks only.
  if (!std::ranges::all_of(tail, ascii::is_blank)) return Line::prefix;
  return closes ? Line::close : Line::delimiter;
}

/// Finds the lines of a body that begin with `--boundary`.
class DelimiterSearch {
 public:
  DelimiterSearch(std::string_view body, std::string_view boundary)
      : body_(body), needle_("\n--" + std::string(boundary)) {}

  [[nodiscard]] std::string_view delimiter() const { return std::string_view(needle_).substr(1); }

  /// The next such line with its line end; empty if there is none.
  [[nodiscard]] std::string_view next() {
    std::size_t start = 0;
    if (at_ == 0 && body_.starts_with(delimiter())) {
      start = 0;
    } else {
      const void* const hit =
          memmem(body_.data() + at_, body_.size() - at_, needle_.data(), needle_.size());
      if (hit == nullptr) return {};
      start = static_cast<std::size_t>(static_cast<const char*>(hit) - body_.data()) + 1;
    }
    std::string_view rest = body_.substr(start);
    const std::string_view line = take_line(rest);
    // The line end stays in reach: it may be the one in front of the next delimiter.
    at_ = start + line.size() - (line.ends_with('\n') ? 1 : 0);
    return line;
  }

 private:
  std::string_view body_;
  std::string needle_;
  std::size_t at_ = 0;
};

/// What lies between two delimiter lines, without the line end that belongs to the second
/// (RFC 2046 §5.1.1).
std::string_view between(const char* start, const char* delimiter) noexcept {
  // Two delimiter lines in a row share one line end.
  const auto size = delimiter > start ? delimiter - start : 0;
  return without_line_end({start, static_cast<std::size_t>(size)});
}

}  // namespace

std::string_view take_line(std::string_view& rest) noexcept {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
  rest.remove_prefix(line.size());
  return line;
}

std::string_view without_line_end(std::string_view line) noexcept {
  if (line.ends_with('\n')) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  return line;
}

Split split_entity(std::string_view octets) noexcept {
  std::string_view rest = octets;
  while (!rest.empty()) {
    if (is_empty_line(take_line(rest))) break;
  }
  return {octets.substr(0, octets.size() - rest.size()), rest};
}

std::vector<Field> split_fields(std::string_view head, std::vector<Defect>& defects) {
  std::vector<Field> fields;
  fields.reserve(16);
  std::string_view rest = head;
  while (!rest.empty() && !is_empty_line(rest.substr(0, rest.find('\n') + 1))) {
    const auto octets = take_field(rest, defects);
    const auto reach = static_cast<std::size_t>(octets.data() + octets.size() - head.data());
    if (octets.size() > field_limit || reach > head_limit) {
      note(defects, Defect::head_too_long);
      break;
    }
    fields.push_back(to_field(octets, defects));
  }
  return fields;
}

Sections split_multipart(std::string_view body, std::string_view boundary, std::size_t most) {
  Sections sections;
  DelimiterSearch search(body, boundary);
  const char* open = nullptr;  // where the part that is being read began
  for (auto line = search.next(); !line.empty(); line = search.next()) {
    const Line kind = classify(line, search.delimiter());
    if (kind == Line::prefix) sections.has_prefix_lines = true;
    if (kind != Line::delimiter && kind != Line::close) continue;
    if (open == nullptr) {
      sections.preamble = between(body.data(), line.data());
    } else {
      sections.parts.push_back(between(open, line.data()));
    }
    open = line.data() + line.size();
    if (kind == Line::close) {
      sections.is_closed = true;
      sections.epilogue = {open, static_cast<std::size_t>(body.data() + body.size() - open)};
      return sections;
    }
    if (sections.parts.size() > most) return sections;
  }
  if (open == nullptr) {
    sections.preamble = body;
  } else {
    sections.parts.emplace_back(open, static_cast<std::size_t>(body.data() + body.size() - open));
  }
  return sections;
}

void note(std::vector<Defect>& defects, Defect defect) {
  if (std::ranges::find(defects, defect) == defects.end()) defects.push_back(defect);
}

}  // namespace siegel::mail
