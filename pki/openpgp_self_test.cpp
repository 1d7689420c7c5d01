#include "pki/openpgp_self_test.h"

#include <algorithm>
#include <array>

namespace siegel::pki {
namespace {

constexpr std::string_view entity =
    "Content-Type: text/plain; charset=us-ascii\r\n\r\nSelf-test of a new key.\r\n";

Octets text() {
  return Octets(Blob(std::string(entity)));
}

std::optional<std::string> try_signing(const Gpg& gpg, const OpenPgpKey& key) {
  const auto made = gpg.sign(text(), key);
  const std::array candidates{key};
  const auto seen = gpg.verify(made.armoured, entity, candidates);
  const bool is_good = seen.size() == 1 && key.holds(seen.front().fingerprint) &&
                       seen.front().outcome == OpenPgpSignature::Outcome::good;
  if (is_good) return std::nullopt;
  return "what it signed does not verify";
}

std::optional<std::string> try_encryption(const Gpg& gpg, const OpenPgpKey& key, Time at) {
  const std::array recipients{key};
  const OpenPgpDecrypted opened = gpg.decrypt(gpg.encrypt(text(), recipients, at), {});
  const bool is_same =
      opened.outcome == OpenPgpDecrypted::Outcome::opened && opened.content == entity;
  if (is_same) return std::nullopt;
  return "what was encrypted to it cannot be opened";
}

}  // namespace

std::optional<std::string> self_test(const Gpg& gpg, const OpenPgpKey& key, Time at) {
  if (key.signing(at) != nullptr)
    if (auto trouble = try_signing(gpg, key)) return trouble;
  if (key.encrypting(at) != nullptr) return try_encryption(gpg, key, at);
  return std::nullopt;
}

}  // namespace siegel::pki
