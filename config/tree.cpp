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

}  // namespace siegel::config
