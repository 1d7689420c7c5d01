#include "config/tree.h"

#include <algorithm>

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

}  // namespace siegel::config
