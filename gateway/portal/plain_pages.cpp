#include "gateway/portal/plain_pages.h"

#include <nlohmann/json.hpp>

#include "base/blob.h"
#include "gateway/portal/embedded.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/upload_pages.h"

namespace siegel::portal {
namespace {

using nlohmann::json;

/// Browsers ask again after an hour; a new version of the program is seen that soon.
constexpr auto cached = "private, max-age=3600";

Response start(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  if (visitor.user()) return Response::see_other("/new");
  const auto config = desk.config.load();
  json offices = json::array();
  for (const auto& office : config->transfer->upload_addresses)
    offices.push_back({{"office_name", office.name}, {"office_url", upload_path(office)}});
  return visitor.page(200, "start", {{"has_offices", !offices.empty()}, {"offices", offices}});
}

Response accessibility(const Desk& desk, Request& request) {
  const auto config = desk.config.load();
  const std::string& contact = config->transfer->look.contact;
  return Visitor(desk, request)
      .page(200, "accessibility", {{"contact", contact}, {"contact_url", "mailto:" + contact}});
}

Response cacheable(Response response) {
  response.fields.set("Cache-Control", cached);
  return response;
}

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".png")) return "image/png";
  return "text/plain; charset=utf-8";
}

Response look(const Desk& desk) {
  const auto config = desk.config.load();
  return cacheable(Response::text(200, media_type(".css"),
                                  ":root { --colour: " + config->transfer->look.colour + "; }\n"));
}

Response logo(const Desk& desk, Request& request) {
  constexpr std::size_t limit = std::size_t{1} << 20U;
  const auto config = desk.config.load();
  const auto& file = config->transfer->look.logo;
  if (!file) return notice(Visitor(desk, request), 404, "not_found");
  const Blob octets = Blob::from_file(*file);
  return cacheable(
      Response::text(200, media_type(file->string()), std::string(octets.view().substr(0, limit))));
}

Response asset(const Desk& desk, Request& request) {
  const std::string& name = request.parameter("name");
  if (name == "look.css") return look(desk);
  if (name == "logo") return logo(desk, request);
  const auto found = embedded_assets().find(name);
  if (found == embedded_assets().end()) return notice(Visitor(desk, request), 404, "not_found");
  return cacheable(Response::text(200, media_type(name), std::string(found->second)));
}

std::string_view flag_of(int status) {
  switch (status) {
    case 400:
    case 405:
      return "bad_request";
    case 401:
      return "stale";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 413:
      return "large";
    case 429:
      return "busy";
    case 503:
      return "unavailable";
    case 507:
      return "full";
    default:
      return status < 500 ? "bad_request" : "failed";
  }
}

}  // namespace

Response problem_page(const Desk& desk, const Problem& problem, const Request& request) {
  Response page = notice(Visitor(desk, request), problem.status, flag_of(problem.status));
  // A head that was not read said nothing of its cookies: the browser keeps them.
  if (request.method.empty()) page.fields.remove("Set-Cookie");
  return page;
}

void add_plain_pages(Router& router, const Desk& desk) {
  router.add("GET", "/", [&](Request& request) { return start(desk, request); });
  router.add("GET", "/accessibility",
             [&](Request& request) { return accessibility(desk, request); });
  router.add("GET", "/assets/{name}", [&](Request& request) { return asset(desk, request); });
  // Browsers ask for it where a page names no icon.
  router.add("GET", "/favicon.ico", [](Request&) { return Response::empty(204); });
  router.add("GET", "/robots.txt", [](Request&) {
    return Response::text(200, media_type("robots.txt"), "User-agent: *\nDisallow: /\n");
  });
}

}  // namespace siegel::portal
