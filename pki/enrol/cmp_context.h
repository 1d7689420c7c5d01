#pragma once

#include <optional>

#include <openssl/cmp.h>

#include "base/time.h"
#include "config/profile.h"
#include "pki/enrol/credentials.h"
#include "pki/openssl.h"

namespace siegel::pki::enrol {

using CmpContext = Handle<OSSL_CMP_CTX, OSSL_CMP_CTX_free>;

/// RFC 4210 §5.1.2, the numbers of the bodies that we meet.
enum class CmpBody {
  initial_request = 0,
  initial_answer = 1,
  answer = 3,
  pkcs10_request = 4,
  key_update_request = 7,
  key_update_answer = 8,
  error = 23,
  poll_answer = 26
};

/// Neither logs nor sends anything yet.
[[nodiscard]] CmpContext bare_cmp_context();

/// Protects requests as `settings` say, or by `own` where it can (see Cmp), and believes whom they
/// say, at `now`. Throws Error{ours} if a file of the settings cannot be used.
[[nodiscard]] CmpContext make_cmp_context(const config::CmpSettings& settings,
                                          const std::optional<Identity>& own, Time now);

}  // namespace siegel::pki::enrol
