#include "pki/enrol/manifest_columns.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/enrol/naming.h"
#include "pki/enrol/unicode.h"

namespace siegel::pki::enrol {
namespace {

struct Heading {
  std::string_view text;
  Column column;
};

/// The first of each column is its name.
constexpr std::array headings{Heading{"address", Column::address},
                              Heading{"adresse", Column::address},
                              Heading{"mailadresse", Column::address},
                              Heading{"postfach", Column::address},
                              Heading{"display_name", Column::display_name},
                              Heading{"name", Column::display_name},
                              Heading{"anzeigename", Column::display_name},
                              Heading{"department", Column::department},
                              Heading{"abteilung", Column::department},
                              Heading{"owner", Column::owner},
                              Heading{"verantwortlich", Column::owner},
                              Heading{"deputy", Column::deputy},
                              Heading{"vertretung", Column::deputy},
                              Heading{"profile", Column::profile},
                              Heading{"profil", Column::profile},
                              Heading{"key_type", Column::key_type},
                              Heading{"schluessel", Column::key_type},
                              Heading{"purposes", Column::purposes},
                              Heading{"zweck", Column::purposes}};

/// "Display Name", "display-name" → "display_name"
std::string canonical(std::string_view heading) {
  if (!is_utf8(heading)) return {};
  std::string text = ascii::lower(transliterated(composed(ascii::trim(heading))));
  std::ranges::replace(text, ' ', '_');
  std::ranges::replace(text, '-', '_');
  return text;
}

}  // namespace

std::string_view name(Column column) {
  return std::ranges::find(headings, column, &Heading::column)->text;
}

std::optional<Column> column_of(std::string_view heading) {
  const std::string text = canonical(heading);
  const auto* const found = std::ranges::find(headings, text, &Heading::text);
  if (found == headings.end()) return std::nullopt;
  return found->column;
}

std::vector<std::string_view> column_headings() {
  std::vector<std::string_view> texts;
  texts.reserve(headings.size());
  for (const Heading& heading : headings) texts.push_back(heading.text);
  return texts;
}

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names;
  names.reserve(column_count);
  for (std::size_t i = 0; i < column_count; ++i) names.push_back(name(static_cast<Column>(i)));
  return names;
}

}  // namespace siegel::pki::enrol
