#include "pki/path_issuers.h"

#include <algorithm>

#include <openssl/x509v3.h>

#include "pki/openssl.h"

namespace siegel::pki {
namespace {

constexpr std::size_t path_limit = 20;      // eight steps, with room for renewed certificates
constexpr unsigned signature_checks = 100;

class Climb {
 public:
  Climb(const Certificate& leaf, std::span<const Certificate* const> at_hand)
      : at_hand_(at_hand), found_{&leaf} {}

  std::vector<const Certificate*> up() {
    for (std::size_t step = 0; step < found_.size() && found_.size() <= path_limit; ++step)
      take_issuers_of(*found_[step]);
    found_.erase(found_.begin());
    return std::move(found_);
  }

 private:
  void take_issuers_of(const Certificate& certificate) {
    const Certificate* by_name = nullptr;
    bool by_key = false;
    for (const Certificate* candidate : at_hand_) {
      if (X509_check_issued(candidate->x509(), certificate.x509()) != X509_V_OK) continue;
      if (by_name == nullptr) by_name = candidate;
      if (!has_signed(*candidate, certificate)) continue;
      by_key = true;
      take(candidate);
    }
    if (!by_key && by_name != nullptr) take(by_name);
  }

  bool has_signed(const Certificate& issuer, const Certificate& subject) {
    if (checks_left_ == 0 || issuer.public_key() == nullptr) return false;
    --checks_left_;
    return X509_verify(subject.x509(), issuer.public_key()) == 1;
  }

  void take(const Certificate* certificate) {
    const bool known = std::ranges::any_of(
        found_, [&](const Certificate* other) { return *other == *certificate; });
    if (!known) found_.push_back(certificate);
  }

  std::span<const Certificate* const> at_hand_;
  std::vector<const Certificate*> found_;
  unsigned checks_left_ = signature_checks;
};

}  // namespace

std::vector<const Certificate*> choose_issuers(const Certificate& leaf,
                                               std::span<const Certificate* const> at_hand) {
  auto found = Climb(leaf, at_hand).up();
  static_cast<void>(drain_openssl_errors());
  return found;
}

const Certificate* unfit_issuer(const Certificate& certificate,
                                std::span<const Certificate* const> at_hand) {
  const auto found = std::ranges::find_if(at_hand, [&](const Certificate* candidate) {
    return *candidate != certificate && !candidate->is_authority() &&
           candidate->public_key() != nullptr &&
           X509_NAME_cmp(X509_get_subject_name(candidate->x509()),
                         X509_get_issuer_name(certificate.x509())) == 0 &&
           X509_verify(certificate.x509(), candidate->public_key()) == 1;
  });
  static_cast<void>(drain_openssl_errors());
  return found == at_hand.end() ? nullptr : *found;
}

}  // namespace siegel::pki
