#include "pki/loose_openpgp_keys.h"

#include <algorithm>

#include "base/error.h"

namespace siegel::pki {
namespace {

/// An operator knows what he names.
constexpr Gpg::KeyLimits for_operators{std::size_t{1} << 20U, 100, 200, 50};

/// As LooseKeys: `siegel explain` looks at addresses ignoring the case of the local part.
constexpr auto folds = true;

}  // namespace

LooseOpenPgpKeys::LooseOpenPgpKeys(const std::filesystem::path& directory)
    : gpg_({.directory = directory}, {[this](const std::string& id) { return secret(id); },
                                      [this] {
                                        std::vector<std::string> ids;
                                        for (const Gpg::Pair& each : own_)
                                          ids.push_back(each.key.fingerprint());
                                        return ids;
                                      }}) {}

void LooseOpenPgpKeys::believe(std::string_view octets) {
  Gpg::Read read = gpg_.read(octets, for_operators);
  if (read.keys.empty() || !read.trouble.empty()) throw Error(Fault::peer, read.trouble);
  std::ranges::move(read.keys, std::back_inserter(believed_));
}

void LooseOpenPgpKeys::add_own(std::string_view octets, const Secret& passphrase) {
  own_.push_back(gpg_.take(octets, passphrase));
}

std::optional<Secret> LooseOpenPgpKeys::secret(std::string_view fingerprint_or_id) const {
  for (const Gpg::Pair& each : own_) {
    if (each.key.holds(fingerprint_or_id)) return Secret(std::string(each.secret.octets()));
  }
  return std::nullopt;
}

std::optional<OpenPgpKey> LooseOpenPgpKeys::signer(const Address& mailbox, Time at) const {
  for (const Gpg::Pair& each : own_) {
    if (each.key.names(mailbox, folds) && each.key.signing(at) != nullptr) return each.key;
  }
  return std::nullopt;
}

std::string LooseOpenPgpKeys::why_no_signer(const Address& mailbox, Time at) const {
  if (signer(mailbox, at)) return {};
  return "no --key holds an OpenPGP key that signs for " + mailbox.str();
}

std::optional<OpenPgpKey> LooseOpenPgpKeys::own_encryption(const Address& mailbox, Time at) const {
  for (const Gpg::Pair& each : own_) {
    if (each.key.names(mailbox, folds) && each.key.encrypting(at) != nullptr) return each.key;
  }
  return std::nullopt;
}

std::vector<OpenPgpPeer> LooseOpenPgpKeys::peers(const Address& address, Time at) const {
  std::vector<OpenPgpPeer> found = known(address);
  std::erase_if(found, [&](const OpenPgpPeer& each) { return each.key.encrypting(at) == nullptr; });
  return found;
}

std::vector<OpenPgpPeer> LooseOpenPgpKeys::known(const Address& address) const {
  std::vector<OpenPgpPeer> found;
  for (const OpenPgpKey& each : believed_) {
    if (each.names(address, folds)) found.push_back({address, each, Provenance::admin});
  }
  return found;
}

Learned LooseOpenPgpKeys::learn(const HarvestedOpenPgp&, Time) {
  return Learned::ignored;
}

}  // namespace siegel::pki
