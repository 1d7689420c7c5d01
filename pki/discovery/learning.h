#pragma once

#include <string>
#include <vector>

#include "pki/discovery/finder.h"
#include "pki/keys.h"

namespace siegel::pki::discovery {

/// What became of one key that was found.
struct Lesson {
  std::string fingerprint;  ///< empty if it could not be read
  Learned learned = Learned::ignored;
  std::string trouble{};  ///< for an operator: why it could not be read, and what to do
};

/// Gives the candidates of an answer to `keys`, which check them as all others: address, usage,
/// path and revocation, ranks and pinning; OpenPGP keys are read first, within the
/// bounds of STANDARDS §4.3.4. Throws Error{world} if the keys cannot be asked.
[[nodiscard]] std::vector<Lesson> learn(Keys& keys, const Address& address, const Answer& answer,
                                        Time at);

/// True if a key is in use now that was found, or is the same as one in use.
[[nodiscard]] bool is_of_use(const std::vector<Lesson>& lessons);

}  // namespace siegel::pki::discovery
