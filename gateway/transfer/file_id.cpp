#include "gateway/transfer/file_id.h"

#include <algorithm>

#include "base/random.h"

namespace siegel::transfer {
namespace {

constexpr std::size_t id_octets = 16;

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

FileId FileId::make() {
  return FileId(random_hex(id_octets));
}

std::optional<FileId> FileId::parse(std::string_view text) {
  if (text.size() != 2 * id_octets || !std::ranges::all_of(text, is_lower_hex)) return std::nullopt;
  return FileId(std::string(text));
}

}  // namespace siegel::transfer
