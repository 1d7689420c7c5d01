#include "gateway/portal/dispatch.h"

#include <exception>

#include "base/ascii.h"
#include "base/error.h"

namespace siegel::portal {
namespace {

constexpr std::chrono::seconds pause_after_trouble{30};

Problem not_served(const Shared& shared, const Request& request, const Error& error) {
  switch (error.fault()) {
    case Fault::peer:
      shared.log.info("request_refused", {{"route", request.route}, {"why", error.what()}});
      return {400, error.said(), {}};
    case Fault::world:
      shared.log.warning("request_failed", {{"route", request.route}, {"why", error.what()}});
      return {503, error.said(), pause_after_trouble};
    case Fault::ours:
      break;
  }
  shared.log.alarm("request_failed", {{"route", request.route}, {"why", error.what()}});
  return {500, error.said(), {}};
}

Response serve(const Shared& shared, const Handler& handler, Request& request) {
  try {
    return handler(request);
  } catch (const Error& error) {
    return problem_page(shared, not_served(shared, request, error), request);
  } catch (const std::exception& fault) {
    shared.log.alarm("request_failed", {{"route", request.route}, {"why", fault.what()}});
    const Problem problem{500, "Something went wrong here. Please try again later.", {}};
    return problem_page(shared, problem, request);
  }
}

Response health(const Shared& shared) {
  const auto& is_healthy = shared.service.is_healthy;
  bool well = false;
  try {
    well = !is_healthy || is_healthy();
  } catch (const std::exception& fault) {
    shared.log.alarm("health_failed", {{"why", fault.what()}});
  }
  return Response::text(well ? 200 : 503, "text/plain; charset=utf-8", well ? "ok\n" : "ill\n");
}

// What is wrong with the request before anybody has looked at what it is about.
std::optional<Problem> objection(const Shared& shared, const Request& request) {
  const auto config = shared.config.load();
  const Rate rate{config->transfer->limits.requests_per_minute, std::chrono::minutes(1)};
  if (const auto wait = shared.service.limits.take("requests", request.client.ip, rate))
    return Problem{429, "Too many requests. Please wait a moment and try again.", wait};
  const auto expect = request.field("Expect");
  if (expect && !ascii::equals_ignoring_case(*expect, "100-continue"))  // RFC 9110 §10.1.1
    return Problem{417, "Of expectations only 100-continue is known.", {}};
  return std::nullopt;
}

}  // namespace

Response problem_page(const Shared& shared, const Problem& problem, const Request& request) {
  Response page = Response::text(problem.status, "text/plain; charset=utf-8", problem.said + '\n');
  if (const auto& made = shared.service.error_page) {
    try {
      page = made(problem, request);
    } catch (const std::exception& fault) {
      shared.log.alarm("error_page_failed", {{"why", fault.what()}});
    }
  }
  page.status = problem.status;
  if (problem.retry_after)
    page.fields.set("Retry-After", std::to_string(problem.retry_after->count()));
  return page;
}

Response dispatch(const Shared& shared, Request& request) {
  if (request.path == health_path) return health(shared);
  if (const auto problem = objection(shared, request))
    return problem_page(shared, *problem, request);
  const Router::Found found = shared.service.routes.find(request);
  if (const auto* const handler = std::get_if<const Handler*>(&found))
    return serve(shared, **handler, request);
  if (const auto* const wrong = std::get_if<Router::WrongMethod>(&found)) {
    Response page =
        problem_page(shared, {405, "This cannot be done with this address.", {}}, request);
    page.fields.set("Allow", wrong->allow);
    return page;
  }
  return problem_page(shared, {404, "There is nothing here. Please check the link.", {}}, request);
}

}  // namespace siegel::portal
