#pragma once

#include <optional>
#include <vector>

#include "gateway/crypt/inspect.h"
#include "gateway/crypt/inspect_peel.h"

namespace siegel::crypt {

/// What a message was checked against.
struct Circumstances {
  const pki::Trust& trust;
  const config::SmimeSettings& settings;
  const Receipt& receipt;
};

/// The certificates that a reply may be encrypted to: only from a verdict that is
/// good, or weak within what the tenant accepts, and not from a stale message. The certificate that
/// the signer prefers, if it qualifies; else all that qualify, separate encryption certificates
/// first (STANDARDS §2.5). At most ten are looked at.
[[nodiscard]] std::vector<pki::Harvested> harvest(const Peeled& peeled, const Circumstances& where);

/// The authority that an admin would have to trust to make this verdict good; nothing if that would
/// not do, or if the message does not bring it along.
[[nodiscard]] std::optional<pki::Certificate> unknown_root(const Peeled& peeled,
                                                           const pki::Trust& trust);

/// good in all respects, or of weak algorithms those that the tenant accepts.
[[nodiscard]] bool is_worth_keeping(const policy::Verdict& verdict);

/// The signature nearest to the content: what an outer one was put around is not its signer's
/// affair. nullptr if there is none.
[[nodiscard]] const CheckedSignature* innermost(const Peeled& peeled);

/// How long ago a signature claims to have been made (STANDARDS §2.8).
enum class Age { fresh, stale, future, unknown };
[[nodiscard]] Age age_of(const CheckedSignature& signature, const Circumstances& where);

/// RFC 8551 §2.5.1 says when the signer claims to have signed: adds a remark if that is long ago,
/// not yet, or not said.
void note_signing_time(Peeled& peeled, const Circumstances& where);

}  // namespace siegel::crypt
