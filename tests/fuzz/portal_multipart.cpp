// A form with files, read at once and in drops: it must be the same form.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/portal/multipart.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string read_all(std::string_view octets, std::size_t step) {
  const auto source = [octets, step](std::span<char> room) mutable {
    const std::size_t count = std::min({room.size(), step, octets.size()});
    std::memcpy(room.data(), octets.data(), count);
    octets.remove_prefix(count);
    return count;
  };
  std::string all;
  try {
    portal::Multipart form(source, "B", {16, 512});
    while (const auto head = form.next()) {
      demand(is_utf8(head->name) && is_utf8(head->file_name.value_or("")));
      all += head->name + '=' + form.text(100000).value_or("") + ';';
    }
  } catch (const Error&) {  // refused
    all += '!';
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  static_cast<void>(portal::form_data_boundary(octets));
  demand(read_all(octets, 1) == read_all(octets, octets.size() + 1));
  return 0;
}
