#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "config/transfer.h"
#include "gateway/portal/oidc_key.h"
#include "gateway/portal/oidc_token.h"
#include "gateway/transfer/link_secret.h"
#include "pki/enrol/http.h"

namespace siegel::portal {

/// How the issuer is asked: by HTTPS and no other way, its certificate chaining to one of
/// `ca_file`, or of the system. Throws Error{world} if it does not answer.
using AskIssuer = std::function<pki::enrol::HttpAnswer(const config::OidcSettings& settings,
                                                       const pki::enrol::HttpPlace& place,
                                                       const pki::enrol::HttpRequest& request)>;
[[nodiscard]] pki::enrol::HttpAnswer ask_by_https(const config::OidcSettings& settings,
                                                  const pki::enrol::HttpPlace& place,
                                                  const pki::enrol::HttpRequest& request);

/// Who we are to the issuer.
struct RelyingParty {
  config::OidcSettings settings;
  std::string redirect_uri;
};

/// One sign-in on its way: what the issuer is told, and what must come back. Nothing of it is kept:
/// nonce and verifier follow from two secrets, of which the browser's never leaves its cookie.
struct Errand {
  std::string state, nonce, verifier;

  /// `secret` becomes the state.
  Errand(const transfer::LinkSecret& browser, const transfer::LinkSecret& secret);
};

/// Whom the issuer vouches for.
struct Person {
  std::string email;         ///< empty if it names none
  bool is_verified = false;  ///< the issuer has made sure that it is theirs
};

/// The authority's own sign-in (OpenID Connect Core 1.0, authorization code flow with PKCE). What
/// the issuer says of itself and its keys are kept for an hour; an unknown key makes us look again,
/// once a minute at most. Thread-safe.
class Issuer {
 public:
  explicit Issuer(const Clock& clock, AskIssuer ask = ask_by_https);

  /// Throws Error{ours} with what to do if the issuer cannot be asked like that: no https address,
  /// no secret, no certificates.
  static void check(const config::OidcSettings& settings);
  /// "https://login.stadt.example": the issuer's scheme, host and port.
  [[nodiscard]] static std::string origin(const config::OidcSettings& settings);

  /// Where the browser goes to sign in. Throws Error{world} if the issuer does not answer.
  [[nodiscard]] std::string sign_in_url(const RelyingParty& we, const Errand& errand,
                                        std::string_view language);

  /// With what the browser came back.
  struct Return {
    std::string code;
    std::optional<std::string> issuer;  ///< `iss` (RFC 9207)
  };
  /// Throws Error{peer} if the answer is not believed, Error{world} if the issuer does not answer,
  /// Error{ours} if it does not take us for whom we are.
  [[nodiscard]] Person identify(const RelyingParty& we, const Errand& errand, const Return& answer);

 private:
  struct Metadata {
    std::string issuer, authorization, token, keys, user_info;
    bool names_itself = false;  // RFC 9207: it sends `iss` along
    Time fetched;
  };
  struct Keys {
    IssuerKeys set;
    std::string url;
    Time fetched;
  };
  struct Kept {
    std::shared_ptr<const Metadata> metadata;
    std::shared_ptr<const Keys> keys;
  };
  struct Tokens {
    std::string id, access;
  };

  [[nodiscard]] pki::enrol::HttpAnswer ask(const config::OidcSettings& settings,
                                           const std::string& url,
                                           pki::enrol::HttpRequest& request) const;
  [[nodiscard]] nlohmann::json fetch(const config::OidcSettings& settings, const std::string& url,
                                     pki::enrol::HttpRequest request) const;
  [[nodiscard]] std::shared_ptr<const Metadata> metadata(const config::OidcSettings& settings);
  [[nodiscard]] std::shared_ptr<const Keys> keys(const config::OidcSettings& settings,
                                                 const std::string& url, std::chrono::seconds age);
  [[nodiscard]] bool is_younger(Time moment, std::chrono::seconds age) const;
  [[nodiscard]] Tokens redeem(const RelyingParty& we, const Errand& errand, const std::string& code,
                              const std::string& url) const;
  void check_signature(const config::OidcSettings& settings, const std::string& url,
                       const IdToken& token);
  [[nodiscard]] nlohmann::json user_info(const config::OidcSettings& settings,
                                         const std::string& url, const Tokens& tokens,
                                         const std::string& subject) const;

  const Clock& clock_;
  AskIssuer ask_;
  Guarded<Kept> kept_;
};

}  // namespace siegel::portal
