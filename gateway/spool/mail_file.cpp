#include "gateway/spool/mail_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "gateway/spool/fingerprint.h"

namespace siegel::spool {
namespace {

constexpr std::string_view version_line = "siegel-mail 1\n";
constexpr std::size_t most_items = 10'000;
constexpr std::size_t most_head_octets = version_line.size() + most_items * 64;
constexpr std::size_t sum_line = 4 + 16 + 1;

/// item <octets of the state> <where the message begins> <octets of the message>
struct ItemLine {
  std::uint64_t state_octets = 0, message_begin = 0, message_octets = 0;
};

// --- writing ------------------------------------------------------------------------------------

bool are_the_same(const Octets& a, const Octets& b) {
  return std::ranges::equal(a.slices(), b.slices(), [](const Blob& x, const Blob& y) {
    return x.view().data() == y.view().data() && x.size() == y.size();
  });
}

std::string head_of(const std::vector<ItemLine>& lines) {
  std::string head(version_line);
  for (const ItemLine& line : lines) {
    head += "item " + std::to_string(line.state_octets) + ' ' + std::to_string(line.message_begin) +
            ' ' + std::to_string(line.message_octets) + '\n';
  }
  return head + "sum " + fingerprint_text(head) + '\n';
}

// --- reading ------------------------------------------------------------------------------------

/// "item 12 34 56" with nothing before, between or behind.
std::optional<ItemLine> read_item_line(std::string_view line) {
  constexpr std::string_view key = "item";
  if (!line.starts_with(key)) return std::nullopt;
  const char* at = line.data() + key.size();
  const char* const end = line.data() + line.size();
  std::array<std::uint64_t, 3> numbers{};
  for (std::uint64_t& number : numbers) {
    if (at == end || *at++ != ' ') return std::nullopt;
    const auto [stop, code] = std::from_chars(at, end, number);
    if (code != std::errc()) return std::nullopt;
    at = stop;
  }
  if (at != end) return std::nullopt;
  return ItemLine{numbers[0], numbers[1], numbers[2]};
}

/// Takes the head off `rest`; nothing if it is damaged.
std::optional<std::vector<ItemLine>> take_head(std::string_view& rest) {
  constexpr std::string_view last = "\nsum ";
  const std::size_t end = rest.substr(0, most_head_octets).find(last);
  if (!rest.starts_with(version_line) || end == std::string_view::npos) return std::nullopt;
  const std::string_view head = rest.substr(0, end + 1);
  if (rest.substr(head.size(), sum_line) != "sum " + fingerprint_text(head) + '\n')
    return std::nullopt;
  rest.remove_prefix(head.size() + sum_line);

  std::vector<ItemLine> lines;
  for (std::size_t at = version_line.size(); at < head.size();) {
    const std::size_t stop = head.find('\n', at);
    const auto line = read_item_line(head.substr(at, stop - at));
    if (!line || lines.size() == most_items) return std::nullopt;
    lines.push_back(*line);
    at = stop + 1;
  }
  return lines;
}

bool is_within(std::uint64_t begin, std::uint64_t octets, std::uint64_t size) {
  return begin <= size && octets <= size - begin;
}

}  // namespace

Octets write_mail_file(const std::vector<MailPart>& parts) {
  std::uint64_t end = 0;
  for (const MailPart& part : parts) end += part.state.size();

  std::vector<ItemLine> lines;
  std::string states;
  Octets messages;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    states += parts[i].state;
    const bool is_shared = i > 0 && are_the_same(parts[i].message, parts[i - 1].message);
    const std::uint64_t octets = parts[i].message.size();
    lines.push_back({parts[i].state.size(), is_shared ? lines.back().message_begin : end, octets});
    if (is_shared) continue;
    messages.append(parts[i].message);
    end += octets;
  }
  return Octets().append(head_of(lines) + states).append(messages);
}

std::optional<std::vector<MailPart>> read_mail_file(const Blob& file) {
  std::string_view rest = file.view();
  const auto lines = take_head(rest);
  if (!lines) return std::nullopt;

  std::vector<MailPart> parts;
  std::uint64_t state_begin = 0, end = 0;
  for (const ItemLine& line : *lines) {
    if (!is_within(state_begin, line.state_octets, rest.size()) ||
        !is_within(line.message_begin, line.message_octets, rest.size()))
      return std::nullopt;
    parts.push_back({std::string(rest.substr(state_begin, line.state_octets)),
                     Octets(file.slice(rest.substr(line.message_begin, line.message_octets)))});
    state_begin += line.state_octets;
    end = std::max({end, state_begin, line.message_begin + line.message_octets});
  }
  if (parts.empty() || end != rest.size()) return std::nullopt;  // cut, or grown
  return parts;
}

}  // namespace siegel::spool
