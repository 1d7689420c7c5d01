#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/portal/request.h"
#include "gateway/portal/response.h"

namespace siegel::portal {

/// Serves one request. It may throw Error, which becomes 400, 503 or 500 by its fault.
using Handler = std::function<Response(Request&)>;

/// Which handler serves which method and path. Set up once; then safe for any number of threads.
class Router {
 public:
  /// `pattern` is a path whose segments are words or "{names}"; a name matches one segment that is
  /// not empty. The first route that fits wins.
  void add(std::string_view method, std::string_view pattern, Handler handler);

  /// Nobody is at home there: 404; or not for that method: 405, with what `allow` says.
  struct Nowhere {};
  struct WrongMethod {
    std::string allow;  ///< the field Allow (RFC 9110 §10.2.1)
  };
  using Found = std::variant<const Handler*, Nowhere, WrongMethod>;
  /// Finds the handler, and puts the pattern and what stood at its names into the request. HEAD is
  /// served by the handler of GET where it has none of its own (RFC 9110 §9.3.2).
  [[nodiscard]] Found find(Request& request) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
  };

  std::vector<Route> routes_;
};

}  // namespace siegel::portal
