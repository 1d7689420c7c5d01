#pragma once

#include <string_view>

/// The table that holds the seal of the audit's end, in the style of schema_sql.h.
namespace siegel::pki {

inline constexpr std::string_view audit_schema = R"sql(
CREATE TABLE audit_seal (
  tenant  TEXT PRIMARY KEY,
  since   BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  code    TEXT NOT NULL
)
)sql";

}  // namespace siegel::pki
