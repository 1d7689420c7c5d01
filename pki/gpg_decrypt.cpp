// Decrypting. Whatever fails, fails alike: at once if gpg itself says so of the message,
// else after one attempt more with everything brought anew.

#include <algorithm>
#include <map>
#include <set>

#include "pki/gpg.h"
#include "pki/gpg_bench.h"
#include "pki/gpg_signatures.h"
#include "pki/openpgp_packets.h"

namespace siegel::pki {
namespace {

using Outcome = OpenPgpDecrypted::Outcome;

constexpr int attempts = 4;

// --- what an attacker could make us compute: each try is a private-key operation

constexpr std::size_t most_session_keys = 2000;
constexpr std::size_t most_for_one_key = 8;
constexpr std::size_t most_hidden_tries = 200;

// --- what an attacker could make us hold

/// Text shrinks to a tenth, rarely to a hundredth; nothing that small does harm.
constexpr std::uint64_t most_expansion = 100;
constexpr std::uint64_t always_held = std::uint64_t{10} << 20U;

constexpr std::string_view hidden = "0000000000000000";  // RFC 4880 §5.1

bool is_excessive(const PacketEnvelope& envelope, std::size_t secrets) {
  if (envelope.key_ids.size() > most_session_keys) return true;
  std::map<std::string_view, std::size_t> counts;
  for (const std::string& each : envelope.key_ids) ++counts[each];
  return std::ranges::any_of(counts, [&](const auto& each) {
    return each.first == hidden ? each.second * secrets > most_hidden_tries
                                : each.second > most_for_one_key;
  });
}

/// RFC 9580 §5.13.2 and LibrePGP: gpg 2.2 knows neither.
bool is_of_a_later_form(const Packet& data) {
  return data.tag == PacketTag::aead_encrypted ||
         (data.tag == PacketTag::protected_encrypted && data.version() != 1);
}

/// The keys that a message may be for.
std::set<std::string> ids_of(const PacketEnvelope& envelope, const std::vector<std::string>& all) {
  std::set<std::string> ids(envelope.key_ids.begin(), envelope.key_ids.end());
  ids.erase(std::string{});
  if (ids.erase(std::string(hidden)) > 0) ids.insert(all.begin(), all.end());
  return ids;
}

bool hides_recipients(const PacketEnvelope& envelope) {
  return std::ranges::find(envelope.key_ids, hidden) != envelope.key_ids.end();
}

OpenPgpDecrypted only(Outcome outcome) {
  OpenPgpDecrypted result;
  result.outcome = outcome;
  return result;
}

/// One message, tried as often as the bench loses what it needs.
class Decryption {
 public:
  Decryption(gpg::Bench& bench, std::string_view message, const PacketEnvelope& envelope,
             const std::vector<std::string>& all)
      : bench_(bench),
        message_(message),
        ids_(ids_of(envelope, all)),
        tries_all_(hides_recipients(envelope)) {}

  OpenPgpDecrypted run(std::span<const OpenPgpKey> candidates) {
    for (left_ = attempts; left_ > 0; --left_) {
      auto result =
          bench_.with_context([&](gpgme_ctx_t context) { return attempt(context, candidates); });
      if (result) return std::move(*result);
      for (const std::string& id : ids_) bench_.lose_secret(id);
      bench_.lose(candidates);
    }
    throw gpg::failure(GPG_ERR_NO_AGENT, "decrypt");
  }

 private:
  /// Nothing if what was needed may have been lost meanwhile.
  std::optional<OpenPgpDecrypted> attempt(gpgme_ctx_t context,
                                          std::span<const OpenPgpKey> candidates) {
    if (!bring_secrets(context)) return only(Outcome::no_key);
    bench_.bring(context, candidates);
    const gpg::Home::Agent agent = bench_.home().agent();
    const gpg::Source source(message_);
    gpg::Sink sink(most_plaintext());
    const gpgme_error_t error = gpgme_op_decrypt_verify(context, source.data(), sink.data());
    const gpgme_decrypt_result_t facts = gpgme_op_decrypt_result(context);
    // R-05, once more after gpg: nothing without integrity protection.
    if (error != 0 || facts == nullptr || facts->legacy_cipher_nomdc != 0) {
      const bool is_final = left_ < attempts || is_of_message(error);
      if (sink.is_over() || (is_final && is_still(agent))) return only(Outcome::failed);
      return std::nullopt;
    }
    OpenPgpDecrypted opened = describe(*facts);
    opened.content = sink.take();
    opened.signatures = gpg::signatures(context, candidates);
    if (left_ > 1 && bench_.has_lost(opened.signatures, candidates)) return std::nullopt;
    return opened;
  }

  [[nodiscard]] std::uint64_t most_plaintext() const {
    return std::min(bench_.settings().plaintext_octets,
                    std::max(always_held, most_expansion * message_.size()));
  }

  /// False if keys may be missing because they were lost. A gpg that was killed says nothing, like
  /// one that gave up over nonsense: that is tried again only where it costs little.
  [[nodiscard]] bool is_of_message(gpgme_error_t error) const {
    const gpgme_err_code_t said = gpg::code(error);
    if (said == GPG_ERR_NO_SECKEY) return false;
    return tries_all_ || said == GPG_ERR_NO_ERROR || said == GPG_ERR_DECRYPT_FAILED;
  }

  bool bring_secrets(gpgme_ctx_t context) {
    bool has_any = false;
    for (const std::string& id : ids_) has_any = bench_.bring_secret(context, id) || has_any;
    return has_any;
  }

  [[nodiscard]] bool is_still(const gpg::Home::Agent& agent) const {
    return bench_.home().agent() == agent && bench_.home().agent_answers();
  }

  [[nodiscard]] OpenPgpDecrypted describe(const _gpgme_op_decrypt_result& facts) const {
    OpenPgpDecrypted opened = only(Outcome::opened);
    const std::string_view cipher = facts.symkey_algo == nullptr ? "" : facts.symkey_algo;
    opened.cipher = cipher.substr(0, cipher.find('.'));
    for (auto* each = facts.recipients; each != nullptr; each = each->next) {
      const std::string ours = each->keyid == nullptr ? "" : bench_.own(each->keyid);
      if (each->status == 0 && opened.fingerprint.empty()) opened.fingerprint = ours;
    }
    return opened;
  }

  gpg::Bench& bench_;
  std::string_view message_;
  std::set<std::string> ids_;
  bool tries_all_;  // every key of ours, for a recipient without a name
  int left_ = attempts;
};

}  // namespace

OpenPgpDecrypted Gpg::decrypt(std::string_view message,
                              std::span<const OpenPgpKey> candidates) const {
  const auto binary = without_armour(message);
  const auto envelope = binary ? read_envelope(*binary) : std::nullopt;
  if (!envelope || is_of_a_later_form(envelope->data)) return only(Outcome::unreadable);
  const auto all = bench_->all_secrets();
  if (is_excessive(*envelope, all.size())) return only(Outcome::failed);
  bench_->make_room(candidates.size());
  return Decryption(*bench_, *binary, *envelope, all).run(candidates);
}

}  // namespace siegel::pki
