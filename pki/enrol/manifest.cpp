#include "pki/enrol/manifest.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/spelling.h"
#include "pki/enrol/manifest_columns.h"
#include "pki/enrol/manifest_row.h"
#include "pki/enrol/unicode.h"

namespace siegel::pki::enrol {
namespace {

using config::did_you_mean;
using config::in_quotes;
using config::one_of;

constexpr std::array required{Column::address, Column::display_name, Column::owner};

/// Finds what stands in an earlier row already.
class Earlier {
 public:
  /// The row in which `key` stood first, if that is another than `row`.
  std::optional<std::size_t> note(std::string key, std::size_t row) {
    const auto [first, is_new] = rows_.try_emplace(std::move(key), row);
    if (is_new) return std::nullopt;
    return first->second;
  }

 private:
  std::map<std::string, std::size_t> rows_;
};

/// Works through one table.
class Understanding {
 public:
  Understanding(const Table& table, const Demands& demands) : table_(table), demands_(demands) {}

  Manifest read() && {
    if (table_.columns.empty()) return {};
    if (demands_.profiles.empty())
      complain("profile",
               "no CA profile is known; name one under enrolment.profiles in the "
               "configuration");
    if (!has_headings() || !find_columns()) return std::move(manifest_);
    for (const Table::Row& row : table_.rows) take(row);
    std::ranges::stable_sort(manifest_.problems, {}, &ManifestProblem::row);
    return std::move(manifest_);
  }

 private:
  /// Of the whole file.
  void complain(std::string_view column, std::string text) {
    manifest_.problems.push_back({0, std::string(column), std::move(text)});
  }

  /// A first line with addresses is a mailbox already.
  bool has_headings() {
    const auto holds_at = [](const std::string& text) {
      return text.find('@') != std::string::npos;
    };
    if (std::ranges::none_of(table_.columns, holds_at)) return true;
    complain("",
             "the first line must name the columns, such as address;display_name;owner; put "
             "such a line above it");
    return false;
  }

  /// True if the rows can be read: no column stands twice, and those that must be there are there.
  bool find_columns() {
    bool is_clear = true;
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
      is_clear = take_heading(table_.columns[i], i) && is_clear;
    for (const Column column : required) {
      if (places_[static_cast<std::size_t>(column)]) continue;
      complain(name(column), "the column is missing; add it, with a value in every row");
      is_clear = false;
    }
    return is_clear;
  }

  /// False if the column stands there already.
  bool take_heading(const std::string& heading, std::size_t index) {
    const auto column = column_of(heading);
    if (heading.empty()) {
      nameless_.push_back(index);
    } else if (!column) {
      complain_of_unknown(heading);
    } else if (auto& place = places_[static_cast<std::size_t>(*column)]; place) {
      complain(heading, "is the same column as " + in_quotes(table_.columns[*place]) +
                            "; take one of them out");
      return false;
    } else {
      place = index;
    }
    return true;
  }

  void complain_of_unknown(const std::string& heading) {
    const std::string hint = did_you_mean(heading, column_headings());
    complain(printable(heading, 80),
             "unknown column" + (hint.empty() ? "; known are " + one_of(column_names()) : hint));
  }

  void take(const Table::Row& row) {
    const std::size_t before = manifest_.problems.size();
    RowFindings findings = read_row(row, places_, demands_, manifest_.problems);
    check_nameless(row);
    if (findings.mailbox) check_address(*findings.mailbox, row.number);
    if (findings.wish) check_subject(findings, row.number);
    if (findings.wish && manifest_.problems.size() == before)
      manifest_.rows.push_back(
          {row.number, std::move(*findings.wish), std::move(findings.subject)});
  }

  void complain(const Table::Row& row, std::string_view column, std::string text) {
    manifest_.problems.push_back({row.number, std::string(column), std::move(text)});
  }

  void check_nameless(const Table::Row& row) {
    for (const std::size_t index : nameless_) {
      if (!row.cells[index].empty())
        complain(row, "",
                 "the cell " + in_quotes(row.cells[index]) +
                     " stands in a column without a name; name the column, or empty the "
                     "cell");
    }
  }

  /// Two spellings of one local part are one mailbox for nearly every mail server.
  void check_address(const Address& mailbox, std::size_t row) {
    const auto first = addresses_.note(ascii::lower(mailbox.str()), row);
    if (first)
      manifest_.problems.push_back({row, std::string(name(Column::address)),
                                    "is " + in_quotes(mailbox.str()) + ", which stands in row " +
                                        std::to_string(*first) +
                                        " already; take one of the rows out"});
  }

  void check_subject(const RowFindings& findings, std::size_t row) {
    const auto first =
        subjects_.note(findings.wish->profile + '\n' + folded(findings.subject), row);
    if (first)
      manifest_.problems.push_back(
          {row, std::string(name(Column::display_name)),
           "gives the certificate the same name as that of row " + std::to_string(*first) + ", " +
               in_quotes(findings.subject) + "; write another display_name or department"});
  }

  const Table& table_;
  const Demands& demands_;
  ColumnPlaces places_{};
  std::vector<std::size_t> nameless_;  ///< columns
  Earlier addresses_, subjects_;
  Manifest manifest_;
};

}  // namespace

Manifest understand(const Table& table, std::span<const config::CaProfile> profiles,
                    const config::Config& config) {
  return Understanding(table, {profiles, config}).read();
}

}  // namespace siegel::pki::enrol
