// The start of a connection: heads, forwarded addresses, and the chunks behind them.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/portal/chunks.h"
#include "gateway/portal/client.h"
#include "gateway/portal/request_head.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_path(std::string_view path) {
  demand(path.starts_with('/') && path.find('\0') == std::string_view::npos);
  for (const std::string_view climbing : {"/../", "/./"})
    demand(path.find(climbing) == std::string_view::npos);
  demand(!path.ends_with("/..") && !path.ends_with("/."));
}

void check_head(const portal::RequestHead& head) {
  check_path(head.path);
  for (const auto& [name, value] : head.fields.all())
    demand(portal::is_token(name) && portal::is_field_value(value));
  const auto client = portal::client_behind({"::1", false}, head.fields, {{"::1"}, {"10.0.0.0/8"}});
  static_cast<void>(portal::network_of(client.ip));
}

// In one piece and octet by octet it must be the same.
std::uint64_t data_in(std::string_view octets, std::size_t step) {
  portal::Chunks chunks;
  std::uint64_t data = 0;
  while (!octets.empty()) {
    const std::string_view piece = octets.substr(0, step);
    std::size_t taken = 0;
    if (chunks.state() == portal::Chunks::State::framing) {
      taken = chunks.take(piece);
    } else if (chunks.state() == portal::Chunks::State::data) {
      taken = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), chunks.left()));
      chunks.data_taken(taken);
      data += taken;
    } else {
      break;
    }
    octets.remove_prefix(taken);
  }
  return data * 4 + static_cast<unsigned>(chunks.state());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  demand(data_in(octets, 1) == data_in(octets, octets.size() + 1));
  const auto end = portal::find_head_end(octets);
  if (end.kind != portal::HeadEnd::Kind::found) return 0;
  const auto parsed = portal::parse_request_head(octets.substr(0, end.position));
  if (const auto* const head = std::get_if<portal::RequestHead>(&parsed)) check_head(*head);
  const std::string_view rest = octets.substr(end.position);
  demand(data_in(rest, 1) == data_in(rest, rest.size() + 1));
  return 0;
}
