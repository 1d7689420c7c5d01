#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/address.h"
#include "pki/certificate.h"
#include "pki/provenance.h"

namespace siegel::pki::discovery {

/// Bounds of what is taken from one place for one address.
inline constexpr std::size_t finds_limit = 10;
inline constexpr std::size_t find_octets_limit = std::size_t{64} << 10U;

/// What a place gave for an address. Nobody has vouched for any of it.
struct Finds {
  std::vector<Certificate> certificates;  ///< at most `finds_limit`; perhaps some of authorities
  std::vector<std::string> openpgp;       ///< transferable keys as they came, unread
  std::string trouble;                    ///< what was passed over, as a sentence; else empty
  bool is_partial = false;  ///< one of several questions has no answer: there may be more

  [[nodiscard]] bool is_empty() const { return certificates.empty() && openpgp.empty(); }
};

/// Seam: somewhere where keys of others are published. Immutable or thread-safe.
class Place {
 public:
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  virtual ~Place() = default;

  /// The rank of what comes from there.
  [[nodiscard]] virtual Provenance provenance() const = 0;
  /// True if it may be asked for `address`, by the configuration.
  [[nodiscard]] virtual bool serves(const Address& address) const = 0;
  /// Who is asked for `address`, for people; and whose fault it is if there is no answer:
  /// "ldaps://directory.pki.example", "wkd of presse.example".
  [[nodiscard]] virtual std::string asked(const Address& address) const = 0;
  /// What is published for `address`. Throws Error{world} if nothing can be had within `patience`.
  [[nodiscard]] virtual Finds ask(const Address& address,
                                  std::chrono::milliseconds patience) const = 0;
};

/// True if `domains` are empty or hold the address's.
[[nodiscard]] inline bool is_among(const std::vector<std::string>& domains,
                                   const Address& address) {
  return domains.empty() ||
         std::find(domains.begin(), domains.end(), address.domain()) != domains.end();
}

}  // namespace siegel::pki::discovery
