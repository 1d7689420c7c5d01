#include "gateway/crypt/autocrypt.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::crypt::autocrypt {
namespace {

using mail::Entity;
using mail::Field;

constexpr std::string_view field_name = "Autocrypt";
constexpr std::size_t key_octets_limit = std::size_t{64} << 10U;
constexpr std::size_t attributes_limit = 20;
/// So that the field can be folded within the key.
constexpr std::size_t columns = 72;

using Attributes = std::map<std::string, std::string, std::less<>>;

/// `name=value; name=value`; nothing if it cannot be read so, or if a name stands twice.
std::optional<Attributes> attributes_of(std::string_view body) {
  Attributes attributes;
  while (true) {
    const auto end = std::min(body.find(';'), body.size());
    const std::string_view item = ascii::trim(body.substr(0, end));
    const auto equals = item.find('=');
    if (!item.empty()) {
      if (equals == std::string_view::npos || attributes.size() == attributes_limit) return {};
      const auto name = ascii::lower(ascii::trim(item.substr(0, equals)));
      const auto value = ascii::trim(item.substr(equals + 1));
      if (!attributes.emplace(name, value).second) return {};
    }
    if (end == body.size()) return attributes;
    body.remove_prefix(end + 1);
  }
}

bool is_known(std::string_view name) {
  return name == "addr" || name == "prefer-encrypt" || name == "keydata" || name.starts_with('_');
}

bool is_base64(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '+' || c == '/' || c == '=';
  });
}

/// The key, blanks and folding taken out of its base64 (§2.1); empty if it is none.
std::string key_of(std::string_view keydata) {
  std::string text;
  for (const char c : keydata) {
    if (!ascii::is_blank(c) && c != '\r' && c != '\n') text += c;
  }
  if (!is_base64(text) || text.size() > 2 * key_octets_limit) return {};
  std::string key = mail::decode_base64(text);
  return key.size() <= key_octets_limit ? key : std::string();
}

std::optional<Said> read(const Field& field, const Address& author) {
  const auto attributes = attributes_of(field.body);
  if (!attributes) return std::nullopt;
  const bool is_clear =
      std::ranges::all_of(*attributes, [](const auto& each) { return is_known(each.first); });
  const auto addr = attributes->find("addr");
  const auto keydata = attributes->find("keydata");
  if (!is_clear || addr == attributes->end() || keydata == attributes->end()) return std::nullopt;
  const auto address = Address::parse(addr->second);
  // §2.1: what a field says of somebody else than the author does not count.
  if (!address || !address->equals_folded(author)) return std::nullopt;
  Said said{key_of(keydata->second)};
  if (said.key.empty()) return std::nullopt;
  const auto preference = attributes->find("prefer-encrypt");
  said.prefers_encryption = preference != attributes->end() && preference->second == "mutual";
  return said;
}

}  // namespace

std::optional<Said> read(const Entity& top) {
  if (top.count(field_name) == 0 || top.content_type.is("multipart", "report")) return std::nullopt;
  const auto author = mail::author(top).address;
  if (!author) return std::nullopt;
  std::optional<Said> only;
  for (const Field& field : top.fields) {
    if (!ascii::equals_ignoring_case(field.name, field_name)) continue;
    auto said = read(field, *author);
    if (!said) continue;
    if (only) return std::nullopt;  // §2.3: of two valid ones, none
    only = std::move(said);
  }
  return only;
}

std::string make_field(const Address& author, const pki::OpenPgpKey& key) {
  std::string value = "addr=" + author.str() + "; prefer-encrypt=mutual; keydata=";
  std::string lines = mail::to_base64_lines(key.octets);
  std::erase_if(lines, [](char c) { return c == '\r' || c == '\n'; });
  for (std::size_t at = 0; at < lines.size(); at += columns)
    value += ' ' + lines.substr(at, columns);
  return mail::make_structured_field(field_name, value);
}

}  // namespace siegel::crypt::autocrypt
