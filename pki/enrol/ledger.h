#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/database.h"
#include "pki/enrol/request.h"

namespace siegel::pki::enrol {

/// Which requests: all conditions that are given hold.
struct Filter {
  std::optional<Address> mailbox{};
  std::vector<State> states{};  ///< empty: every state
  std::string profile{}, batch{};
  std::int64_t id = 0;  ///< 0: any
};

/// What moved a request, for the record.
struct Cause {
  std::string actor, reason;
  std::string evidence{};
};

/// All requests of one tenant in the database; KeyStore makes the tables. A request changes only
/// together with its transition, in one transaction; a step that the matrix forbids throws
/// Error{ours}, one whose request has moved in the meantime Error{peer}; both change nothing. A
/// database that is away is Error{world}. Each transition is in the audit as well. Thread-safe, and
/// safe beside other processes.
class Ledger {
 public:
  Ledger(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  struct Added {
    Request request;
    bool is_new = false;
  };
  /// Makes the draft, unless the mailbox has a request for an overlapping purpose that is under way
  /// or in service: then nothing changes and that one is returned, so that a manifest can be read
  /// twice. A successor (`renews` is not 0) stands beside the one that it renews.
  Added add(const Wish& wish, Purpose purpose, const Cause& cause, std::int64_t renews = 0);

  [[nodiscard]] std::optional<Request> find(std::int64_t id) const;
  /// The newest request with this key.
  [[nodiscard]] std::optional<Request> find_by_key(const std::string& key_id) const;
  /// An open request of another mailbox by the same CA profile with the same subject, as far as
  /// ASCII letters tell: a CA names nobody like somebody else (STANDARDS §6.2).
  [[nodiscard]] std::optional<Request> find_namesake(const Request& request) const;
  /// All whose certificate has this serial number, whoever issued it.
  [[nodiscard]] std::vector<Request> list_by_serial(const std::string& serial) const;
  /// By mailbox, the oldest of each first.
  [[nodiscard]] std::vector<Request> list(const Filter& filter = {}) const;
  /// What a list shows of a request.
  struct Line {
    std::int64_t id = 0;
    std::string mailbox;
    Purpose purpose = Purpose::both;
    State state = State::draft;
    Time since{};
    std::string profile, batch, reason;
  };
  /// As list(), for many: reads only what is shown.
  [[nodiscard]] std::vector<Line> overview(const Filter& filter = {}) const;
  /// How many are in each state, and since when the longest; only states that occur.
  struct Standing {
    std::int64_t count = 0;
    Time oldest{};
  };
  [[nodiscard]] std::map<State, Standing> by_state() const;
  /// Oldest first.
  [[nodiscard]] std::vector<Transition> history(std::int64_t id) const;

  /// Moves `request` on and stores all that its fields say (its state is the one from which it
  /// moves; wish, purpose and renews never change). `also` runs in the same transaction.
  using Also = std::function<void(Database::Session&)>;
  Request advance(Request request, State to, const Cause& cause, const Also& also = {});

  /// From now on somebody else answers for the mailbox: in all its requests by this CA profile.
  Request entrust(Request request, const Address& owner, const std::optional<Address>& deputy,
                  const Cause& cause);

  /// Stores what a request has learned without moving: transaction, next_try, attempts, reason.
  Request note(Request request);

  /// Puts the profile's csr-ready requests that are in no batch into a new one, "2026-0007"; a
  /// batch that has been begun and has csr-ready requests left comes first. Empty if there is
  /// nothing to be put into one.
  [[nodiscard]] std::string assign_batch(const std::string& profile);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace siegel::pki::enrol
