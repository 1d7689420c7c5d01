// Addresses and patterns of foreign hands: what is accepted must be stable (parsing it again gives
// the same) and harmless to write into an SMTP command, a header field or a log line.

#include "base/address.h"

#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_harmless(const std::string& text) {
  for (const char c : text) {
    if (siegel::ascii::is_control(c) || c == ' ' || c == '<' || c == '>' || c == '"') return false;
  }
  return siegel::is_utf8(text);
}

void try_address(std::string_view text) {
  const auto address = siegel::Address::parse(text);
  if (!address) return;
  demand(is_harmless(address->str()));
  demand(siegel::Address::parse(address->str()) == address);
  demand(siegel::normalise_domain(address->domain()) == address->domain());
  demand(address->equals_folded(*address));
  const auto pattern = siegel::AddressPattern::parse(address->str());
  demand(address->local().find('*') != std::string::npos ||
         (pattern && pattern->matches(*address)));
}

void try_pattern(std::string_view text) {
  const auto pattern = siegel::AddressPattern::parse(text);
  if (!pattern) return;
  demand(pattern->covers(*pattern));
  demand(siegel::AddressPattern::parse("*")->covers(*pattern));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_address(text);
  try_pattern(text);
  return 0;
}
