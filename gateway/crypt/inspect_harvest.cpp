#include "gateway/crypt/inspect_harvest.h"

#include <algorithm>

#include <fmt/format.h>

namespace siegel::crypt {
namespace {

using pki::Certificate;
using policy::Layer;
using policy::Status;
using policy::Summary;

constexpr std::size_t certificate_limit = 10;
constexpr std::chrono::seconds clock_skew{300};  // STANDARDS §2.8

bool names(const Certificate& certificate, const Address& address, bool fold_local_part) {
  return std::ranges::any_of(certificate.addresses(), [&](const Address& each) {
    return each == address || (fold_local_part && each.equals_folded(address));
  });
}

/// The path that makes `certificate` fit to be encrypted to; nothing if it is not.
std::optional<pki::PathResult> fit_path(const Certificate& certificate,
                                        const smime::Verified& verified,
                                        const Circumstances& where) {
  if (!certificate.may_encrypt(where.settings.any_extended_key_usage)) return std::nullopt;
  pki::PathResult path = where.trust.validate(certificate, verified.certificates,
                                              pki::Purpose::encrypt, where.receipt.at);
  if (path.status != pki::PathStatus::trusted) return std::nullopt;
  if (path.strength == pki::Strength::ok) return path;
  const bool is_accepted = path.strength == pki::Strength::weak && where.settings.weak_is_good;
  return is_accepted ? std::optional(std::move(path)) : std::nullopt;
}

std::vector<Certificate> helpers_of(const Certificate& certificate,
                                    const smime::Verified& verified) {
  std::vector<Certificate> helpers;
  for (const Certificate& each : verified.certificates) {
    if (!(each == certificate) && helpers.size() < certificate_limit) helpers.push_back(each);
  }
  return helpers;
}

/// The message's certificates in the order of STANDARDS §2.5: separate ones before the signer's
/// own.
std::vector<Certificate> candidates(const smime::Verified& verified) {
  std::vector<Certificate> result;
  for (const Certificate& each : verified.certificates) {
    if (result.size() == certificate_limit) break;
    if (!verified.signer || !(each == *verified.signer)) result.push_back(each);
  }
  if (verified.signer) result.push_back(*verified.signer);
  return result;
}

pki::Harvested make_harvested(const Address& address, const Certificate& certificate,
                              const smime::Verified& verified, const pki::PathResult& path) {
  const std::string anchor = path.chain.empty() ? std::string() : path.chain.back().subject();
  return {
      .address = address,
      .certificate = certificate,
      .helpers = helpers_of(certificate, verified),
      .capabilities = verified.capabilities,
      .signing_time = *verified.signing_time,
      .message_id = {},
      .why = fmt::format("signed by {}, trusted through {}", verified.signer->subject(), anchor)};
}

}  // namespace

Age age_of(const CheckedSignature& signature, const Circumstances& where) {
  const auto time = signature.signing_time();
  if (!time) return Age::unknown;
  if (*time > where.receipt.at + clock_skew) return Age::future;
  return where.receipt.at - *time > where.settings.stale_after ? Age::stale : Age::fresh;
}

bool is_worth_keeping(const policy::Verdict& verdict) {
  const Summary summary = verdict.summary();
  if (summary == Summary::good) return true;
  return summary == Summary::weak && std::ranges::all_of(verdict.layers, [](const Layer& layer) {
           return layer.form != policy::Form::signature || layer.status == Status::good ||
                  (layer.status == Status::weak && layer.accepted_weak);
         });
}

const CheckedSignature* innermost(const Peeled& peeled) {
  return peeled.signatures.empty() ? nullptr : &peeled.signatures.back();
}

std::vector<pki::Harvested> harvest(const Peeled& peeled, const Circumstances& where) {
  std::vector<pki::Harvested> kept;
  const CheckedSignature* signature = innermost(peeled);
  if (signature == nullptr || signature->smime() == nullptr) return kept;
  if (!is_worth_keeping(peeled.verdict) || age_of(*signature, where) != Age::fresh) return kept;
  const smime::Verified& verified = *signature->smime();
  const std::optional<Address>& author = peeled.author;
  if (!author || !verified.signer) return kept;
  for (const Certificate& certificate : candidates(verified)) {
    if (!names(certificate, *author, where.settings.fold_local_part)) continue;
    const auto path = fit_path(certificate, verified, where);
    if (!path) continue;
    pki::Harvested harvested = make_harvested(*author, certificate, verified, *path);
    harvested.message_id = where.receipt.message_id;
    // RFC 8551 §2.5.3: what the signer prefers is to be used, and nothing beside it.
    if (certificate.fingerprint() == verified.preferred_fingerprint) return {std::move(harvested)};
    kept.push_back(std::move(harvested));
  }
  return kept;
}

std::optional<Certificate> unknown_root(const Peeled& peeled, const pki::Trust& trust) {
  const CheckedSignature* signature = innermost(peeled);
  const policy::Verdict& verdict = peeled.verdict;
  if (signature == nullptr || signature->smime() == nullptr) return std::nullopt;
  if (!verdict.signer_is_author || !verdict.covers_all) return std::nullopt;
  const bool lacks_trust_only = std::ranges::all_of(verdict.layers, [](const Layer& layer) {
    return layer.form == policy::Form::encryption || layer.status == Status::good ||
           layer.status == Status::unknown_signer || layer.status == Status::untrusted;
  });
  if (!lacks_trust_only || verdict.summary() != Summary::untrusted) return std::nullopt;
  if (signature->smime()->chain.empty()) return std::nullopt;
  const Certificate& topmost = signature->smime()->chain.back();
  const bool is_anchor =
      std::ranges::any_of(trust.material().anchors,
                          [&](const pki::Anchor& anchor) { return anchor.certificate == topmost; });
  // a signer that vouches for itself is no authority.
  if (is_anchor || !topmost.is_authority()) return std::nullopt;
  return topmost;
}

void note_signing_time(Peeled& peeled, const Circumstances& where) {
  const CheckedSignature* signature = innermost(peeled);
  // Of a signature that does not hold it is not known when, or if ever, it was made.
  if (signature == nullptr || !signature->is_authentic()) return;
  std::vector<std::string>& notes = peeled.verdict.notes;
  switch (age_of(*signature, where)) {
    case Age::fresh:
      break;
    case Age::stale:
      notes.emplace_back("the message was signed long before it came");
      break;
    case Age::future:
      notes.emplace_back("the signing time lies in the future");
      break;
    case Age::unknown:
      notes.emplace_back("the signature does not say when it was made");
      break;
  }
}

}  // namespace siegel::crypt
