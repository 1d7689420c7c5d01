#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/database.h"
#include "gateway/transfer/code_way.h"
#include "gateway/transfer/link_secret.h"
#include "gateway/transfer/links.h"
#include "pki/seal.h"

namespace siegel::transfer {

/// What only the links to whole messages have: a code that is sent by a second way, in place of a
/// password, and answers. The code is our door, not the lock: what seals the message is the link's
/// secret, which nobody here keeps (docs/ARCHITECTURE.md). Thread-safe.
class Pickups {
 public:
  static constexpr std::chrono::minutes code_life{10};
  static constexpr std::chrono::hours code_period{1};
  static constexpr std::int64_t wrong_codes = 5, codes_in_period = 5, most_answers = 20;

  Pickups(Database& database, const pki::Seal& seal, const Clock& clock)
      : database_(database), seal_(seal), clock_(clock) {}

  /// REQUIRES: visit.needs_code.
  [[nodiscard]] CodeWay code_way(const Visit& visit) const;
  /// Eight digits, which stand nowhere here; from now on the one before is void. Nothing if this
  /// link has had too many of late.
  [[nodiscard]] std::optional<pki::Secret> make_code(const Visit& visit, const LinkSecret& secret);

  enum class Checked {
    right,  ///< used up by this
    wrong,
    over,  ///< there is none that could be right: expired, or too many were wrong
  };
  /// Blanks and dashes do not matter. The attempt is counted before it is made.
  [[nodiscard]] Checked check(const Visit& visit, const LinkSecret& secret, std::string_view code);

  /// False if this link was answered too often. `lookup` is the link's.
  [[nodiscard]] bool take_answer(const std::string& lookup);

 private:
  Database& database_;
  const pki::Seal& seal_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
