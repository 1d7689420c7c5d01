#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>

#include <Poco/TextConverter.h>
#include <Poco/UTF8Encoding.h>
#include <Poco/Windows1252Encoding.h>
#include <csv.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/enrol/manifest.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::size_t size_limit = std::size_t{8} << 20U;
constexpr std::size_t row_limit = 20000;
constexpr std::size_t column_limit = 64;
/// A cell may hold a few line breaks; beyond that somebody has forgotten a quotation mark.
constexpr std::size_t lines_of_row_limit = 20;

using Problems = std::vector<ManifestProblem>;
using Lines = std::span<const std::string_view>;

// --- octets to text ------------------------------------------------------------------------------

/// What Excel writes as "CSV" on a German desktop.
std::string from_windows_1252(std::string_view octets) {
  Poco::Windows1252Encoding from;
  Poco::UTF8Encoding to;
  std::string text;
  Poco::TextConverter(from, to).convert(std::string(octets), text);
  return text;
}

/// Octets that mean nothing in Windows-1252, and those that no text holds.
bool is_no_text(char octet) {
  constexpr std::string_view unused = "\x81\x8D\x8F\x90\x9D";
  const bool is_layout = octet == '\n' || octet == '\r' || octet == '\t';
  return unused.find(octet) != std::string_view::npos || (ascii::is_control(octet) && !is_layout);
}

/// True if a character of more than one octet is there, although not all is UTF-8. German text in
/// Windows-1252 has no such pairs; read as such, an umlaut would become two letters in a
/// certificate.
bool is_partly_utf8(std::string_view octets) {
  while (!octets.empty()) {
    const auto point = first_code_point(octets);
    if (point && point->octets > 1) return true;
    octets.remove_prefix(1);
  }
  return false;
}

std::optional<std::string> as_utf8(std::string_view octets, Problems& problems) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const bool has_mark = octets.starts_with(byte_order_mark);
  if (is_utf8(octets) && octets.find('\0') == std::string_view::npos)
    return std::string(octets.substr(has_mark ? byte_order_mark.size() : 0));
  if (std::ranges::none_of(octets, is_no_text) && !is_partly_utf8(octets))
    return from_windows_1252(octets);
  problems.push_back(
      {0, "",
       "the file is not all UTF-8, and not Windows-1252 either; save it as \"CSV UTF-8\" "
       "from the spreadsheet"});
  return std::nullopt;
}

/// Lines without their ends (CR LF, LF or CR), as an editor counts them.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text.size()));
  }
  return lines;
}

// --- text to rows --------------------------------------------------------------------------------

/// Takes libcsv's events.
struct CsvRow {
  std::vector<std::string> cells;
  std::size_t lines = 1;
  bool is_whole = false;
};

void on_cell(void* text, std::size_t size, void* row) {
  static_cast<CsvRow*>(row)->cells.emplace_back(
      ascii::trim({static_cast<const char*>(text), size}));
}

void on_row(int /*terminator*/, void* row) {
  static_cast<CsvRow*>(row)->is_whole = true;
}

/// The row that begins with the first of `lines`. If its quotation marks do not fit, it is not
/// whole and counts for one line: what follows may be right.
CsvRow read_row(Lines lines, char separator) {
  CsvRow row;
  csv_parser parser{};
  csv_init(&parser, CSV_STRICT);
  const std::unique_ptr<csv_parser, void (*)(csv_parser*)> owner(&parser, csv_free);
  csv_set_delim(&parser, static_cast<unsigned char>(separator));
  for (const std::string_view line : lines.first(std::min(lines.size(), lines_of_row_limit))) {
    const std::string fed = std::string(line) + '\n';
    const std::size_t taken = csv_parse(&parser, fed.data(), fed.size(), on_cell, on_row, &row);
    if (taken == fed.size() && row.is_whole) return row;
    if (taken != fed.size()) break;
    ++row.lines;
  }
  return {};
}

/// Whichever occurs most.
char separator_of(std::string_view headings) {
  constexpr std::array candidates{',', ';', '\t'};
  return *std::ranges::max_element(
      candidates, {}, [&](char candidate) { return std::ranges::count(headings, candidate); });
}

bool is_blank(const std::vector<std::string>& cells) {
  return std::ranges::all_of(cells, &std::string::empty);
}

/// Gathers the table row by row.
class TableReader {
 public:
  TableReader(std::vector<std::string_view> lines, Problems& problems)
      : lines_(std::move(lines)), problems_(problems) {}

  Table read() && {
    find_separator();
    while (at_ < lines_.size() && !has_given_up_) step();
    if (has_given_up_) return {};
    if (table_.columns.empty())
      give_up(
          "the file is empty; write the names of the columns in the first line, and a mailbox "
          "in each line below");
    else if (rows_ == 0)
      give_up("the file names no mailbox; write one in each line below the first");
    return std::move(table_);
  }

 private:
  /// Excel obeys a first line "sep=;" and does not show it.
  void find_separator() {
    while (at_ < lines_.size() && ascii::trim(lines_[at_]).empty()) ++at_;
    if (at_ == lines_.size()) return;
    constexpr std::string_view hint = "sep=";
    const std::string_view line = lines_[at_];
    const bool is_hint = ascii::starts_ignoring_case(line, hint) && line.size() == hint.size() + 1;
    separator_ = is_hint && line.back() != '"' ? line.back() : separator_of(line);
    if (is_hint) ++at_;
  }

  void step() {
    if (ascii::trim(lines_[at_]).empty()) {
      ++at_;
      return;
    }
    CsvRow row = read_row(Lines(lines_).subspan(at_), separator_);
    const std::size_t number = at_ + 1;
    at_ += row.lines;
    if (row.is_whole && is_blank(row.cells)) return;
    if (table_.columns.empty()) return take_columns(row);
    if (++rows_ > row_limit) return give_up("the file has more than 20,000 rows; divide it");
    take_row(number, std::move(row));
  }

  void take_columns(const CsvRow& row) {
    if (!row.is_whole)
      return give_up(
          "the first line, which names the columns, has a lone quotation mark; take it "
          "out");
    if (row.cells.size() > column_limit)
      return give_up("the file has more than 64 columns; take out those that are not needed");
    for (const std::string& cell : row.cells) table_.columns.push_back(ascii::lower(cell));
  }

  void take_row(std::size_t number, CsvRow row) {
    if (!row.is_whole) {
      problems_.push_back({number, "",
                           "the quotation marks do not fit together; put them around a whole cell "
                           "or take them out, and write \"\" for one within a cell"});
      return;
    }
    const std::size_t columns = table_.columns.size();
    const std::size_t surplus = row.cells.size() - std::min(row.cells.size(), columns);
    if (!is_blank({row.cells.end() - static_cast<std::ptrdiff_t>(surplus), row.cells.end()})) {
      problems_.push_back({number, "",
                           "has more cells than there are columns; put quotation marks around a "
                           "cell that holds the separator"});
      return;
    }
    row.cells.resize(columns);
    table_.rows.push_back({number, std::move(row.cells)});
  }

  void give_up(std::string why) {
    has_given_up_ = true;
    table_ = {};
    problems_.push_back({0, "", std::move(why)});
  }

  std::vector<std::string_view> lines_;
  Problems& problems_;
  Table table_;
  char separator_ = ',';
  std::size_t at_ = 0;    ///< index of the next line
  std::size_t rows_ = 0;  ///< below the columns, with those that could not be read
  bool has_given_up_ = false;
};

}  // namespace

Table read_csv(std::string_view octets, Problems& problems) {
  if (octets.size() > size_limit) {
    problems.push_back({0, "", "the file is larger than 8 MiB; divide it"});
    return {};
  }
  const auto text = as_utf8(octets, problems);
  if (!text) return {};
  return TableReader(lines_of(*text), problems).read();
}

}  // namespace siegel::pki::enrol
