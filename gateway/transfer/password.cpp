#include "gateway/transfer/password.h"

#include <algorithm>

#include <argon2.h>

#include "base/error.h"
#include "base/random.h"

namespace siegel::transfer {
namespace {

constexpr std::size_t made_octets = 32, salt_octets = 16;

}  // namespace

bool is_short(std::string_view password) {
  const auto is_first = [](char octet) {
    return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U;
  };
  return !password.empty() &&
         static_cast<std::size_t>(std::ranges::count_if(password, is_first)) < least_password;
}

std::string new_password_salt() {
  return random_hex(salt_octets);
}

pki::Secret stretch(const pki::Secret& password, std::string_view salt,
                    const PasswordCosts& costs) {
  std::string made(made_octets, '\0');
  const std::string_view text = password.octets();
  const int result = argon2id_hash_raw(costs.passes, costs.kibibytes, 1, text.data(), text.size(),
                                       salt.data(), salt.size(), made.data(), made.size());
  if (result != ARGON2_OK)
    throw Error(Fault::world, "passwords cannot be checked just now; try again in a minute",
                argon2_error_message(result));
  return pki::Secret(std::move(made));
}

}  // namespace siegel::transfer
