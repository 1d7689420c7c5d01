#include "pki/gpg.h"

#include <algorithm>

#include <fmt/format.h>

#include "pki/gpg_bench.h"
#include "pki/gpg_keys.h"
#include "pki/openpgp_packets.h"

namespace siegel::pki {
namespace {

constexpr unsigned readable_version = 4;

/// Why a key is not even shown to gpg; empty if it may be.
std::string objection(const PacketKey& key, const Gpg::KeyLimits& limits) {
  if (key.is_secret)
    return "a secret key was left out; its owner must be told never to give it away";
  if (key.version != readable_version)
    return fmt::format(
        "a key of version {} was left out, for gpg 2.2 reads version 4 only; ask for one of that",
        key.version);
  const auto over = [](std::size_t count, std::size_t limit, std::string_view what) {
    return fmt::format(
        "a key with {} {} was left out, {} are allowed; ask its owner for one without those that "
        "nobody needs",
        count, what, limit);
  };
  if (key.octets.size() > limits.octets) return over(key.octets.size(), limits.octets, "octets");
  if (key.user_ids > limits.user_ids) return over(key.user_ids, limits.user_ids, "user ids");
  if (key.subkeys > limits.subkeys) return over(key.subkeys, limits.subkeys, "subkeys");
  return {};
}

void add(std::string& trouble, std::string_view more) {
  if (!trouble.empty()) trouble += "; ";
  trouble += more;
}

}  // namespace

Gpg::Gpg(Settings settings, SecretSource secrets)
    : bench_(std::make_unique<gpg::Bench>(std::move(settings), std::move(secrets))) {}

Gpg::~Gpg() = default;

Gpg::Read Gpg::read(std::string_view octets, const KeyLimits& limits) const {
  const auto binary = without_armour(octets);
  const auto keys = binary ? split_keys(*binary) : std::nullopt;
  if (!keys) return {{}, "these octets are no OpenPGP key, or a damaged one; ask for it anew"};
  Read result;
  for (const PacketKey& each : *keys) {
    if (result.keys.size() == limits.keys) {
      add(result.trouble, fmt::format("more than {} keys; only the first were read", limits.keys));
      break;
    }
    if (const std::string why = objection(each, limits); !why.empty()) {
      add(result.trouble, why);
      continue;
    }
    auto key = bench_->with_context(
        [&](gpgme_ctx_t context) { return gpg::describe(context, each.octets); });
    if (key) {
      result.keys.push_back(std::move(*key));
    } else {
      add(result.trouble,
          "a key was left out in which gpg finds nothing that its owner has signed");
    }
  }
  return result;
}

void Gpg::forget(const std::string& fingerprint) const {
  if (!bench_->own(fingerprint).empty()) bench_->empty();
}

}  // namespace siegel::pki
