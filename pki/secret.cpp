#include "pki/secret.h"

#include <openssl/crypto.h>

namespace siegel::pki {
namespace {

void cleanse(std::string& octets) {
  // What lies behind the end may be of a longer text that stood there before.
  octets.resize(octets.capacity());
  OPENSSL_cleanse(octets.data(), octets.size());
  octets.clear();
}

}  // namespace

// Copied, so that all of what came is there to be cleansed.
Secret::Secret(std::string octets) : octets_(octets) {
  cleanse(octets);
}

Secret::Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) {
  cleanse(other.octets_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  // What was here goes with the other one, which cleanses it.
  octets_.swap(other.octets_);
  return *this;
}

Secret::~Secret() {
  cleanse(octets_);
}

Cleansing::~Cleansing() {
  cleanse(text_);
}

void Secret::cut(std::size_t size) {
  if (size >= octets_.size()) return;
  OPENSSL_cleanse(octets_.data() + size, octets_.size() - size);
  octets_.resize(size);
}

bool are_same(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace siegel::pki
