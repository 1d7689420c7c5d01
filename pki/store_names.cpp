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
constexpr std::array provenances{Provenance::admin,     Provenance::directory,
                                 Provenance::harvested, Provenance::foreign_directory,
                                 Provenance::dns,       Provenance::autocrypt};

template <typename Value, std::size_t size>
std::string_view word_of(const Words<Value, size>& words, Value value) noexcept {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  return {};
}

[[noreturn]] void refuse_word(std::string_view text) {
  throw Error(Fault::ours, "the set-up is broken",
              "the database holds the word \"" + std::string(text) +
                  "\", which this version does not know; was a newer one in use?");
}

template <typename Value, std::size_t size>
Value value_of(const Words<Value, size>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) return value;
  }
  refuse_word(text);
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

Provenance parse_provenance(std::string_view word) {
  for (const Provenance each : provenances) {
    if (name(each) == word) return each;
  }
  refuse_word(word);
}

std::string folded(const Address& address) {
  return ascii::lower(address.local()) + '@' + address.domain();
}

}  // namespace siegel::pki
