#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pki/algorithms.h"

namespace siegel::pki {

/// A key or subkey as gpg describes it.
struct OpenPgpSubkey {
  std::string fingerprint;  ///< 40 hexadecimal digits, upper case (v4)
  std::string algorithm;    ///< "ed25519", "cv25519", "rsa3072"
  Time created{};
  std::optional<Time> expires{};
  bool is_revoked = false;
  bool may_sign = false, may_encrypt = false;  ///< by its flags (RFC 4880 §5.2.3.21)
  Strength strength = Strength::ok;            ///< STANDARDS §4.3.1
  /// The 16 last digits of the fingerprint: how messages name it.
  [[nodiscard]] std::string key_id() const;
};

struct OpenPgpUserId {
  std::string text;                ///< printable (R-14); "Bauamt <bauamt@stadt.example>"
  std::optional<Address> address;  ///< the only address in it, if there is just one
  bool is_revoked = false;
};

/// A public key (RFC 4880, v4): the transferable key and what gpg reads in it. A value: cheap
/// enough to copy once per message, safe to share. Made by Gpg only.
struct OpenPgpKey {
  std::string octets;                  ///< binary, as it is stored and sent
  std::vector<OpenPgpSubkey> subkeys;  ///< the primary key first; never empty
  std::vector<OpenPgpUserId> user_ids;

  [[nodiscard]] const std::string& fingerprint() const { return subkeys.front().fingerprint; }
  /// True if a user id that is not revoked has this address, ignoring the case of the local part if
  /// `folds`.
  [[nodiscard]] bool names(const Address& address, bool folds) const;
  /// True if primary key or subkey has this fingerprint, or this key id of 16 digits.
  [[nodiscard]] bool holds(std::string_view fingerprint_or_id) const;
  /// The newest subkey that is fit at `at`: not revoked, not expired, begun, of an algorithm that
  /// is not refused, and of a primary key of which the same is true. nullptr if there is none.
  [[nodiscard]] const OpenPgpSubkey* encrypting(Time at) const;
  [[nodiscard]] const OpenPgpSubkey* signing(Time at) const;
  /// When it will no longer encrypt; nothing: never.
  [[nodiscard]] std::optional<Time> expires() const;
  [[nodiscard]] bool operator==(const OpenPgpKey& other) const { return octets == other.octets; }
};

/// "9F86 D081 884C …": in groups of four, for people who compare.
[[nodiscard]] std::string in_groups(std::string_view fingerprint);

}  // namespace siegel::pki
