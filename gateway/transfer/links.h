#pragma once

#include <optional>
#include <semaphore>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/database.h"
#include "config/transfer.h"
#include "gateway/transfer/link_secret.h"
#include "gateway/transfer/parcels.h"

namespace siegel::transfer {

/// A parcel as seen through one of its links.
struct Visit {
  Parcel parcel;
  std::string lookup, recipient;
  bool needs_password = false;
  bool needs_code = false;             ///< pickups.h; without it nobody may call unlock()
  std::optional<Time> locked_until{};  ///< after too many wrong passwords
};

/// Leads to one file, or to all as a ZIP, for a day: what a browser that resumes a download
/// comes back with.
struct Ticket {
  Parcel parcel;
  std::string link, recipient;
  std::optional<std::uint32_t> position{};  ///< of the file; nothing = all of them
  pki::Secret key;                          ///< the parcel's
};

/// What whoever has a link may do. A wrong, expired, recalled or erased one is nothing, always in
/// the same way. Thread-safe.
class Links {
 public:
  static constexpr std::string_view kind = "link";
  static constexpr std::string_view ticket_kind = "ticket";
  static constexpr std::string_view message_kind = "message";
  static constexpr std::chrono::hours ticket_life{24};

  Links(Database& database, const Parcels& parcels, const Clock& clock);

  [[nodiscard]] std::optional<Visit> visit(const LinkSecret& secret) const;

  enum class Closed {
    wrong_password,
    now_locked,  ///< this was the last wrong one that is borne with
    locked,
  };
  /// The parcel's key. Counts wrong passwords and locks; `password` is empty where none is set.
  [[nodiscard]] std::variant<pki::Secret, Closed> unlock(const Visit& visit,
                                                         const LinkSecret& secret,
                                                         const pki::Secret& password,
                                                         const config::TransferLimits& limits);
  /// The link itself is not needed afterwards.
  [[nodiscard]] LinkSecret issue(const Visit& visit, const pki::Secret& key,
                                 std::optional<std::uint32_t> position);
  [[nodiscard]] std::optional<Ticket> find(const LinkSecret& ticket) const;
  /// The same for a whole message, and for this one browser: who finds the ticket in its history,
  /// or in a log, has nothing.
  [[nodiscard]] LinkSecret issue_for(const Visit& visit, const pki::Secret& key,
                                     const LinkSecret& browser);
  [[nodiscard]] std::optional<Ticket> find_for(const LinkSecret& ticket,
                                               const LinkSecret& browser) const;

  /// How often the file was fetched to its end by this link's recipient.
  [[nodiscard]] std::uint32_t times_fetched(const Parcel& parcel, const std::string& recipient,
                                            std::uint32_t position) const;

  /// Takes away what has expired.
  void sweep();

 private:
  /// Which kind of ticket, and what else opens it.
  struct Seat {
    std::string_view kind;
    std::string salt;
  };
  [[nodiscard]] static Seat seat_of(const LinkSecret& browser);
  [[nodiscard]] LinkSecret issue(const Visit& visit, const pki::Secret& key,
                                 std::optional<std::uint32_t> position, const Seat& seat);
  [[nodiscard]] std::optional<Ticket> find(const LinkSecret& ticket, const Seat& seat) const;
  [[nodiscard]] pki::Secret stretched(const pki::Secret& password, const std::string& salt);
  /// Counts the attempt before it is made, so that nobody gets more of them by trying at once; the
  /// last one locks the link before it is known to be wrong. Returns which one it is; nothing if
  /// the link is locked.
  [[nodiscard]] std::optional<std::int64_t> take_attempt(const Visit& visit,
                                                         const config::TransferLimits& limits);

  /// Each check takes 64 MiB for as long as it lasts.
  static constexpr std::ptrdiff_t password_checks_at_once = 4;

  Database& database_;
  const Parcels& parcels_;
  const Clock& clock_;
  std::counting_semaphore<password_checks_at_once> password_checks_{password_checks_at_once};
};

}  // namespace siegel::transfer
