#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <semaphore>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/returning.h"
#include "pki/gpg.h"
#include "pki/gpg_context.h"
#include "pki/gpg_home.h"
#include "pki/gpg_watchdog.h"

namespace siegel::pki::gpg {

/// The workbench: one home, the contexts that work in it, and what lies in it as far as we know.
/// What we know may be wrong (the folder was emptied, the agent killed): an operation that fails
/// calls `lose` and tries again.
class Bench {
 public:
  /// `patience`: for one operation, and for one's turn.
  Bench(Gpg::Settings settings, Gpg::SecretSource secrets,
        std::chrono::milliseconds patience = longest_operation);

  [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }
  [[nodiscard]] const Gpg::Settings& settings() const { return settings_; }
  [[nodiscard]] const Home& home() const { return home_; }

  /// What `work(context)` returns, when it is its turn. Results must be copied out of the context.
  /// Throws Error{world} if its turn does not come in time, or gpg does not answer in time.
  template <typename Work>
  auto with_context(Work&& work) {
    take_turn();
    const Returning returning(turns_);
    restore();
    Context context = take();
    auto result = in_time(home_, patience_, [&] { return work(context.get()); });
    home_.meet_agent();
    contexts_.with([&](auto& idle) { idle.push_back(std::move(context)); });
    return result;
  }

  /// Before an operation that brings so many keys of others: if there are too many by now, all of
  /// them go. Waits until nobody works.
  void make_room(std::size_t keys);
  /// Imports those that are not there yet.
  void bring(gpgme_ctx_t context, std::span<const OpenPgpKey> keys);
  /// Imports our secret key, if it is not there yet. False if we have none of that id.
  bool bring_secret(gpgme_ctx_t context, const std::string& fingerprint_or_id);
  [[nodiscard]] std::vector<std::string> all_secrets() const;
  /// The fingerprint of our primary key on the bench that this is an id of, or empty.
  [[nodiscard]] std::string own(const std::string& fingerprint_or_id) const;
  /// Our key as GpgME wants it for signing; nullptr if gpg does not find it.
  KeyHandle signer(gpgme_ctx_t context, const std::string& fingerprint);
  /// True if gpg did not know a key of a signature that it has taken before.
  [[nodiscard]] bool has_lost(std::span<const OpenPgpSignature> found,
                              std::span<const OpenPgpKey> candidates) const;

  /// They may no longer be there.
  void lose(std::span<const OpenPgpKey> keys);
  void lose_secret(const std::string& fingerprint_or_id);
  /// All keys go. Waits until nobody works.
  void empty();

 private:
  struct Content {
    std::map<std::string, bool> taken;       ///< keys of others by a digest of their octets
    std::map<std::string, std::string> own;  ///< any id asked for → fingerprint
    std::map<std::string, KeyHandle> signers;
  };

  void restore();
  void take_turn();
  /// Its fingerprint; empty if gpg refuses it.
  std::string import_secret(gpgme_ctx_t context, const Secret& secret) const;
  [[nodiscard]] bool has_taken(const OpenPgpKey& key) const;
  Context take();

  Gpg::Settings settings_;
  Gpg::SecretSource secrets_;
  Home home_;
  std::counting_semaphore<> turns_;
  const std::chrono::milliseconds patience_;
  std::mutex emptying_, importing_;
  Guarded<std::vector<Context>> contexts_;
  Guarded<Content> content_;
};

}  // namespace siegel::pki::gpg
