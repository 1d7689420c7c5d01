#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pki/local_ca.h"
#include "pki/store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

using namespace std::chrono_literals;
using pki::Certificate;
using pki::Learned;
using pki::LocalCa;
using pki::PrivateKey;
using pki::Usage;

inline constexpr std::chrono::hours one_day{24};
inline constexpr auto bauamt = "bauamt@stadt.example";
inline constexpr auto anna = "anna@firma.example";

inline Address address(const std::string& text) {
  return Address::parse(text).value();
}

/// A certificate and the key that belongs to it.
struct Pair {
  Certificate certificate;
  PrivateKey key;
};

/// A key store on a database of its own, one trusted authority with a current list, and one that
/// nobody knows.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    trust(authority_);
    store_.add_mailbox(address(bauamt), "Bauamt");
  }

  // --- what authorities do

  struct Wish {
    std::string address = bauamt;
    Usage usage = Usage::both;
    std::chrono::hours age = one_day * 10;
    std::chrono::hours life = one_day * 365;
    pki::KeyType type = pki::KeyType::p256;
  };
  [[nodiscard]] Pair issue(const Wish& wish) const { return issue_by(authority_, wish); }
  [[nodiscard]] Pair issue_by(const LocalCa& authority, const Wish& wish) const {
    const auto key = PrivateKey::generate(wish.type);
    const Time from = clock_.now() - wish.age;
    return {authority.issue(
                {"GRP: " + wish.address, {wish.address}, wish.usage, from, from + wish.life}, key),
            key};
  }
  [[nodiscard]] LocalCa new_authority(const std::string& name,
                                      pki::KeyType type = pki::KeyType::p256) const {
    return LocalCa::make("Prüfstadt", name, type, *parse_rfc3339("2025-01-01"));
  }
  /// Makes it an anchor with a current, empty list.
  void trust(const LocalCa& authority,
             config::RevocationMode mode = config::RevocationMode::hard_fail) {
    store_.add_anchor({authority.certificate(), mode, "test"});
    publish(authority, {});
  }
  pki::KeyStore::CrlTaken publish(const LocalCa& authority,
                                  const std::vector<Certificate>& revoked) {
    return store_.keep_crl(list(authority, revoked, ++list_number_), "test");
  }
  [[nodiscard]] pki::Crl list(const LocalCa& authority, const std::vector<Certificate>& revoked,
                              std::uint64_t number) const {
    return authority.revoke(revoked, number, clock_.now() - 1h, clock_.now() + one_day * 365 * 3);
  }

  // --- what operators do

  pki::Imported install(const Pair& pair, const std::string& mailbox = bauamt) {
    return store_.import(address(mailbox), {{pair.certificate}, {pair.key}});
  }
  /// Changes the settings in force.
  template <typename Change>
  void configure(Change change) {
    config::Config changed = *config_;
    change(changed);
    config_ = std::make_shared<const config::Config>(std::move(changed));
    store_.use(config_);
  }

  // --- what mail does

  [[nodiscard]] pki::Harvested harvested(const Pair& pair, const std::string& from = anna) const {
    return {address(from), pair.certificate, {}, {}, clock_.now(), "m-1", "signed by " + from};
  }
  Learned learn(const Pair& pair, const std::string& from = anna) {
    return store_.learn(harvested(pair, from), clock_.now());
  }
  [[nodiscard]] std::vector<std::string> usable(const std::string& of = anna) const {
    std::vector<std::string> fingerprints;
    for (const auto& peer : store_.peers(address(of), clock_.now())) {
      fingerprints.push_back(peer.certificate.fingerprint());
    }
    return fingerprints;
  }
  [[nodiscard]] std::string signer(const std::string& mailbox = bauamt) const {
    const auto key = store_.signer(address(mailbox), clock_.now());
    return key ? key->certificate.fingerprint() : "none";
  }
  [[nodiscard]] std::string why_no_signer(const std::string& mailbox = bauamt) const {
    return store_.why_no_signer(address(mailbox), clock_.now());
  }
  /// "action subject" of the newest event.
  [[nodiscard]] std::string last_event() const {
    const auto events = store_.trust_events(1);
    return events.empty() ? "none" : events.front().action + ' ' + events.front().subject;
  }

  [[nodiscard]] std::string database_url() const { return "sqlite:" + (folder_ / "db").string(); }
  [[nodiscard]] static pki::Seal seal(unsigned char octet = 7) {
    std::array<unsigned char, 32> key{};
    key.fill(octet);
    return pki::Seal(key);
  }

  TemporaryDirectory folder_;
  ManualClock clock_;
  LocalCa authority_ = new_authority("Behörden-CA");
  std::shared_ptr<const config::Config> config_ = std::make_shared<const config::Config>();
  Database database_{database_url()};
  pki::KeyStore store_{database_, seal(), config_, clock_};
  std::uint64_t list_number_ = 0;
};

/// Runs `work` and gives the Error that it ends with.
template <typename Work>
std::optional<Error> error_of(Work&& work) {
  try {
    work();
  } catch (const Error& problem) {
    return problem;
  }
  return std::nullopt;
}

}  // namespace siegel::tests
