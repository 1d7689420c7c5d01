#pragma once

#include <string_view>

/// Keys that were destroyed here and are still in the token, in the style of schema_sql.h.
namespace siegel::pki {

inline constexpr std::string_view token_schema = R"sql(
CREATE TABLE doomed_key (
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  doomed BIGINT NOT NULL,
  PRIMARY KEY (tenant, key_id)
)
)sql";

}  // namespace siegel::pki
