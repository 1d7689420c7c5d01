#include "pki/legacy_context.h"

namespace siegel::pki {

LegacyContext::LegacyContext()
    : context_(checked(OSSL_LIB_CTX_new(), "OSSL_LIB_CTX_new")),
      standard_(checked(OSSL_PROVIDER_load(context_.get(), "default"), "provider default")),
      legacy_(OSSL_PROVIDER_load(context_.get(), "legacy")) {
  static_cast<void>(drain_openssl_errors());
}

}  // namespace siegel::pki
