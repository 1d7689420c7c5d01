#include "gateway/smtp/envelope_id.h"

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace siegel::smtp {
namespace {

std::string base36(std::uint64_t number, std::size_t width) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text(width, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place) {
    *place = digits[number % 36];
    number /= 36;
  }
  return text;
}

}  // namespace

std::string new_envelope_id(Time now) {
  const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const std::uint64_t random = std::stoull(random_hex(7), nullptr, 16);
  return base36(milliseconds, 9) + base36(random, 7);
}

}  // namespace siegel::smtp
