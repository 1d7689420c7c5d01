#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace siegel::config {

/// A place in a configuration text; both count from 1, the column in octets.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  auto operator<=>(const Place&) const = default;
};

/// What the YAML text says, before it is understood: a tree of texts, each with its place.
struct TreeNode {
  enum class Kind {
    null,      ///< a key without a value
    scalar,    ///< `text` holds it
    sequence,  ///< `children` are its items
    map,       ///< `children` are its values, each with its `key`
    refused,   ///< was reported while reading; nothing more is to be said of it
  };
  Kind kind = Kind::null;
  Place at;
  std::string text;
  std::string key;  ///< under which it stands in a map
  Place key_at;
  std::vector<TreeNode> children;

  /// The value of `name` in a map, or null.
  [[nodiscard]] const TreeNode* find(std::string_view name) const;
  /// True if one of `problems` lies within this node.
  [[nodiscard]] bool is_touched_by(const std::vector<Problem>& problems) const;
};

/// The node at the end of `path`, if it is there and nothing is wrong in it.
[[nodiscard]] const TreeNode* sound(const TreeNode& root,
                                    std::initializer_list<std::string_view> path,
                                    const std::vector<Problem>& problems);
/// The place of `name` in `map`, or of the map itself where the key is left out.
[[nodiscard]] Place place_of(const TreeNode& map, std::string_view name);

/// An empty text holds an empty map. False, and reported, if `root` is something else; `example` is
/// a line that would be right.
bool take_as_map(TreeNode& root, std::string_view example, std::vector<Problem>& problems);

/// In the order of the text.
[[nodiscard]] std::vector<Problem> in_order(std::vector<Problem> problems);

inline void report(std::vector<Problem>& problems, Place at, std::string text) {
  problems.push_back({at.line, at.column, std::move(text)});
}

}  // namespace siegel::config
