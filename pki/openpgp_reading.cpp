#include "pki/openpgp_reading.h"

#include "base/error.h"

namespace siegel::pki {
namespace {

constexpr std::size_t most_remembered = 2000;
/// What was kept once must be readable, whatever the limits are for what comes in.
constexpr Gpg::KeyLimits as_stored{std::size_t{1} << 20U, 1, 1000, 200};

OpenPgpKey read_anew(const Gpg& gpg, const std::string& octets) {
  Gpg::Read read = octets.empty() ? Gpg::Read{} : gpg.read(octets, as_stored);
  if (read.keys.size() == 1) return std::move(read.keys.front());
  throw Error(Fault::ours, "the set-up is broken",
              "the database holds an OpenPGP key that cannot be read; restore it from the backup" +
                  (read.trouble.empty() ? std::string() : " (" + read.trouble + ")"));
}

}  // namespace

OpenPgpKey OpenPgpReading::read(const Gpg& gpg, const std::string& octets) const {
  auto known = read_.with([&](const auto& keys) -> std::optional<OpenPgpKey> {
    const auto found = keys.find(octets);
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  });
  if (known) return *std::move(known);
  OpenPgpKey key = read_anew(gpg, octets);
  read_.with([&](auto& keys) {
    if (keys.size() >= most_remembered) keys.clear();
    keys.emplace(octets, key);
  });
  return key;
}

}  // namespace siegel::pki
