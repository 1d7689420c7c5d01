#pragma once

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/sql.h"
#include "pki/openpgp_store.h"
#include "pki/store.h"
#include "tests/pki/gpg_command.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

using namespace std::chrono_literals;
using pki::Gpg;
using pki::Learned;
using pki::OpenPgpKey;
using pki::OpenPgpState;
using pki::OpenPgpStore;
using pki::Provenance;
using pki::Secret;

constexpr std::chrono::hours one_day{24};
constexpr std::string_view entity = "Content-Type: text/plain\r\n\r\nGuten Tag\r\n";

inline Address address(const std::string& text) {
  return Address::parse(text).value();
}

inline std::shared_ptr<const config::Config> settings(const std::filesystem::path& directory) {
  auto config = std::make_shared<config::Config>();
  config->openpgp.emplace().directory = directory;
  return config;
}

inline pki::Seal seal(unsigned char octet = 7) {
  std::array<unsigned char, 32> key{};
  key.fill(octet);
  return pki::Seal(key);
}

/// gpg asks the real clock: ours goes with it, a little ahead.
inline Time soon() {
  return SystemClock().now() + 60s;
}

template <typename Work>
std::string complaint_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// A key store with OpenPGP, a mailbox, and somebody who has a gpg of her own.
class OpenPgpStoreTest : public ::testing::Test {
 protected:
  OpenPgpStoreTest() { store_.add_mailbox(bauamt_, "Bauamt"); }

  // --- what operators do

  pki::OwnOpenPgpKey make() { return openpgp().make(bauamt_, "Bauamt", Gpg::Kind::curve25519); }
  [[nodiscard]] OpenPgpStore& openpgp() { return *store_.openpgp_store(); }
  template <typename Change>
  void configure(Change change) {
    config::Config changed = *config_;
    change(changed);
    config_ = std::make_shared<const config::Config>(std::move(changed));
    store_.use(config_);
  }
  void run(const std::string& statement) {
    database_.write([&](Database::Session& session) { sql::run(session, statement); });
  }
  [[nodiscard]] std::string last_event() const {
    const auto events = store_.trust_events(1);
    return events.empty() ? "none" : events.front().action + ' ' + events.front().subject;
  }

  // --- what others have

  [[nodiscard]] Gpg::Pair pair(const std::string& of = "anna@firma.example") const {
    return theirs_.make(address(of), "Anna", Gpg::Kind::curve25519, one_day * 365);
  }
  [[nodiscard]] OpenPgpKey key(const std::string& of = "anna@firma.example") const {
    return pair(of).key;
  }

  // --- what mail does

  Learned learn(const OpenPgpKey& key, Provenance provenance = Provenance::harvested) {
    return openpgp().learn(
        {anna_, key, provenance, false, clock_.now(), "m-1", "signed by anna@firma.example"},
        clock_.now());
  }
  [[nodiscard]] std::vector<std::string> usable(const Address& of) {
    std::vector<std::string> found;
    for (const auto& peer : openpgp().peers(of, clock_.now()))
      found.push_back(peer.key.fingerprint());
    return found;
  }
  [[nodiscard]] std::string signer() {
    const auto key = openpgp().signer(bauamt_, clock_.now());
    return key ? key->fingerprint() : "none";
  }
  /// Encrypted to `key` by a stranger, opened by us.
  [[nodiscard]] std::string opened(const OpenPgpKey& key) {
    const std::array recipients{key};
    const Octets text{Blob{std::string(entity)}};
    return openpgp().gpg().decrypt(theirs_.encrypt(text, recipients, clock_.now()), {}).content;
  }

  Address bauamt_ = address("bauamt@stadt.example"), anna_ = address("anna@firma.example");
  TemporaryDirectory folder_, theirs_folder_;
  ManualClock clock_{soon()};
  Gpg theirs_{{theirs_folder_ / "gpg"}, {}};
  std::shared_ptr<const config::Config> config_ = settings(folder_ / "gpg");
  Database database_{"sqlite:" + (folder_ / "db").string()};
  pki::KeyStore store_{database_, seal(), config_, clock_};
};

}  // namespace siegel::tests
