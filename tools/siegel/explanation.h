#pragma once

#include <iosfwd>

#include "config/config.h"
#include "gateway/crypt/inspect.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "tools/siegel/table.h"

namespace siegel::tools {

/// What `siegel explain` found out and what would follow from it.
struct Explanation {
  const config::Config& config;
  const mail::Message& message;
  const crypt::Inspection& seen;
  const policy::Decision& decision;
};

/// {"verdict":…,"keys_left_out":…,"decision":…,"annotations":…}; the shape is documented in
/// docs/CLI.md.
[[nodiscard]] Json to_json(const Explanation& explanation);
/// The same in words.
void print(std::ostream& out, const Explanation& explanation);

}  // namespace siegel::tools
