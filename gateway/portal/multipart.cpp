#include "gateway/portal/multipart.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "gateway/portal/fields.h"

namespace siegel::portal {
namespace {

constexpr std::size_t step = std::size_t{64} * 1024;

[[noreturn]] void refuse(const char* why) {
  throw Error(Fault::peer, "The form could not be read. Please go back and send it again.", why);
}

// RFC 9110 §5.6.4, at the start of `text`, which is then behind it. As browsers write it: a
// backslash counts only before a quote or another backslash, for paths may hold it.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return value;
    }
    const bool escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (escape) ++at;
    value += text[at];
  }
  return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
  if (text.starts_with('"')) return take_quoted(text);
  std::string value(ascii::trim(text.substr(0, text.find(';'))));
  text.remove_prefix(std::min(text.size(), text.find(';')));
  return value;
}

// The parameter `name` of `text`: type *( ";" name "=" value ). Twice is once too often.
std::optional<std::string> parameter(std::string_view text, std::string_view name) {
  std::optional<std::string> found;
  text.remove_prefix(std::min(text.size(), text.find(';')));
  while (text.starts_with(';')) {
    text = ascii::trim(text.substr(1));
    const auto sign = text.find_first_of("=;");
    if (sign == std::string_view::npos || text[sign] == ';') {
      text.remove_prefix(std::min(text.size(), sign));
      continue;
    }
    const std::string_view known = ascii::trim(text.substr(0, sign));
    text = ascii::trim(text.substr(sign + 1));
    const auto value = take_value(text);
    if (!value) return std::nullopt;
    text = ascii::trim(text);
    if (!ascii::equals_ignoring_case(known, name)) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

bool is_clean(const std::string& text) {
  return is_utf8(text) && std::ranges::none_of(text, ascii::is_control);
}

bool has_type(std::string_view value, std::string_view type) {
  return ascii::equals_ignoring_case(ascii::trim(value.substr(0, value.find(';'))), type);
}

void read_disposition(std::string_view value, PartHead& head) {
  if (!has_type(value, "form-data")) refuse("a part is no form-data");
  const auto name = parameter(value, "name");
  if (!name || !is_clean(*name)) refuse("a part has no name");
  head.name = *name;
  head.file_name = parameter(value, "filename");
  if (head.file_name && !is_clean(*head.file_name)) refuse("a file name is not clean");
}

}  // namespace

std::optional<std::string> form_data_boundary(std::string_view content_type) {
  if (!has_type(content_type, "multipart/form-data")) return std::nullopt;
  auto boundary = parameter(content_type, "boundary");
  // RFC 2046 §5.1.1: 1 to 70 characters; those that are no bchars nobody sends.
  const bool good = boundary && !boundary->empty() && boundary->size() <= 70 &&
                    std::ranges::none_of(*boundary, [](char c) {
                      return ascii::is_control(c) || ascii::is_8bit(c);
                    });
  return good ? boundary : std::nullopt;
}

Multipart::Multipart(Source source, std::string_view boundary, const MultipartLimits& limits)
    : source_(std::move(source)),
      delimiter_("\r\n--" + std::string(boundary)),
      limits_(limits),
      buffer_("\r\n") {}  // so that the first delimiter looks like all others

bool Multipart::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + step);
  const std::size_t count = source_(std::span(buffer_).subspan(before));
  buffer_.resize(before + count);
  return count != 0;
}

std::size_t Multipart::read(std::span<char> octets) {
  if (!in_part_ || octets.empty()) return 0;
  while (true) {
    const std::string_view have = buffered();
    const auto end = have.find(delimiter_);
    // The last octets may be the start of the delimiter.
    const std::size_t sure = end != std::string_view::npos ? end
                             : have.size() < delimiter_.size()
                                 ? 0
                                 : have.size() - delimiter_.size() + 1;
    if (sure > 0) {
      const std::size_t count = std::min(sure, octets.size());
      std::memcpy(octets.data(), have.data(), count);
      at_ += count;
      return count;
    }
    if (end == 0) {
      at_ += delimiter_.size();
      in_part_ = false;
      return 0;
    }
    if (!fill()) refuse("the body ends within a part");
  }
}

std::optional<std::string> Multipart::text(std::size_t limit) {
  std::string all(limit + 1, '\0');
  std::size_t size = 0;
  while (size <= limit) {
    const std::size_t count = read(std::span(all).subspan(size));
    size += count;
    if (count != 0) continue;
    all.resize(size);
    return all;
  }
  return std::nullopt;
}

void Multipart::skip_part() {
  std::string thrown_away(16384, '\0');
  while (const std::size_t count = read(thrown_away)) {
    skipped_ += count;
    if (skipped_ > limits_.skipped) refuse("the form holds too much that belongs to no part");
  }
}

// What stands behind a delimiter: "--" ends the form, blanks and CRLF begin a part.
bool Multipart::take_delimiter_end() {
  constexpr std::size_t most_padding = 256;
  while (true) {
    const std::string_view have = buffered();
    if (have.starts_with("--")) return false;
    const auto end = have.find("\r\n");
    if (end != std::string_view::npos) {
      if (!ascii::trim(have.substr(0, end)).empty()) refuse("a delimiter is followed by text");
      at_ += end + 2;
      return true;
    }
    if (have.size() > most_padding || !fill()) refuse("a delimiter has no end");
  }
}

// One line of a part's head, without its CRLF. `room` is what the head may still have.
std::string Multipart::take_line(std::size_t& room) {
  while (true) {
    const auto end = buffered().find("\r\n");
    if (std::min(end, buffered().size()) >= room) refuse("the head of a part is too large");
    if (end != std::string_view::npos) {
      std::string line(buffered().substr(0, end));
      at_ += end + 2;
      room -= end;
      return line;
    }
    if (!fill()) refuse("the head of a part has no end");
  }
}

PartHead Multipart::take_head() {
  PartHead head;
  std::size_t named = 0;
  std::size_t room = limits_.head;
  for (std::string line = take_line(room); !line.empty(); line = take_line(room)) {
    const std::string_view name = std::string_view(line).substr(0, line.find(':'));
    if (name.size() == line.size() || !is_token(name)) refuse("a part has a broken field");
    const std::string_view value = ascii::trim(std::string_view(line).substr(name.size() + 1));
    if (ascii::equals_ignoring_case(name, "Content-Type")) head.content_type = printable(value);
    if (!ascii::equals_ignoring_case(name, "Content-Disposition")) continue;
    read_disposition(value, head);
    ++named;
  }
  if (named != 1) refuse("a part has not one name");
  return head;
}

std::optional<PartHead> Multipart::next() {
  skip_part();
  if (!take_delimiter_end()) return std::nullopt;
  if (++parts_ > limits_.parts) refuse("the form has too many parts");
  PartHead head = take_head();
  in_part_ = true;
  return head;
}

}  // namespace siegel::portal
