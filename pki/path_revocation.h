#pragma once

#include <functional>
#include <span>
#include <vector>

#include "pki/trust.h"

namespace siegel::pki {

/// What the revocation lists at hand say of the certificates of one path. Only lists that their
/// issuer really signed take part (RFC 5280 §6.3.3), so that a foreign one of the same name can
/// neither clear nor hide anything.
class PathRevocation {
 public:
  /// `material` has the lists and anchors, `at_hand` the other certificates that may have signed a
  /// list; both must outlive this.
  PathRevocation(const Trust::Material& material, std::span<const Certificate* const> at_hand,
                 Time at)
      : material_(material), at_hand_(at_hand), at_(at) {}

  /// The lists about certificates of `issuer` that OpenSSL may choose from: of each scope and key
  /// the one that supersedes the others, and those of a later day.
  [[nodiscard]] std::vector<const Crl*> lists_of(const Certificate& issuer) const;

  /// True if none of the lists of `issuer` is in the first half of its time any more: it is time to
  /// look for a newer one (STANDARDS §5.2).
  [[nodiscard]] bool is_due(const Certificate& issuer) const;

  /// True if a list of the authority above it revokes the certificate at `depth` of `chain`. Every
  /// list is asked, also one that was superseded or that is for another part: an entry does not
  /// disappear while the certificate is valid (RFC 5280 §3.3). Only certificateHold does; it counts
  /// while it stands in the latest list of its scope and no later one lifts it (§5.3.1, §5.2.4).
  [[nodiscard]] bool revokes(std::span<const Certificate> chain, std::size_t depth) const;

 private:
  /// A list and the key that made its signature.
  struct Signed {
    const Crl* list = nullptr;
    std::string key;
  };
  using Accepts = std::function<bool(const Crl& list, const Certificate& signer)>;

  [[nodiscard]] std::vector<Signed> verified(const Certificate& issuer,
                                             const Accepts& accepts) const;
  [[nodiscard]] const Certificate* other_signer(const Crl& list, const Accepts& accepts) const;
  [[nodiscard]] bool may_speak(const Certificate& signer, std::span<const Certificate> above) const;
  [[nodiscard]] bool has_begun(const Crl& list) const;
  [[nodiscard]] bool is_standing(const Signed& list, const std::vector<Signed>& all) const;
  [[nodiscard]] bool is_held(const Signed& list, const Certificate& certificate,
                             const std::vector<Signed>& all) const;

  const Trust::Material& material_;
  std::span<const Certificate* const> at_hand_;
  Time at_;
};

}  // namespace siegel::pki
