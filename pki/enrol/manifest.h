#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/profile.h"
#include "pki/enrol/request.h"

namespace siegel::pki::enrol {

/// A table as an admin wrote it: cells by the name of their column, each row with its number.
struct Table {
  struct Row {
    std::size_t number = 0;          ///< line in the file, from 1, as a spreadsheet shows it
    std::vector<std::string> cells;  ///< as many as there are columns; UTF-8, trimmed
  };
  std::vector<std::string> columns;  ///< lower case
  std::vector<Row> rows;
};

struct ManifestProblem {
  std::size_t row = 0;  ///< 0: of the whole file
  std::string column;   ///< empty: of the whole row
  std::string text;     ///< what is wrong, and what to write instead
};

/// RFC 4180 with what spreadsheets make of it: comma, semicolon or tab (or what a first line
/// "sep=;" says), UTF-8 with or without byte order mark, or Windows-1252. The first line that is
/// not blank names the columns. A row that cannot be read is a problem, the next line is read all
/// the same. What cannot be read at all is a Table without columns. Limits: 8 MiB, 20,000 rows of
/// at most 20 lines, 64 columns.
[[nodiscard]] Table read_csv(std::string_view octets, std::vector<ManifestProblem>& problems);
/// A list of maps, or a map with the key `mailboxes` that holds one; row numbers are lines. A
/// list of words is allowed for the purposes. Limits: 8 MiB, 20,000 items, 64 columns.
[[nodiscard]] Table read_yaml(std::string_view octets, std::vector<ManifestProblem>& problems);

/// A manifest that was understood: wishes in the order of its rows, and everything that is wrong
/// with the others, all of it at once.
struct Manifest {
  struct Row {
    std::size_t number = 0;
    Wish wish;
    std::string subject;  ///< by the profile
  };
  std::vector<Row> rows;
  std::vector<ManifestProblem> problems;
};

/// A Table without columns, of which the reader has told why, gives an empty Manifest.
/// Columns (German names: pki/enrol/manifest_columns.cpp): address, display_name, department,
/// owner, deputy, profile, key_type, purposes
/// ("sign", "encrypt" or both, divided by blank, comma, plus, or slash); address and owner must be
/// there, display_name too, the rest has defaults (the only profile there is, the profile's first
/// key type, both purposes). Each wish is checked against its profile and `config` (address of
/// ours, no address twice, names by STANDARDS §6.2, no two mailboxes with the same name by the same
/// profile). Problems stand in the order of the rows.
[[nodiscard]] Manifest understand(const Table& table, std::span<const config::CaProfile> profiles,
                                  const config::Config& config);

}  // namespace siegel::pki::enrol
