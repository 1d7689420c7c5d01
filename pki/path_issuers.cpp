#include "pki/path_issuers.h"

#include <algorithm>
#include <optional>

#include <openssl/x509v3.h>

#include "pki/openssl.h"

namespace siegel::pki {
namespace {

constexpr std::size_t path_limit = 20;      // eight steps, with room for renewed certificates
constexpr unsigned signature_checks = 100;
constexpr std::size_t findings_limit = 10'000;

class Climb {
 public:
  Climb(const Certificate& leaf, std::span<const Certificate* const> at_hand,
        SignatureMemory& memory)
      : at_hand_(at_hand), memory_(memory), found_{&leaf} {}

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
      if (!memory_.has_signed(*candidate, certificate, checks_left_)) continue;
      by_key = true;
      take(candidate);
    }
    if (!by_key && by_name != nullptr) take(by_name);
  }

  void take(const Certificate* certificate) {
    const bool known = std::ranges::any_of(
        found_, [&](const Certificate* other) { return *other == *certificate; });
    if (!known) found_.push_back(certificate);
  }

  std::span<const Certificate* const> at_hand_;
  SignatureMemory& memory_;
  std::vector<const Certificate*> found_;
  unsigned checks_left_ = signature_checks;
};

}  // namespace

bool SignatureMemory::has_signed(const Certificate& issuer, const Certificate& subject,
                                 unsigned& checks_left) {
  const std::string pair = issuer.key_id() + subject.fingerprint();
  const auto known = findings_.with([&](const auto& findings) -> std::optional<bool> {
    const auto found = findings.known.find(pair);
    return found == findings.known.end() ? std::nullopt : std::optional(found->second);
  });
  if (known) return *known;
  if (checks_left == 0 || issuer.public_key() == nullptr) return false;
  --checks_left;
  const bool did = X509_verify(subject.x509(), issuer.public_key()) == 1;
  findings_.with([&](auto& findings) {
    // Anybody can send certificates; what is remembered of them must not grow for ever.
    if (findings.known.size() >= findings_limit) findings.known.clear();
    findings.known.emplace(pair, did);
    ++findings.checks;
  });
  return did;
}

std::size_t SignatureMemory::checks() const {
  return findings_.with([](const auto& findings) { return findings.checks; });
}

std::vector<const Certificate*> choose_issuers(const Certificate& leaf,
                                               std::span<const Certificate* const> at_hand,
                                               SignatureMemory& memory) {
  auto found = Climb(leaf, at_hand, memory).up();
  static_cast<void>(drain_openssl_errors());
  return found;
}

const Certificate* unfit_issuer(const Certificate& certificate,
                                std::span<const Certificate* const> at_hand,
                                SignatureMemory& memory) {
  unsigned checks_left = signature_checks;
  const auto found = std::ranges::find_if(at_hand, [&](const Certificate* candidate) {
    return *candidate != certificate && !candidate->is_authority() &&
           X509_NAME_cmp(X509_get_subject_name(candidate->x509()),
                         X509_get_issuer_name(certificate.x509())) == 0 &&
           memory.has_signed(*candidate, certificate, checks_left);
  });
  static_cast<void>(drain_openssl_errors());
  return found == at_hand.end() ? nullptr : *found;
}

}  // namespace siegel::pki
