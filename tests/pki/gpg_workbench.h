#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/guarded.h"
#include "pki/gpg.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A gpg with a short folder of its own, and the secret keys that it may ask for.
class GpgWorkbench {
 public:
  explicit GpgWorkbench(pki::Gpg::Settings settings = {})
      : gpg_(with_directory(std::move(settings)), source()) {}

  [[nodiscard]] const pki::Gpg& gpg() const { return gpg_; }
  const pki::Gpg* operator->() const { return &gpg_; }
  [[nodiscard]] std::filesystem::path directory() const { return folder_ / "gpg"; }

  /// A key of ours, of which the source knows the secret.
  pki::OpenPgpKey own(const std::string& address,
                      pki::Gpg::Kind kind = pki::Gpg::Kind::curve25519) {
    return keep(gpg_.make(*Address::parse(address), "Bauamt", kind, std::chrono::hours(24 * 365)));
  }
  pki::OpenPgpKey keep(pki::Gpg::Pair pair) {
    const std::string secret(pair.secret.octets());
    secrets_.with([&](auto& all) { all[pair.key.fingerprint()] = {pair.key, secret}; });
    return pair.key;
  }
  [[nodiscard]] std::string secret_of(const pki::OpenPgpKey& key) const {
    return secrets_.with([&](const auto& all) { return all.at(key.fingerprint()).second; });
  }
  void lose(const pki::OpenPgpKey& key) {
    secrets_.with([&](auto& all) { all.erase(key.fingerprint()); });
  }

 private:
  using Secrets = std::map<std::string, std::pair<pki::OpenPgpKey, std::string>>;

  pki::Gpg::Settings with_directory(pki::Gpg::Settings settings) const {
    settings.directory = directory();
    return settings;
  }
  pki::Gpg::SecretSource source() {
    return {[this](const std::string& id) { return find(id); },
            [this] {
              return secrets_.with([](const Secrets& all) {
                std::vector<std::string> ids;
                for (const auto& [fingerprint, secret] : all) ids.push_back(fingerprint);
                return ids;
              });
            }};
  }
  [[nodiscard]] std::optional<pki::Secret> find(const std::string& id) const {
    return secrets_.with([&](const Secrets& all) -> std::optional<pki::Secret> {
      for (const auto& [fingerprint, pair] : all) {
        if (pair.first.holds(id)) return pki::Secret(pair.second);
      }
      return std::nullopt;
    });
  }

  TemporaryDirectory folder_;
  Guarded<Secrets> secrets_;
  pki::Gpg gpg_;
};

}  // namespace siegel::tests
