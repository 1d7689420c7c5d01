#include "pki/store_names.h"

#include <array>
#include <utility>

#include "base/ascii.h"

namespace siegel::pki {
namespace {

using config::RevocationMode;

template <typename Value, std::size_t size>
using Words = std::array<std::pair<Value, std::string_view>, size>;

constexpr Words<CertificateUse, 3> uses{{{CertificateUse::sign, "sign"},
                                         {CertificateUse::encrypt, "encrypt"},
                                         {CertificateUse::both, "both"}}};
constexpr Words<RevocationMode, 2> modes{
    {{RevocationMode::hard_fail, "hard-fail"}, {RevocationMode::soft_fail, "soft-fail"}}};
constexpr Words<Provenance, 3> provenances{{{Provenance::admin, "admin"},
                                            {Provenance::directory, "directory"},
                                            {Provenance::harvested, "harvested"}}};

template <typename Value, std::size_t size>
std::string_view word_of(const Words<Value, size>& words, Value value) noexcept {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  return {};
}

template <typename Value, std::size_t size>
Value value_of(const Words<Value, size>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) return value;
  }
  throw Error(Fault::ours, "the set-up is broken",
              "the database holds the word \"" + std::string(text) +
                  "\", which this version does not know; was a newer one in use?");
}

}  // namespace

std::string_view name(CertificateUse use) noexcept {
  return word_of(uses, use);
}
CertificateUse parse_use(std::string_view word) {
  return value_of(uses, word);
}

std::string_view name(RevocationMode mode) noexcept {
  return word_of(modes, mode);
}
RevocationMode parse_revocation(std::string_view word) {
  return value_of(modes, word);
}

std::string_view name(Provenance provenance) noexcept {
  return word_of(provenances, provenance);
}
Provenance parse_provenance(std::string_view word) {
  return value_of(provenances, word);
}

std::string folded(const Address& address) {
  return ascii::lower(address.local()) + '@' + address.domain();
}

}  // namespace siegel::pki
