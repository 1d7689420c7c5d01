#include "gateway/portal/target.h"

#include <algorithm>

#include "base/ascii.h"
#include "gateway/portal/percent.h"

namespace siegel::portal {
namespace {

// RFC 9112 §3.2.2: http://host/path?query is taken like /path?query; the host is not ours to judge.
std::string_view without_origin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!ascii::starts_ignoring_case(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    const auto end = text.find_first_of("/?");
    return end == std::string_view::npos ? std::string_view("/") : text.substr(end);
  }
  return text;
}

std::optional<std::string> decoded_segment(std::string_view text) {
  auto segment = percent_decoded(text, Plus::itself);
  if (!segment || *segment == "." || *segment == "..") return std::nullopt;
  const bool unfit = std::ranges::any_of(
      *segment, [](char c) { return ascii::is_control(c) || c == '/' || c == '\\'; });
  return unfit ? std::nullopt : segment;
}

std::optional<std::string> decoded_path(std::string_view text) {
  std::string path;
  while (!text.empty()) {
    text.remove_prefix(1);  // the slash
    const std::string_view raw = text.substr(0, text.find('/'));
    const auto segment = decoded_segment(raw);
    if (!segment) return std::nullopt;
    path += '/' + *segment;
    text.remove_prefix(raw.size());
  }
  return path;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  text = without_origin(text);
  // A fragment is never sent (RFC 9110 §4.2.5); controls and 8-bit octets come escaped or not at
  // all.
  const bool unfit = std::ranges::any_of(text, [](char c) {
    return ascii::is_control(c) || ascii::is_8bit(c) || c == ' ' || c == '#';
  });
  if (unfit) return std::nullopt;
  const auto question = text.find('?');
  const std::string_view raw_path = text.substr(0, question);
  if (!raw_path.starts_with('/')) return std::nullopt;
  const auto path = decoded_path(raw_path);
  const auto query = parse_form(question == std::string_view::npos ? std::string_view{}
                                                                   : text.substr(question + 1));
  if (!path || !query) return std::nullopt;
  return Target{*path, *query};
}

}  // namespace siegel::portal
