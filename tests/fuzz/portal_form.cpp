// Forms and queries, cookies, and percent-encoding, which must survive its own way back.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "gateway/portal/cookies.h"
#include "gateway/portal/fields.h"
#include "gateway/portal/form.h"
#include "gateway/portal/percent.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto form = portal::parse_form(octets)) {
    demand(form->size() <= portal::FormLimits{}.pairs);
    for (const auto& value : form->all("a")) demand(is_utf8(value));
  }
  const bool clean = is_utf8(octets) && octets.find('\0') == std::string_view::npos;
  const auto back = portal::percent_decoded(portal::percent_encoded(octets), portal::Plus::itself);
  demand(back.has_value() == clean && (!clean || *back == octets));
  if (const auto cookie = portal::cookie_value(octets, "s"))
    demand(portal::is_field_value(*cookie));
  return 0;
}
