#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "pki/enrol/term.h"

/// Who has to be reminded of what (STANDARDS §6.4). Nothing here sends or stores anything.
namespace siegel::pki::enrol {

enum class Occasion {
  ends,     ///< nothing that is in service replaces a certificate that ends soon, or has ended
  refused,  ///< the request came to a state that only a person can end
  late,     ///< the request waits for a person longer than its state has patience
};

/// How far it is told; each includes those before it.
enum class Circle { owner, deputy, team };

/// Something that a person should see to.
struct Matter {
  Occasion occasion = Occasion::late;
  Address mailbox;
  Purpose purpose = Purpose::both;
  Circle circle = Circle::owner;
  std::string about;                 ///< "certificate FINGERPRINT of MAILBOX" or "request 17"
  std::string step;                  ///< which of its reminders this is: "ends-30"
  Time due{};                        ///< when the certificate ends, or patience did
  std::int64_t days_left = 0;        ///< of the certificate; as in Term
  std::optional<Address> owner{};    ///< nothing if the certificate was imported by hand
  std::optional<Address> deputy{};   ///< as above, or if there is none
  std::optional<Request> request{};  ///< what has to go on: of `ends`, the successor if one is
                                     ///< under way, else the certificate's own
};

/// A certificate that ends: one step each at 60, 30, 14, 7, 3 and 1 days and when it has ended.
/// Owner; from 14 days on the deputy as well; from 7 days on the team too. Nothing before that.
[[nodiscard]] std::optional<Matter> matter_of(const Term& term,
                                              const std::optional<Request>& successor);

/// A request that waits for a person: one step at once if it was refused, one when it is late, one
/// when it is late by its state's patience again, and then for the deputy as well.
/// REQUIRES: waits_for_person.
[[nodiscard]] std::optional<Matter> matter_of(const Request& request, Time now);

/// Nobody but a person can make it go on: at the registration authority, or one of ours. A request
/// that goes by files waits for whoever exports it.
[[nodiscard]] bool waits_for_person(const Office& office, const Request& request);

/// All matters of the present.
[[nodiscard]] std::vector<Matter> matters(const Office& office);

/// That somebody was told of a step. `person` is an address, or `the_log`.
struct Told {
  std::string about, step, person;
  auto operator<=>(const Told&) const = default;
};
inline constexpr auto the_log = "log";

/// To whom each matter is told by mail that has not been told of it: by address, or the_log where
/// there is nobody to be told, or no sender is configured.
[[nodiscard]] std::map<std::string, std::vector<Matter>> digests(
    const std::vector<Matter>& matters, const config::EnrolmentSettings& settings,
    const std::set<Told>& told);

}  // namespace siegel::pki::enrol
