#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace siegel::tools {

using Json = nlohmann::ordered_json;

/// Prints JSON for scripts: valid UTF-8 whatever octets a mail, a certificate or a file name held.
void print_json(std::ostream& out, const Json& json);

/// Rows that are printed as an aligned table for people or as a JSON array of objects for scripts:
/// one source for both, so that they cannot tell different things.
class Table {
 public:
  /// Column keys as they stand in JSON; people see them in upper case with blanks for underscores.
  explicit Table(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  /// REQUIRES: as many cells as keys. Strings, numbers, booleans, arrays of strings, null.
  void add(std::vector<Json> cells);
  [[nodiscard]] Json json() const;
  void print(std::ostream& out, bool as_json) const;

 private:
  std::vector<std::string> keys_;
  std::vector<std::vector<Json>> rows_;
};

}  // namespace siegel::tools
