#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "pki/discovery/breaker.h"
#include "pki/discovery/place.h"

namespace siegel::pki::discovery {

/// What came of asking one place.
struct Answer {
  enum class Outcome {
    found,
    none,
    failed,   ///< no answer, or none that makes sense
    resting,  ///< not asked: it has failed too often of late
  };
  std::string asked;  ///< Place::asked
  Provenance provenance = Provenance::dns;
  Outcome outcome = Outcome::none;
  Finds finds{};
  std::string trouble{};  ///< for an operator: why it failed, or what was passed over
};
[[nodiscard]] std::string_view name(Answer::Outcome outcome) noexcept;

/// Asks the places for keys of one address after the other, best rank first, each behind a circuit
/// breaker, and remembers for a while whom it has asked for. What it finds are candidates.
/// Thread-safe.
class Finder {
 public:
  struct Terms {
    std::chrono::milliseconds patience{5000};  ///< for one question
    std::chrono::seconds keep{86400};          ///< how long it is known that there was a key
    std::chrono::seconds keep_none{3600};      ///< how long, that there was none
  };
  /// Takes an answer, and tells whether it was of use; then nobody else is asked.
  using Taker = std::function<bool(const Answer&)>;

  /// The clock outlives it.
  Finder(std::vector<std::unique_ptr<Place>> places, Terms terms, const Clock& clock);

  /// True if some place may be asked for `address`, and none was of late.
  [[nodiscard]] bool is_worth_asking(const Address& address) const;
  /// Asks now, whatever is remembered. An exception of `take` passes through.
  void find(const Address& address, const Taker& take);

 private:
  [[nodiscard]] bool taken(const Answer& answer, const Address& address, const Taker& take);
  [[nodiscard]] Answer ask(const Place& place, const Address& address);
  [[nodiscard]] bool admits(const std::string& asked);
  void note(const std::string& asked, Answer::Outcome outcome);
  void remember(const Address& address, std::chrono::seconds time);

  std::vector<std::unique_ptr<Place>> places_;  // best rank first
  Terms terms_;
  const Clock& clock_;
  Guarded<std::map<std::string, Breaker>> breakers_;  // by whom it is about
  Guarded<std::map<Address, Time>> remembered_;       // until when
};

}  // namespace siegel::pki::discovery
