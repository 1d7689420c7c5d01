#include "pki/path_issuers.h"

#include <algorithm>
#include <optional>

#include <openssl/x509v3.h>

#include "pki/openssl.h"

namespace siegel::pki {
namespace {

constexpr std::size_t path_limit = 20;      // eight steps, with room for renewed certificates
constexpr unsigned signature_checks = 100;
constexpr unsigned stranger_checks = 40;    // of them
constexpr unsigned rooting_checks = 1000;   // once for all messages
constexpr std::size_t findings_limit = 10'000;

class Climb {
 public:
  struct Ground {
    std::span<const Certificate*const> at_hand, strangers;
  };

  Climb(const Certificate& leaf, const Ground& ground, SignatureMemory& memory)
      : ground_(ground), memory_(memory), found_{&leaf} {
    if (ground.strangers.empty()) checks_left_ = signature_checks;
  }

  std::vector<const Certificate*> up() {
    for (std::size_t step = 0; step < found_.size() && found_.size() <= path_limit; ++step)
      take_issuers_of(*found_[step]);
    found_.erase(found_.begin());
    return std::move(found_);
  }

 private:
  void take_issuers_of(const Certificate& certificate) {
    const Certificate* by_name = nullptr;
    const auto found_before = by_key_;
    const auto look_at = [&](const Certificate* candidate, unsigned& checks_left) {
      if (X509_check_issued(candidate->x509(), certificate.x509()) != X509_V_OK) return;
      if (by_name == nullptr) by_name = candidate;
      if (!memory_.has_signed(*candidate, certificate, checks_left)) return;
      ++by_key_;
      take(candidate);
    };
    for (const Certificate* candidate : ground_.at_hand) look_at(candidate, checks_left_);
    for (const Certificate* candidate : ground_.strangers) look_at(candidate, strange_checks_left_);
    if (by_key_ == found_before && by_name != nullptr) take(by_name);
  }

  void take(const Certificate* certificate) {
    const bool known = std::ranges::any_of(
        found_, [&](const Certificate* other) { return *other == *certificate; });
    if (!known) found_.push_back(certificate);
  }

  Ground ground_;
  SignatureMemory& memory_;
  std::vector<const Certificate*> found_;
  std::size_t by_key_ = 0;  // issuers that were found so
  unsigned checks_left_ = signature_checks - stranger_checks;
  unsigned strange_checks_left_ = stranger_checks;
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
                                               SignatureMemory& memory,
                                               std::span<const Certificate* const> strangers) {
  auto found = Climb(leaf, {at_hand, strangers}, memory).up();
  static_cast<void>(drain_openssl_errors());
  return found;
}

std::vector<const Certificate*> rooted_in(std::span<const Certificate* const> anchors,
                                          std::span<const Certificate* const> candidates,
                                          SignatureMemory& memory) {
  std::vector<const Certificate*> known(anchors.begin(), anchors.end());
  std::vector<const Certificate*> rest(candidates.begin(), candidates.end());
  unsigned checks_left = rooting_checks;
  for (std::size_t step = 0; step < known.size(); ++step) {
    const Certificate& issuer = *known[step];  // what it has signed goes to the end of the list
    std::erase_if(rest, [&](const Certificate* candidate) {
      const bool is_rooted = X509_check_issued(issuer.x509(), candidate->x509()) == X509_V_OK &&
                             memory.has_signed(issuer, *candidate, checks_left);
      if (is_rooted) known.push_back(candidate);
      return is_rooted;
    });
  }
  static_cast<void>(drain_openssl_errors());
  known.erase(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(anchors.size()));
  return known;
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
