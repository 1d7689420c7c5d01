#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/portal/client_limits.h"
#include "gateway/portal/pages.h"
#include "gateway/portal/router.h"
#include "gateway/transfer/access.h"
#include "gateway/transfer/blob_store.h"
#include "gateway/transfer/links.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/pickups.h"
#include "gateway/transfer/uploads.h"

namespace siegel::portal {

/// What all handlers work with. Everything outlives them.
struct Desk {
  const Current<config::Config>& config;
  const Clock& clock;
  const Log& log;
  const Pages& pages;
  ClientLimits& limits;
  transfer::BlobStore& store;
  transfer::Uploads& uploads;
  transfer::Parcels& parcels;
  transfer::Links& links;
  transfer::Pickups& pickups;
  transfer::Outbox& outbox;
  transfer::Access& access;
};

/// One request of a browser, with what it brings along: its language, its own secret, who is signed
/// in.
class Visitor {
 public:
  /// Every browser has a secret of its own in a cookie; one that comes without gets one.
  Visitor(const Desk& desk, const Request& request);

  [[nodiscard]] Language language() const noexcept { return language_; }
  [[nodiscard]] const transfer::LinkSecret& browser() const noexcept { return *browser_; }
  /// It came without a secret, though it was here before: it keeps no cookies.
  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  /// Who is signed in.
  [[nodiscard]] const std::optional<Address>& user() const noexcept { return user_; }
  [[nodiscard]] const std::optional<transfer::LinkSecret>& session() const noexcept {
    return session_;
  }

  /// What every form of this browser brings along (`csrf`), compared in constant time.
  [[nodiscard]] std::string token() const;
  [[nodiscard]] bool has_sent(std::string_view token) const;

  /// The page `name` with `data`, and with what all pages have. Sets the cookies that are missing.
  [[nodiscard]] Response page(int status, std::string_view name, nlohmann::json data) const;

  static void open_session(Response& response, const transfer::LinkSecret& session);
  static void close_session(Response& response);

 private:
  void set_cookies(Response& response) const;

  const Desk& desk_;
  Language language_;
  bool language_chosen_;  // by a link on the page: to be remembered
  bool is_new_ = false;
  std::optional<transfer::LinkSecret> browser_;  // always there
  std::optional<transfer::LinkSecret> session_;
  std::optional<Address> user_;
};

}  // namespace siegel::portal
