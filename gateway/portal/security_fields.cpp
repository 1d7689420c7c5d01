#include "gateway/portal/security_fields.h"

#include <array>
#include <utility>

namespace siegel::portal {
namespace {

using Standing = std::pair<std::string_view, std::string_view>;

constexpr std::string_view policy_field = "Content-Security-Policy",
                           policy =
                               "default-src 'none'; script-src 'self'; style-src 'self'; "
                               "img-src 'self'; connect-src 'self'; form-action 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'",
                           own_forms = "form-action 'self'";

constexpr std::array<Standing, 8> standing{{
    {policy_field, policy},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"X-Robots-Tag", "noindex, nofollow"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
}};

}  // namespace

void add_security_fields(Response& response, const Client& client) {
  for (const auto& [name, value] : standing) {
    if (!response.fields.has(name)) response.fields.add(name, value);
  }
  // RFC 6797 §7.2: never over plain http.
  if (client.https) response.fields.set("Strict-Transport-Security", "max-age=63072000");
}

void allow_forms_to(std::string_view origin, Response& response) {
  std::string wider(policy);
  wider.insert(wider.find(own_forms) + own_forms.size(), ' ' + std::string(origin));
  response.fields.set(policy_field, wider);
}

}  // namespace siegel::portal
