#include "gateway/transfer/running_digest.h"

#include <array>
#include <utility>

#include "pki/openssl.h"

namespace siegel::transfer {

std::optional<RunningDigest> RunningDigest::of(std::string_view algorithm) {
  using Known = std::pair<std::string_view, const EVP_MD* (*)()>;
  static constexpr std::array known{Known{"sha1", EVP_sha1}, Known{"sha256", EVP_sha256},
                                    Known{"sha512", EVP_sha512}};
  for (const auto& [name, digest] : known) {
    if (name != algorithm) continue;
    Context context(pki::checked(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
    pki::checked(EVP_DigestInit_ex(context.get(), digest(), nullptr), "EVP_DigestInit_ex");
    return RunningDigest(std::move(context));
  }
  return std::nullopt;
}

void RunningDigest::add(std::span<const char> octets) {
  pki::checked(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()), "EVP_DigestUpdate");
}

std::string RunningDigest::finish() {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  pki::checked(
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size),
      "EVP_DigestFinal_ex");
  digest.resize(size);
  return digest;
}

}  // namespace siegel::transfer
