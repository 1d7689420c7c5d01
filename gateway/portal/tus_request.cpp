#include "gateway/portal/tus_request.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/store_base64.h"

namespace siegel::portal::tus {
namespace {

constexpr std::size_t media_type_limit = 127, file_name_limit = 400;

/// "key value" and what comes behind the next comma.
struct Pair {
  std::string_view key, value;
};

std::optional<Pair> take_pair(std::string_view& text) {
  const auto comma = text.find(',');
  std::string_view item = ascii::trim(text.substr(0, comma));
  text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  const auto blank = item.find(' ');
  const std::string_view key = item.substr(0, blank);
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  if (key.empty() || !std::ranges::all_of(key, is_plain)) return std::nullopt;
  return Pair{key, blank == std::string_view::npos ? std::string_view() : item.substr(blank + 1)};
}

/// Nothing if it is no base64; an empty text is itself.
std::optional<std::string> decoded(std::string_view base64) {
  if (base64.empty()) return std::string();
  std::string octets = pki::from_base64(base64);
  if (octets.empty() || pki::to_base64(octets) != base64) return std::nullopt;
  return octets;
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  return text.size() <= media_type_limit && slash != std::string_view::npos &&
         is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

std::size_t digest_octets(std::string_view algorithm) {
  if (algorithm == "sha1") return 20;
  if (algorithm == "sha256") return 32;
  return algorithm == "sha512" ? 64 : 0;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  return value;
}

std::optional<Metadata> parse_metadata(std::string_view text) {
  if (text.size() > metadata_limit) return std::nullopt;
  Metadata found;
  std::set<std::string_view> keys;
  while (!text.empty()) {
    const auto pair = take_pair(text);
    const auto value = pair ? decoded(pair->value) : std::nullopt;
    if (!value || !keys.insert(pair->key).second) return std::nullopt;
    if (pair->key == "filename" || (pair->key == "name" && found.file_name.empty()))
      found.file_name = printable(*value, file_name_limit);
    if ((pair->key == "filetype" || pair->key == "type") && is_media_type(*value))
      found.media_type = *value;
  }
  return found;
}

std::optional<Checksum> parse_checksum(std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string algorithm = ascii::lower(text.substr(0, blank));
  const auto digest = decoded(text.substr(blank + 1));
  const std::size_t octets = digest_octets(algorithm);
  if (!digest || octets == 0 || digest->size() != octets) return std::nullopt;
  return Checksum{algorithm, *digest};
}

}  // namespace siegel::portal::tus
