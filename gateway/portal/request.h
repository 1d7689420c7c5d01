#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/portal/body.h"
#include "gateway/portal/client.h"
#include "gateway/portal/cookies.h"
#include "gateway/portal/fields.h"
#include "gateway/portal/form.h"

namespace siegel::portal {

/// One HTTP request as handlers see it. Paths hold secrets: a log line names `route`, never `path`.
struct Request {
  std::string method;
  std::string path;  ///< decoded; no segment climbs
  Form query;
  Fields fields;
  Client client;
  Body body;
  std::string route;                              ///< the pattern that matched: "/uploads/{secret}"
  std::map<std::string, std::string> parameters;  ///< what stood at the pattern's names

  [[nodiscard]] std::optional<std::string> field(std::string_view name) const {
    return fields.get(name);
  }
  [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const {
    const auto cookies = fields.get("Cookie");
    return cookies ? cookie_value(*cookies, name) : std::nullopt;
  }
  /// REQUIRES: the route has a parameter of that name.
  [[nodiscard]] const std::string& parameter(const std::string& name) const {
    return parameters.at(name);
  }
};

}  // namespace siegel::portal
