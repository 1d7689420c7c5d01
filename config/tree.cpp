#include "config/tree.h"

#include <algorithm>
#include <utility>

namespace siegel::config {
namespace {

Place last_place(const TreeNode& node) {
  const TreeNode* last = &node;
  while (!last->children.empty()) last = &last->children.back();
  return std::max(last->at, last->key_at);
}

}  // namespace

const TreeNode* TreeNode::find(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &TreeNode::key);
  return kind == Kind::map && found != children.end() ? &*found : nullptr;
}

bool TreeNode::is_touched_by(const std::vector<Problem>& problems) const {
  const Place last = last_place(*this);
  return std::ranges::any_of(problems, [&](const Problem& problem) {
    const Place place{problem.line, problem.column};
    return at <= place && place <= last;
  });
}

const TreeNode* sound(const TreeNode& root, std::initializer_list<std::string_view> path,
                      const std::vector<Problem>& problems) {
  const TreeNode* node = &root;
  for (const std::string_view name : path) {
    node = node->find(name);
    if (node == nullptr) return nullptr;
  }
  return node->is_touched_by(problems) ? nullptr : node;
}

Place place_of(const TreeNode& map, std::string_view name) {
  const TreeNode* const node = map.find(name);
  return node == nullptr ? map.at : node->at;
}

bool take_as_map(TreeNode& root, std::string_view example, std::vector<Problem>& problems) {
  if (root.kind == TreeNode::Kind::null) {
    root.kind = TreeNode::Kind::map;
    root.at = {};
  }
  if (root.kind == TreeNode::Kind::map) return true;
  report(problems, root.at, "the file must hold keys, such as " + std::string(example));
  return false;
}

std::vector<Problem> in_order(std::vector<Problem> problems) {
  std::ranges::stable_sort(
      problems, {}, [](const Problem& problem) { return std::pair(problem.line, problem.column); });
  return problems;
}

}  // namespace siegel::config
