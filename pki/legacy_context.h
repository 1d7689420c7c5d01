#pragma once

#include <openssl/provider.h>

#include "pki/openssl.h"

namespace siegel::pki {

/// An OpenSSL library context of its own that also knows the algorithms of old PKCS#12 files
/// (RC2-40, RC4). It lives as long as one import: the context that reads mail never learns them
/// (STANDARDS §1.1).
class LegacyContext {
 public:
  LegacyContext();
  [[nodiscard]] OSSL_LIB_CTX* get() const noexcept { return context_.get(); }

 private:
  using Provider = Handle<OSSL_PROVIDER, OSSL_PROVIDER_unload>;

  Handle<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  Provider standard_;
  Provider legacy_;  // null if it is not installed: newer files can still be read
};

}  // namespace siegel::pki
