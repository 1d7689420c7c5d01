#include "gateway/policy/limits.h"

namespace siegel::policy {

std::optional<BrokenLimit> broken_limit(const mail::Entity& top) {
  using mail::Defect;
  if (top.has(Defect::head_too_long)) {
    return BrokenLimit{Refusal::too_large,
                       "a header is over 256 KiB, or a field of it over 64 KiB"};
  }
  if (top.has(Defect::too_deep))
    return BrokenLimit{Refusal::too_complex, "the parts are nested over 30 levels deep"};
  if (top.has(Defect::too_many_parts))
    return BrokenLimit{Refusal::too_complex, "there are over 1,000 parts"};
  return std::nullopt;
}

}  // namespace siegel::policy
