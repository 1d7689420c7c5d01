#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "config/profile.h"
#include "pki/enrol/manifest.h"
#include "pki/enrol/manifest_columns.h"

namespace siegel::pki::enrol {

/// Where each column of ours stands in a table, by the number of its Column.
using ColumnPlaces = std::array<std::optional<std::size_t>, column_count>;

/// What the rows of a manifest are held against.
struct Demands {
  std::span<const config::CaProfile> profiles;
  const config::Config& config;
};

/// What was found in one row. `mailbox` and `subject` are there as soon as they are known, so that
/// they can be compared with those of other rows whatever else is wrong.
struct RowFindings {
  std::optional<Address> mailbox;
  std::optional<Wish> wish;
  std::string subject;  ///< of a wish
};

/// Reads one row, as far as it can be judged by itself; what is wrong goes to `problems`.
[[nodiscard]] RowFindings read_row(const Table::Row& row, const ColumnPlaces& places,
                                   const Demands& demands, std::vector<ManifestProblem>& problems);

}  // namespace siegel::pki::enrol
