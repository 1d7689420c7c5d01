#include "tools/siegel/table.h"

#include <algorithm>
#include <ostream>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::tools {
namespace {

constexpr std::size_t cell_limit = 120;

std::string cell_text(const Json& cell) {
  if (cell.is_null()) return "-";
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_string()) return printable(cell.get<std::string>(), cell_limit);
  if (!cell.is_array()) return cell.dump();
  std::string joined;
  for (const Json& each : cell) {
    if (!joined.empty()) joined += ", ";
    joined += printable(each.get<std::string>(), cell_limit);
  }
  return joined;
}

std::string heading(const std::string& key) {
  std::string text;
  for (const char c : key) text += c == '_' ? ' ' : ascii::upper(c);
  return text;
}

/// Columns on a terminal, near enough: one per code point.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

using Line = std::vector<std::string>;

std::vector<std::size_t> widths_of(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  return widths;
}

void print_line(std::ostream& out, const Line& line, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    out << line[i];
    if (i + 1 < line.size()) out << std::string(widths[i] - width(line[i]) + 2, ' ');
  }
  out << '\n';
}

}  // namespace

void print_json(std::ostream& out, const Json& json) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void Table::add(std::vector<Json> cells) {
  rows_.push_back(std::move(cells));
}

Json Table::json() const {
  Json array = Json::array();
  for (const auto& row : rows_) {
    Json object = Json::object();
    for (std::size_t i = 0; i < keys_.size(); ++i) object[keys_[i]] = row[i];
    array.push_back(std::move(object));
  }
  return array;
}

void Table::print(std::ostream& out, bool as_json) const {
  if (as_json) return print_json(out, json());
  std::vector<Line> lines(1);
  for (const std::string& key : keys_) lines.front().push_back(heading(key));
  for (const auto& row : rows_) {
    Line line;
    for (const Json& cell : row) line.push_back(cell_text(cell));
    lines.push_back(std::move(line));
  }
  const auto widths = widths_of(lines);
  for (const Line& line : lines) print_line(out, line, widths);
}

}  // namespace siegel::tools
