#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "base/handle.h"

namespace siegel::transfer {

/// A digest of octets as they come.
class RunningDigest {
 public:
  /// Nothing for an algorithm that is not "sha1", "sha256" or "sha512".
  static std::optional<RunningDigest> of(std::string_view algorithm);

  void add(std::span<const char> octets);
  /// The digest's octets. Called once.
  [[nodiscard]] std::string finish();

 private:
  using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
  explicit RunningDigest(Context context) : context_(std::move(context)) {}

  Context context_;
};

}  // namespace siegel::transfer
