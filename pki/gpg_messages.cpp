// Signing, verifying and encrypting: what lies on the bench may be lost at any moment
// (the agent is killed, the folder emptied), so that each is tried again with everything brought
// anew.

#include <algorithm>

#include "base/ascii.h"
#include "pki/gpg.h"
#include "pki/gpg_bench.h"
#include "pki/gpg_keys.h"
#include "pki/gpg_signatures.h"
#include "pki/openpgp_packets.h"

namespace siegel::pki {
namespace {

constexpr int attempts = 3;

/// A detached signature of more signatures than these is none that a person has made.
constexpr std::size_t most_signatures = 16;

Gpg::Signed signed_by(gpgme_ctx_t context, std::string armoured) {
  const gpgme_sign_result_t result = gpgme_op_sign_result(context);
  if (result == nullptr || result->signatures == nullptr ||
      !gpg::is_allowed(result->signatures->hash_algo))
    throw Error(Fault::ours,
                "gpg has signed with a digest that is not allowed; see that nobody has changed its "
                "configuration in `openpgp.directory`, and make a newer key");
  const char* const name = gpgme_hash_algo_name(result->signatures->hash_algo);
  return {std::move(armoured), "pgp-" + ascii::lower(name)};
}

}  // namespace

// --- signing

Gpg::Signed Gpg::sign(const Octets& entity, const OpenPgpKey& key) const {
  gpgme_error_t error = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto made = bench_->with_context([&](gpgme_ctx_t context) -> std::optional<Signed> {
      if (!bench_->bring_secret(context, key.fingerprint()))
        throw Error(Fault::ours, "the secret part of the OpenPGP key " + key.fingerprint() +
                                     " is missing; import it with `siegel key import`");
      const gpg::KeyHandle signer = bench_->signer(context, key.fingerprint());
      if (!signer) return std::nullopt;
      gpgme_signers_clear(context);
      gpg::demand(gpgme_signers_add(context, signer.get()), "gpgme_signers_add");
      const gpg::Source source(entity);
      gpg::Sink sink;
      error = gpgme_op_sign(context, source.data(), sink.data(), GPGME_SIG_MODE_DETACH);
      if (error != 0) return std::nullopt;
      return signed_by(context, sink.take());
    });
    if (made) return std::move(*made);
    bench_->lose_secret(key.fingerprint());
  }
  throw gpg::failure(error, "sign");
}

// --- verifying

std::vector<OpenPgpSignature> Gpg::verify(std::string_view signature, std::string_view covered,
                                          std::span<const OpenPgpKey> candidates) const {
  const auto binary = without_armour(signature);
  const auto count = binary ? count_signatures(*binary) : std::nullopt;
  // STANDARDS §4.3.2: a signed message in place of a signature says nothing of what is covered.
  if (!count || *count == 0 || *count > most_signatures) return {};
  bench_->make_room(candidates.size());
  std::vector<OpenPgpSignature> found;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    found = bench_->with_context([&](gpgme_ctx_t context) {
      bench_->bring(context, candidates);
      const gpg::Source source(*binary);
      const gpg::Source text(covered);
      // §0.8: its own success says nothing, only the status of each signature does.
      static_cast<void>(gpgme_op_verify(context, source.data(), text.data(), nullptr));
      return gpg::signatures(context, candidates);
    });
    if (found.size() == *count && !bench_->has_lost(found, candidates)) return found;
    bench_->lose(candidates);
  }
  // Those that gpg passes over in silence are damaged.
  if (found.size() < *count) found.resize(*count);
  return found;
}

// --- encrypting

std::string Gpg::encrypt(const Octets& entity, std::span<const OpenPgpKey> recipients,
                         Time at) const {
  std::string names;  // "!": this very subkey
  for (const OpenPgpKey& each : recipients) {
    const OpenPgpSubkey* const subkey = each.encrypting(at);
    if (subkey == nullptr)
      throw Error(Fault::ours, "the OpenPGP key " + each.fingerprint() +
                                   " cannot encrypt; choose another one for this recipient");
    names += subkey->fingerprint + "!\n";
  }
  if (names.empty()) throw Error(Fault::ours, "nobody to encrypt to; name a recipient");
  bench_->make_room(recipients.size());
  gpgme_error_t error = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto made = bench_->with_context([&](gpgme_ctx_t context) -> std::optional<std::string> {
      bench_->bring(context, recipients);
      const gpg::Source source(entity);
      gpg::Sink sink;
      error = gpgme_op_encrypt_ext(context, nullptr, names.c_str(), GPGME_ENCRYPT_ALWAYS_TRUST,
                                   source.data(), sink.data());
      if (error != 0) return std::nullopt;
      return sink.take();
    });
    if (made) return std::move(*made);
    bench_->lose(recipients);
  }
  throw gpg::failure(error, "encrypt");
}

}  // namespace siegel::pki
