#pragma once

#include <string>
#include <string_view>

#include "pki/secret.h"

namespace siegel::transfer {

/// How dear one guess is: passes and memory of RFC 9106 §4, second recommended option (where memory
/// is scarce), on one lane, because a server has others to serve meanwhile.
struct PasswordCosts {
  std::uint32_t passes = 3;
  std::uint32_t kibibytes = 64U << 10U;
};

/// One that has fewer characters than this is guessed in spite of what a guess costs.
constexpr std::size_t least_password = 8;
/// False for none at all. Counts code points.
[[nodiscard]] bool is_short(std::string_view password);

/// 16 random octets in hexadecimal, a new one for each password.
[[nodiscard]] std::string new_password_salt();

/// Argon2id (RFC 9106): 32 octets that whoever guesses must pay for. One thread, `costs.kibibytes`
/// of memory for as long as it lasts; who calls it bounds how many run at once. Throws Error{world}
/// if the memory is not there.
[[nodiscard]] pki::Secret stretch(const pki::Secret& password, std::string_view salt,
                                  const PasswordCosts& costs = {});

}  // namespace siegel::transfer
