#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "config/values.h"
#include "pki/statuses.h"
#include "tests/pki/forge.h"
#include "tests/pki/list_server.h"
#include "tests/pki/responder.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {

using pki::PathStatus;
using pki::StatusNeed;

inline constexpr auto ends_soon = 3h;

/// An authority without lists, a server that says what a test wants it to, and the task that asks
/// it.
class Statuses : public StoreTest {
 protected:
  Statuses() { clock_.set(SystemClock().now()); }  // real responders live in real time

  // --- certificates

  /// anna's certificate; `extensions` say where its status can be asked for.
  [[nodiscard]] Pair peer(
      const std::vector<std::pair<std::string, std::string>>& extensions) const {
    Forgery forgery;
    forgery.common_name = "Anna";
    forgery.san_emails = {anna};
    forgery.extensions = extensions;
    forgery.not_before = clock_.now() - one_day;
    forgery.not_after = clock_.now() + one_day * 300;
    const auto key = PrivateKey::generate(pki::KeyType::p256);
    return {forge(forgery, key, silent_), key};
  }
  [[nodiscard]] Pair peer_with_responder(const std::string& url) const {
    return peer({{"authorityInfoAccess", "OCSP;URI:" + url}});
  }
  /// A responder of its own; `more` extensions than it needs.
  [[nodiscard]] LocalCa delegate(const std::vector<std::pair<std::string, std::string>>& more = {
                                     {"noCheck", "ignored"}}) const {
    Forgery forgery;
    forgery.common_name = "OCSP-Auskunft";
    forgery.extensions = {{"keyUsage", "critical,digitalSignature"},
                          {"extendedKeyUsage", "OCSPSigning"}};
    forgery.extensions.insert(forgery.extensions.end(), more.begin(), more.end());
    forgery.not_before = clock_.now() - one_day;
    forgery.not_after = clock_.now() + one_day;
    const auto key = PrivateKey::generate(pki::KeyType::p256);
    return {forge(forgery, key, silent_), key};
  }
  [[nodiscard]] StatusNeed need(const Pair& pair) const {
    return {pair.certificate, silent_.certificate()};
  }
  /// Serves `octets` and counts how often.
  void serve_counted(const std::string& path, const std::string& octets) {
    server_.serve(path, [this, octets](auto&, auto& response) {
      ++requests_;
      response.sendBuffer(octets.data(), octets.size());
    });
  }
  /// What `signer` says of `about` when asked for it once more.
  void serve_answer(const std::string& path, const ForgedAnswer& answer, const Pair& about,
                    const LocalCa& signer) {
    serve_counted(path, forge_answer(answer, need(about), signer));
  }
  [[nodiscard]] ForgedAnswer good(std::chrono::hours age = 1h) const {
    return {.this_update = clock_.now() - age, .next_update = clock_.now() + ends_soon};
  }

  // --- what happens

  void allow(const std::vector<std::string>& hosts) {
    configure([&](auto& config) {
      config.revocation.hosts.clear();
      for (const auto& host : hosts)
        config.revocation.hosts.push_back(
            config::Form<config::HostPattern>::read(host, {}).value());
    });
  }
  void allow_server() { allow({server_.url("").substr(7)}); }
  /// A message signed with this certificate: what its path is worth, and what it leaves to ask.
  PathStatus message(const Pair& pair) {
    const auto path =
        store_.trust()->validate(pair.certificate, {}, pki::Purpose::sign, clock_.now());
    store_.note_wanted(path.wanted, clock_.now());
    return path.status;
  }
  pki::StatusRound round() {
    return pki::refresh_statuses(store_, pki::GuardedFetch(config_->revocation.hosts), clock_,
                                 log_);
  }
  [[nodiscard]] std::string trouble() const {
    const auto wanted = store_.wanted_statuses();
    return wanted.empty() ? "none" : wanted.front().trouble;
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }

  std::atomic<int> requests_ = 0;
  ListServer server_;
  LocalCa silent_ = [this] {  // an anchor without any list
    const auto ca = new_authority("Listenlose CA");
    store_.add_anchor({ca.certificate(), config::RevocationMode::hard_fail, "test"});
    return ca;
  }();
  Log log_ = Log::to_file((folder_ / "log").string());
};

}  // namespace siegel::tests
