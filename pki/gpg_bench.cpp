#include "pki/gpg_bench.h"

#include <algorithm>
#include <list>

#include "pki/asn1.h"

namespace siegel::pki::gpg {
namespace {

/// Keys of others that lie on the bench at most.
constexpr std::size_t most_foreign = 500;

constexpr int import_attempts = 4;

const std::filesystem::path& fit(const std::filesystem::path& directory) {
  start();
  if (!directory.is_absolute() || directory.native().size() > Home::longest_directory) {
    throw Error(Fault::ours, "`openpgp.directory` is " + directory.string() +
                                 ", but gpg-agent needs an absolute path of at most " +
                                 std::to_string(Home::longest_directory) +
                                 " octets for its sockets; set a shorter one, such as "
                                 "/run/siegel/gnupg");
  }
  Home::sweep(directory);
  return directory;
}

std::string digest_of(const OpenPgpKey& key) {
  return sha256_hex(key.octets);
}

/// The fingerprints of the keys that the last import has seen and not refused.
std::set<std::string> imported(gpgme_ctx_t context) {
  std::set<std::string> fingerprints;
  const gpgme_import_result_t result = gpgme_op_import_result(context);
  if (result == nullptr) return fingerprints;
  for (auto* each = result->imports; each != nullptr; each = each->next) {
    if (each->result == 0 && each->fpr != nullptr) fingerprints.insert(each->fpr);
  }
  return fingerprints;
}

}  // namespace

Bench::Bench(Gpg::Settings settings, Gpg::SecretSource secrets, std::chrono::milliseconds patience)
    : settings_(std::move(settings)),
      secrets_(std::move(secrets)),
      home_(fit(settings_.directory)),
      turns_(std::max(1, static_cast<int>(settings_.processes))),
      patience_(patience) {}

void Bench::take_turn() {
  if (turns_.try_acquire_for(patience_)) return;
  throw Error(
      Fault::world,
      "gpg has more to do than it gets done; try again later, and give it more processes by "
      "`openpgp.processes` if this happens often");
}

void Bench::restore() {
  if (home_.restore()) content_.with([](Content& content) { content = {}; });
}

Context Bench::take() {
  Context context = contexts_.with([](auto& idle) -> Context {
    if (idle.empty()) return {};
    Context last = std::move(idle.back());
    idle.pop_back();
    return last;
  });
  return context ? std::move(context) : make_context(home_.path());
}

void Bench::make_room(std::size_t keys) {
  const bool is_full = content_.with(
      [&](const Content& content) { return content.taken.size() + keys > most_foreign; });
  const bool has_any = content_.with([](const Content& content) { return !content.taken.empty(); });
  if (is_full && has_any) empty();
}

void Bench::empty() {
  const std::lock_guard alone(emptying_);
  const std::size_t all = std::max(1U, settings_.processes);
  std::list<Returning<std::counting_semaphore<>>> taken;
  while (taken.size() < all) {
    take_turn();
    taken.emplace_back(turns_);
  }
  home_.empty();
  content_.with([](Content& content) { content = {}; });
}

void Bench::bring(gpgme_ctx_t context, std::span<const OpenPgpKey> keys) {
  std::string octets;
  std::vector<const OpenPgpKey*> missing;
  for (const OpenPgpKey& each : keys) {
    if (content_.with([&](const Content& now) { return now.taken.contains(digest_of(each)); }))
      continue;
    missing.push_back(&each);
    octets += each.octets;
  }
  if (missing.empty()) return;
  const std::lock_guard alone(importing_);  // gpg's own lock makes the others wait for long
  const Source source(octets);
  demand(gpgme_op_import(context, source.data()), "import");
  const std::set<std::string> there = imported(context);
  content_.with([&](Content& now) {
    for (const OpenPgpKey* each : missing)
      now.taken[digest_of(*each)] = there.contains(each->fingerprint());
  });
}

bool Bench::bring_secret(gpgme_ctx_t context, const std::string& fingerprint_or_id) {
  if (!own(fingerprint_or_id).empty()) return true;
  const auto secret = secrets_.secret ? secrets_.secret(fingerprint_or_id) : std::nullopt;
  if (!secret) return false;
  const std::lock_guard alone(importing_);
  const std::string fingerprint = import_secret(context, *secret);
  if (fingerprint.empty())
    throw Error(Fault::ours, "the stored OpenPGP key " + fingerprint_or_id +
                                 " cannot be used by gpg; import it anew with `siegel key import`");
  content_.with([&](Content& now) {
    now.own[fingerprint_or_id] = fingerprint;
    now.own[fingerprint] = fingerprint;
  });
  return true;
}

std::string Bench::import_secret(gpgme_ctx_t context, const Secret& secret) const {
  for (int attempt = 0; attempt < import_attempts; ++attempt) {
    const Home::Agent agent = home_.agent();
    const Source source(secret.octets());
    const gpgme_error_t error = gpgme_op_import(context, source.data());
    const std::set<std::string> there = imported(context);
    if (error == 0 && there.size() == 1) return *there.begin();
    // While the agent is another one than before, the key itself may be right.
    const bool is_still = home_.agent() == agent && home_.agent_answers();
    if (attempt > 0 && is_still) {
      demand(error, "import of a secret key");
      return {};
    }
  }
  throw failure(GPG_ERR_NO_AGENT, "import of a secret key");
}

std::vector<std::string> Bench::all_secrets() const {
  return secrets_.ids ? secrets_.ids() : std::vector<std::string>{};
}

std::string Bench::own(const std::string& fingerprint_or_id) const {
  return content_.with([&](const Content& now) {
    const auto found = now.own.find(fingerprint_or_id);
    return found == now.own.end() ? std::string{} : found->second;
  });
}

KeyHandle Bench::signer(gpgme_ctx_t context, const std::string& fingerprint) {
  const auto share = [&](const Content& now) -> KeyHandle {
    const auto found = now.signers.find(fingerprint);
    if (found == now.signers.end()) return {};
    gpgme_key_ref(found->second.get());
    return KeyHandle(found->second.get());
  };
  if (KeyHandle key = content_.with(share)) return key;
  gpgme_key_t found = nullptr;
  if (gpgme_get_key(context, fingerprint.c_str(), &found, 1) != 0) return {};
  KeyHandle key(found);
  gpgme_key_ref(found);
  KeyHandle share_of_content(found);
  // Another thread may have been faster; then this share ends here.
  content_.with(
      [&](Content& now) { now.signers.try_emplace(fingerprint, std::move(share_of_content)); });
  return key;
}

bool Bench::has_taken(const OpenPgpKey& key) const {
  return content_.with([&](const Content& now) {
    const auto found = now.taken.find(digest_of(key));
    return found != now.taken.end() && found->second;
  });
}

bool Bench::has_lost(std::span<const OpenPgpSignature> found,
                     std::span<const OpenPgpKey> candidates) const {
  return std::ranges::any_of(found, [&](const OpenPgpSignature& signature) {
    if (signature.outcome != OpenPgpSignature::Outcome::no_key) return false;
    return std::ranges::any_of(candidates, [&](const OpenPgpKey& key) {
      return key.holds(signature.fingerprint) && has_taken(key);
    });
  });
}

void Bench::lose(std::span<const OpenPgpKey> keys) {
  content_.with([&](Content& now) {
    for (const OpenPgpKey& each : keys) now.taken.erase(digest_of(each));
  });
}

void Bench::lose_secret(const std::string& fingerprint_or_id) {
  content_.with([&](Content& now) {
    const auto found = now.own.find(fingerprint_or_id);
    if (found == now.own.end()) return;
    const std::string fingerprint = found->second;
    std::erase_if(now.own, [&](const auto& each) { return each.second == fingerprint; });
    now.signers.erase(fingerprint);
  });
}

}  // namespace siegel::pki::gpg
