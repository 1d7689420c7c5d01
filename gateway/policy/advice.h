#pragma once

#include <string>

#include "base/address.h"
#include "config/config.h"
#include "gateway/policy/decision.h"

/// What a refusal tells the sender to do, in plain German and English. All refusals by rule are
/// here.
namespace siegel::policy {

struct Advice {
  std::string de, en;
};

[[nodiscard]] Advice advise_no_key(const config::Config& config, const Address& recipient);
[[nodiscard]] Advice advise_no_signer(const config::Config& config, const std::string& why);
[[nodiscard]] Advice advise_refused_in(const config::Config& config);
[[nodiscard]] Advice advise_limit(const config::Config& config, Refusal refusal);
[[nodiscard]] Advice advise_unauthenticated(const config::Config& config);

}  // namespace siegel::policy
