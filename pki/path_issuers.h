#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "pki/certificate.h"

namespace siegel::pki {

/// Which key has made the signature on which certificate: found out once, then remembered, so that
/// a message with many certificates of one name costs its hundred checks once and not for each of
/// its signers. Thread-safe; holds at most 10,000 findings.
class SignatureMemory {
 public:
  /// True if the key of `issuer` made the signature on `subject`. What must be computed is taken
  /// off `checks_left`; with none left the answer is no.
  bool has_signed(const Certificate& issuer, const Certificate& subject, unsigned& checks_left);
  /// How many signatures were computed so far.
  [[nodiscard]] std::size_t checks() const;

 private:
  struct Findings {
    std::unordered_map<std::string, bool> known;  // by key and certificate
    std::size_t checks = 0;
  };
  Guarded<Findings> findings_;
};

/// From certificates at hand, those that lead upwards from `leaf`: for each step the ones whose key
/// really made the signature, so that a certificate of the same name but another key cannot lead
/// the path astray. At most 100 signatures are checked, 40 of them for `strangers`, so that
/// these cannot use up what the others need. Where none fits by its key, the first that fits by
/// name is taken, so that the verification can say what is wrong.
[[nodiscard]] std::vector<const Certificate*> choose_issuers(
    const Certificate& leaf, std::span<const Certificate* const> at_hand, SignatureMemory& memory,
    std::span<const Certificate* const> strangers = {});

/// Those of `candidates` that lead to one of `anchors`, over any number of steps, by signatures.
/// At most 1,000 are checked; of the rest it is not known.
[[nodiscard]] std::vector<const Certificate*> rooted_in(
    std::span<const Certificate* const> anchors, std::span<const Certificate* const> candidates,
    SignatureMemory& memory);

/// The certificate at hand whose key signed `certificate` although it is no authority's, or its key
/// usage forbids it; null if there is none.
[[nodiscard]] const Certificate* unfit_issuer(const Certificate& certificate,
                                              std::span<const Certificate* const> at_hand,
                                              SignatureMemory& memory);

}  // namespace siegel::pki
