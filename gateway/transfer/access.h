#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/clock.h"
#include "base/database.h"
#include "gateway/transfer/link_secret.h"
#include "pki/seal.h"

namespace siegel::transfer {

/// Who may use the portal as one of us, and who was invited. There are no passwords of ours:
/// whoever reads the mail of an address may act for it. Thread-safe.
class Access {
 public:
  static constexpr std::string_view sign_in_kind = "sign-in", browser_kind = "browser",
                                    session_kind = "session", csrf_kind = "csrf",
                                    invitation_kind = "invitation", errand_kind = "errand";
  static constexpr std::chrono::minutes sign_in_life{15};
  /// WCAG 2.1, 2.2.1: nobody is hurried; STANDARDS §8 wants 20 hours at least.
  static constexpr std::chrono::hours session_life{24};

  Access(Database& database, const pki::Seal& seal, const Clock& clock);

  // --- signing in

  /// For the mail; `browser` is the secret in a cookie of whoever asks.
  [[nodiscard]] LinkSecret offer(const Address& address, const LinkSecret& browser);
  /// Whom it would sign in; changes nothing, because link scanners look too.
  [[nodiscard]] std::optional<Address> offered(const LinkSecret& sign_in,
                                               const LinkSecret& browser) const;
  /// A session, once, and only for the browser that asked.
  [[nodiscard]] std::optional<LinkSecret> accept(const LinkSecret& sign_in,
                                                 const LinkSecret& browser);
  /// For a browser that is sent to somebody else who vouches for its user (OpenID Connect): what it
  /// has to bring back, as long as a link by mail would work.
  [[nodiscard]] LinkSecret send_away(const LinkSecret& browser);
  /// True once, and only for the browser that was sent.
  [[nodiscard]] bool welcome_back(const LinkSecret& errand, const LinkSecret& browser);
  /// For an address that somebody else has vouched for.
  [[nodiscard]] LinkSecret open(const Address& address);
  [[nodiscard]] std::optional<Address> who(const LinkSecret& session) const;
  void close(const LinkSecret& session);

  // --- invitations

  struct Invitation {
    Address owner;        ///< who asks for files
    std::string message;  ///< what he writes
    Time expires{};
  };
  [[nodiscard]] LinkSecret invite(const Invitation& invitation);
  /// Nothing if it is wrong, used or over.
  [[nodiscard]] std::optional<Invitation> find(const LinkSecret& invitation) const;
  /// True once.
  [[nodiscard]] bool use(const LinkSecret& invitation);

  /// Takes away what is over.
  void sweep();

 private:
  Database& database_;
  const pki::Seal& seal_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
