#include "gateway/portal/visitor.h"

#include <nlohmann/json.hpp>

#include "pki/secret.h"

namespace siegel::portal {
namespace {

using transfer::Access;
using transfer::LinkSecret;

// RFC 6265bis §4.1.3.2: no neighbour's page can set one with this prefix.
constexpr auto browser_cookie = "__Host-browser", session_cookie = "__Host-session",
               language_cookie = "__Host-language";
constexpr long long_time = 365L * 86400;

std::optional<LinkSecret> secret_cookie(const Request& request, std::string_view name) {
  const auto text = request.cookie(name);
  return text ? LinkSecret::parse(*text) : std::nullopt;
}

std::optional<Language> language_of(const std::optional<std::string>& text) {
  if (text == "de") return Language::german;
  if (text == "en") return Language::english;
  return std::nullopt;
}

Language language_of(const Request& request) {
  if (const auto chosen = language_of(request.query.get("lang"))) return *chosen;
  if (const auto kept = language_of(request.cookie(language_cookie))) return *kept;
  return preferred_language(request.field("Accept-Language").value_or(""));
}

}  // namespace

Visitor::Visitor(const Desk& desk, const Request& request)
    : desk_(desk),
      language_(language_of(request)),
      language_chosen_(language_of(request.query.get("lang")).has_value()),
      session_(secret_cookie(request, session_cookie)) {
  browser_ = secret_cookie(request, browser_cookie);
  is_new_ = !browser_;
  if (is_new_) browser_ = LinkSecret::make();
  if (session_) user_ = desk.access.who(*session_);
}

std::string Visitor::token() const {
  return browser_->lookup(Access::csrf_kind);
}

bool Visitor::has_sent(std::string_view token) const {
  return !is_new_ && pki::are_same(token, this->token());
}

Response Visitor::page(int status, std::string_view name, nlohmann::json data) const {
  const auto config = desk_.config.load();
  const config::Look& look = config->transfer->look;
  data["authority"] = look.name;
  data["logo"] = look.logo.has_value();
  data["csrf"] = token();
  if (!look.imprint.empty()) data["imprint"] = look.imprint;
  if (!look.privacy.empty()) data["privacy"] = look.privacy;
  if (user_) data["user"] = user_->str();
  Response response = Response::html(status, desk_.pages.render(name, language_, data));
  response.fields.set("Content-Language", code(language_));
  set_cookies(response);
  return response;
}

void Visitor::set_cookies(Response& response) const {
  if (is_new_) response.fields.add("Set-Cookie", set_cookie(browser_cookie, browser_->text()));
  if (language_chosen_)
    response.fields.add("Set-Cookie", set_cookie(language_cookie, code(language_), long_time));
}

void Visitor::open_session(Response& response, const LinkSecret& session) {
  response.fields.add("Set-Cookie", set_cookie(session_cookie, session.text()));
}

void Visitor::close_session(Response& response) {
  response.fields.add("Set-Cookie", set_cookie(session_cookie, "", 0));
}

}  // namespace siegel::portal
