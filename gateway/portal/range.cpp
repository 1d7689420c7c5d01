#include "gateway/portal/range.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace siegel::portal {
namespace {

// Digits only; a number above 64 bits counts as the highest one, for it lies behind any file.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, ascii::is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc::result_out_of_range ? UINT64_MAX : value;
}

RangeChoice last_octets(std::string_view count, std::uint64_t size) {
  const auto wanted = number(count);
  if (!wanted) return {};
  if (*wanted == 0 || size == 0) return {RangeChoice::Kind::unsatisfiable, {}};
  return {RangeChoice::Kind::part, {size - std::min(*wanted, size), size - 1}};
}

// RFC 9110 §14.1.1: range-spec = int-range / suffix-range
RangeChoice choose(std::string_view spec, std::uint64_t size) {
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return last_octets(spec.substr(1), size);
  const auto first = number(spec.substr(0, dash));
  const std::string_view end = spec.substr(dash + 1);
  const auto last = end.empty() ? std::optional(UINT64_MAX) : number(end);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {RangeChoice::Kind::unsatisfiable, {}};
  return {RangeChoice::Kind::part, {*first, std::min(*last, size - 1)}};
}

}  // namespace

RangeChoice choose_range(const RangeRequest& asked, std::uint64_t size, std::string_view etag) {
  constexpr std::string_view unit = "bytes=";
  if (!asked.range || !ascii::starts_ignoring_case(*asked.range, unit)) return {};
  const bool strong = etag.starts_with('"');
  if (asked.if_range && !(strong && ascii::trim(*asked.if_range) == etag)) return {};
  const std::string_view specs = ascii::trim(std::string_view(*asked.range).substr(unit.size()));
  if (specs.find(',') != std::string_view::npos) return {};
  return choose(specs, size);
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' +
         std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) {
  return "bytes */" + std::to_string(size);
}

}  // namespace siegel::portal
