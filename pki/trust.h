#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "pki/algorithms.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/ocsp.h"

namespace siegel::pki {

class SignatureMemory;

struct Anchor {
  Certificate certificate;
  config::RevocationMode revocation = config::RevocationMode::hard_fail;
  std::string label;
};

/// What a certificate is to be good for.
enum class Purpose { sign, encrypt };

enum class PathStatus {
  trusted,
  unknown_issuer,  ///< no path to any anchor: an issuer is missing
  untrusted,       ///< a path, but not to an anchor, or a rule of RFC 5280 §6 broken on it
  expired,
  not_yet_valid,
  revoked,
  unchecked_revocation,  ///< everything fits but the revocation status could not be known
  unfit,                 ///< key usage or extended key usage do not allow the purpose
  weak,                  ///< everything fits, but an algorithm on the path is refused
};

struct PathResult {
  PathStatus status = PathStatus::unknown_issuer;
  std::string reason;              ///< one sentence for a clerk or an admin
  std::vector<Certificate> chain;  ///< leaf first, as far as it was built, anchor included
  Strength strength =
      Strength::ok;  ///< of keys and signatures on the path (anchor's own signature excepted)
  /// For unchecked_revocation: true if the path's anchor is marked soft-fail (STANDARDS §5.4).
  bool soft_fail = false;
  /// What should be asked for in the background: certificates whose revocation status is not
  /// known, or of which there will soon be newer word. Only of a path that ends at an anchor and
  /// has nothing else against it.
  std::vector<StatusNeed> wanted;
};

/// A snapshot of what one tenant believes: anchors, helper certificates, CRLs and OCSP
/// answers. Immutable and
/// safe to share; OpenSSL's store is built once. No system store is ever consulted, nothing
/// is ever fetched.
class Trust {
 public:
  struct Material {
    std::vector<Anchor> anchors;
    std::vector<Certificate> intermediates;
    std::vector<Crl> crls;
    OcspAnswers answers;
    config::SmimeSettings settings;
    std::chrono::seconds crl_grace{std::chrono::hours(24)};
    /// a clock that shows an earlier time is wrong, and nothing is trusted by it.
    Time earliest{};
    /// asked at each path if the settings demand a synchronised clock.
    std::function<bool()> is_synchronised{};
  };

  explicit Trust(Material material);
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  /// RFC 5280 §6 at the time `at`, STANDARDS §5.1: depth 8, security level 2, revocation for the
  /// whole path: whatever revokes wins, and a list or an OCSP answer that clears is enough, own
  /// checks of usage and algorithms. `helpers` are only untrusted path helpers, at most 10
  /// are looked at: of more, those first that lead upwards from the leaf, among the
  /// first 100. Works through the decision table §5.4.
  [[nodiscard]] PathResult validate(const Certificate& leaf, std::span<const Certificate> helpers,
                                    Purpose purpose, Time at) const;

  /// The same of the path of `need`, whatever its certificate is good for. What is asked for in the
  /// background is judged by it anew: the path may have lost its anchor, or the status may have
  /// become known, since it was noted.
  [[nodiscard]] PathResult check(const StatusNeed& need, Time at) const;
  /// True if by now the status of `need` should be asked for (PathResult::wanted).
  [[nodiscard]] bool wants(const StatusNeed& need, Time at) const;

  [[nodiscard]] const Material& material() const noexcept { return material_; }

 private:
  Material material_;
  /// The intermediates that an anchor has signed, over any number of steps, and those that nobody
  /// of ours has: these must not be in the way of the others.
  std::vector<const Certificate*> rooted_, strangers_;
  std::shared_ptr<X509_STORE> store_;
  std::shared_ptr<SignatureMemory> memory_;
};

}  // namespace siegel::pki
