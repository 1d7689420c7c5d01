// A client's file name becomes harmless, and the field that carries it stays one field.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "gateway/portal/content_disposition.h"
#include "gateway/portal/fields.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const std::string name = portal::safe_file_name(octets);
  demand(!name.empty() && name.size() <= 201 && is_utf8(name));
  demand(name.find_first_of("/\\\"") == std::string::npos && name.front() != '.');
  demand(portal::safe_file_name(name).size() <= name.size() + 1);
  const std::string field = portal::attachment_disposition(octets);
  demand(portal::is_field_value(field) && std::ranges::count(field, '"') == 2);
  return 0;
}
