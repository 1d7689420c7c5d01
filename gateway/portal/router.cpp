#include "gateway/portal/router.h"

#include <algorithm>
#include <optional>
#include <set>

namespace siegel::portal {
namespace {

using Parameters = std::map<std::string, std::string>;

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.emplace_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

bool is_name(const std::string& segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

std::optional<Parameters> match(const std::vector<std::string>& pattern,
                                const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  Parameters parameters;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_name(pattern[i]) && !path[i].empty())
      parameters[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
    else if (pattern[i] != path[i])
      return std::nullopt;
  }
  return parameters;
}

std::string joined(const std::set<std::string>& methods) {
  std::string list;
  for (const std::string& method : methods) list += (list.empty() ? "" : ", ") + method;
  return list;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  routes_.push_back(
      {std::string(method), std::string(pattern), segments_of(pattern), std::move(handler)});
}

Router::Found Router::find(Request& request) const {
  const std::vector<std::string> path = segments_of(request.path);
  std::set<std::string> allowed;
  const Handler* found = nullptr;
  for (const Route& route : routes_) {
    auto parameters = match(route.segments, path);
    if (!parameters) continue;
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    const bool exact = route.method == request.method;
    if (!exact && (found != nullptr || request.method != "HEAD" || route.method != "GET")) continue;
    found = &route.handler;
    request.route = route.pattern;
    request.parameters = std::move(*parameters);
    if (exact) break;
  }
  if (found != nullptr) return found;
  if (allowed.empty()) return Nowhere{};
  return WrongMethod{joined(allowed)};
}

}  // namespace siegel::portal
