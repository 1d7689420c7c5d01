#include "pki/openpgp_key.h"

#include <algorithm>

namespace siegel::pki {
namespace {

constexpr std::size_t key_id_digits = 16;
/// STANDARDS §5.4: clocks differ, and mail that is under way was received before it is looked at.
constexpr std::chrono::seconds clock_skew{300};

bool is_fit(const OpenPgpSubkey& key, Time at) {
  return !key.is_revoked && key.strength != Strength::refused &&
         key.strength != Strength::unsupported && key.created <= at + clock_skew &&
         (!key.expires || at < *key.expires);
}

template <typename May>
const OpenPgpSubkey* newest(const std::vector<OpenPgpSubkey>& subkeys, Time at, May may) {
  if (!is_fit(subkeys.front(), at)) return nullptr;
  const OpenPgpSubkey* chosen = nullptr;
  for (const OpenPgpSubkey& each : subkeys) {
    if (!may(each) || !is_fit(each, at)) continue;
    if (chosen == nullptr || chosen->created <= each.created) chosen = &each;
  }
  return chosen;
}

/// The earlier of two ends, either of which may be "never".
std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

std::string OpenPgpSubkey::key_id() const {
  return fingerprint.size() < key_id_digits
             ? fingerprint
             : fingerprint.substr(fingerprint.size() - key_id_digits);
}

bool OpenPgpKey::names(const Address& address, bool folds) const {
  return std::ranges::any_of(user_ids, [&](const OpenPgpUserId& each) {
    if (each.is_revoked || !each.address) return false;
    return *each.address == address || (folds && each.address->equals_folded(address));
  });
}

bool OpenPgpKey::holds(std::string_view fingerprint_or_id) const {
  return std::ranges::any_of(subkeys, [&](const OpenPgpSubkey& each) {
    return each.fingerprint == fingerprint_or_id || each.key_id() == fingerprint_or_id;
  });
}

const OpenPgpSubkey* OpenPgpKey::encrypting(Time at) const {
  return newest(subkeys, at, [](const OpenPgpSubkey& each) { return each.may_encrypt; });
}

const OpenPgpSubkey* OpenPgpKey::signing(Time at) const {
  return newest(subkeys, at, [](const OpenPgpSubkey& each) { return each.may_sign; });
}

std::optional<Time> OpenPgpKey::expires() const {
  std::optional<Time> last = Time{};  // of a key that cannot encrypt at all: long ago
  for (const OpenPgpSubkey& each : subkeys) {
    if (!each.may_encrypt || !is_fit(each, each.created) || subkeys.front().is_revoked) continue;
    const auto end = earlier(each.expires, subkeys.front().expires);
    if (!end) return std::nullopt;
    last = std::max(*last, *end);
  }
  return last;
}

std::string in_groups(std::string_view fingerprint) {
  std::string text;
  for (std::size_t i = 0; i < fingerprint.size(); ++i) {
    if (i > 0 && i % 4 == 0) text += ' ';
    text += fingerprint[i];
  }
  return text;
}

}  // namespace siegel::pki
