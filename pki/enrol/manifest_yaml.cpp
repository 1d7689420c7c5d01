#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/read_tree.h"
#include "config/spelling.h"
#include "pki/enrol/manifest.h"
#include "pki/enrol/manifest_columns.h"

namespace siegel::pki::enrol {
namespace {

using config::in_quotes;
using config::TreeNode;

constexpr std::size_t item_limit = 20000;
constexpr std::size_t column_limit = 64;
/// For each item its map, eight keys with their values, and a list of purposes.
constexpr config::TreeLimits limits{std::size_t{8} << 20U, item_limit * 20};

using Problems = std::vector<ManifestProblem>;

/// Gathers the table item by item.
class TableReader {
 public:
  explicit TableReader(Problems& problems) : problems_(problems) {}

  Table read(const TreeNode& root) && {
    const TreeNode* const list = list_in(root);
    if (list == nullptr) return {};
    if (list->children.empty())
      return give_up("the list is empty; write one item for each mailbox");
    if (list->children.size() > item_limit)
      return give_up("the file has more than 20,000 items; divide it");
    for (const TreeNode& item : list->children) take_item(item);
    if (table_.columns.size() > column_limit)
      return give_up("the items have more than 64 different keys; take out those that are unknown");
    for (Table::Row& row : table_.rows) row.cells.resize(table_.columns.size());
    return std::move(table_);
  }

 private:
  Table give_up(std::string why) {
    problems_.push_back({0, "", std::move(why)});
    return {};
  }

  const TreeNode* list_in(const TreeNode& root) {
    if (root.kind == TreeNode::Kind::sequence) return &root;
    const TreeNode* const list = root.find("mailboxes");
    if (list == nullptr || list->kind != TreeNode::Kind::sequence) {
      give_up(
          "the file must hold a list with one item for each mailbox, or such a list under the "
          "key \"mailboxes\"");
      return nullptr;
    }
    for (const TreeNode& other : root.children) {
      if (&other != list)
        problems_.push_back({other.key_at.line, "",
                             "unknown key " + in_quotes(other.key) +
                                 "; only \"mailboxes\" may stand here, take it out"});
    }
    return list;
  }

  void take_item(const TreeNode& item) {
    if (item.kind != TreeNode::Kind::map) {
      if (item.kind != TreeNode::Kind::refused)
        problems_.push_back({item.at.line, "",
                             "is no mailbox; write keys, such as {address: bauamt@stadt.example}"});
      return;
    }
    Table::Row row{item.at.line, {}};
    for (const TreeNode& value : item.children) {
      const std::size_t column = index_of(ascii::lower(ascii::trim(value.key)));
      if (column >= column_limit) continue;
      row.cells.resize(std::max(row.cells.size(), column + 1));
      row.cells[column] = text_of(value, row.number);
    }
    table_.rows.push_back(std::move(row));
  }

  /// Where the column `name` stands, which may be new. One more than the limit is kept, to be told.
  std::size_t index_of(const std::string& name) {
    const auto found = std::ranges::find(table_.columns, name);
    const auto index = static_cast<std::size_t>(found - table_.columns.begin());
    if (found == table_.columns.end() && index <= column_limit) table_.columns.push_back(name);
    return index;
  }

  std::string text_of(const TreeNode& value, std::size_t row) {
    if (value.kind == TreeNode::Kind::scalar) return std::string(ascii::trim(value.text));
    if (value.kind == TreeNode::Kind::null || value.kind == TreeNode::Kind::refused) return {};
    if (value.kind == TreeNode::Kind::sequence && column_of(value.key) == Column::purposes)
      return words_of(value, row);
    problems_.push_back(
        {row, printable(value.key, 80), "must be one text, no list and no keys; write it in one"});
    return {};
  }

  std::string words_of(const TreeNode& list, std::size_t row) {
    std::string text;
    for (const TreeNode& word : list.children) {
      if (word.kind == TreeNode::Kind::scalar) {
        text += (text.empty() ? "" : " ") + word.text;
      } else {
        problems_.push_back(
            {row, printable(list.key, 80), "must be a list of words, such as [sign, encrypt]"});
      }
    }
    return text;
  }

  Problems& problems_;
  Table table_;
};

}  // namespace

Table read_yaml(std::string_view octets, Problems& problems) {
  std::vector<config::Problem> faults;
  const auto root = config::read_tree(octets, limits, faults);
  for (config::Problem& fault : faults) problems.push_back({fault.line, "", std::move(fault.text)});
  if (!root) return {};
  return TableReader(problems).read(*root);
}

}  // namespace siegel::pki::enrol
