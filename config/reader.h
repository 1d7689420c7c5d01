#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/schema.h"
#include "config/spelling.h"
#include "config/tree.h"
#include "config/values.h"

namespace siegel::config {

/// Where relative paths begin, and where problems go.
struct Reading {
  std::filesystem::path folder;
  std::vector<Problem> problems;
};

/// What a visitor meets, told by the member's type: a struct with a schema of its own …
template <typename T, typename Visitor>
concept Described = requires(T& value, Visitor& visit) {
  schema(visit, value);
};
/// … or one that a short text may stand for.
template <typename T>
concept HasShortForm = requires(T& value) {
  short_form(value);
};

template <typename T>
inline constexpr bool is_list = false;
template <typename T>
inline constexpr bool is_list<std::vector<T>> = true;
template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Values that Key::least and Key::most bound, and the number that is compared with them.
template <typename T>
concept Bounded = std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, std::chrono::seconds>;
inline std::uint64_t magnitude(std::uint64_t value) {
  return value;
}
inline std::uint64_t magnitude(std::chrono::seconds value) {
  return static_cast<std::uint64_t>(value.count());
}

/// Visitor of the schema: fills one struct from one map of the tree, and reports everything that
/// does not fit. What is missing or wrong leaves the member at its default.
class Reader {
 public:
  /// @param path  the keys that lead to `map`, each followed by a dot
  Reader(const TreeNode& map, std::string path, Reading& reading)
      : map_(map), path_(std::move(path)), reading_(reading) {}

  template <typename T>
  void operator()(const Key& key, T& member) {
    known_.push_back(key.name);
    const TreeNode* const node = map_.find(key.name);
    if constexpr (Described<T, Reader> && !HasShortForm<T>) {
      take_map(node, key, [&member](Reader& inner) { schema(inner, member); });
    } else if (node == nullptr) {
      if (key.required) report_missing(key);
    } else {
      take(*node, key, member);
    }
  }

  template <typename Describe>
  void section(const Key& key, const Describe& describe) {
    known_.push_back(key.name);
    take_map(map_.find(key.name), key, describe);
  }

  void line(std::uint32_t& number) const { number = map_.at.line; }

  /// Reports the keys that the schema did not name. To be called last.
  void finish();

 private:
  template <typename T>
  void take(const TreeNode& node, const Key& key, T& member) {
    if constexpr (is_list<T>) {
      take_list(node, key, member);
    } else if constexpr (is_optional<T>) {
      take_optional(node, key, member);
    } else if constexpr (HasShortForm<T>) {
      if (node.kind != TreeNode::Kind::map) return take(node, key, short_form(member));
      take_map(&node, key, [&member](Reader& inner) { schema(inner, member); });
    } else if constexpr (Described<T, Reader>) {
      take_map(&node, key, [&member](Reader& inner) { schema(inner, member); });
    } else if (auto value = read_value<T>(node, key)) {
      member = std::move(*value);
    }
  }

  template <typename T>
  void take_optional(const TreeNode& node, const Key& key, std::optional<T>& member) {
    if constexpr (Described<T, Reader>) {
      take(node, key, member.emplace());
    } else {
      member = read_value<T>(node, key);
    }
  }

  /// Structs keep their place in the list even where something is wrong in them, so that later
  /// checks find the node of each.
  template <typename T>
  void take_list(const TreeNode& node, const Key& key, std::vector<T>& list) {
    if (!is_sequence(node, key)) return;
    list.clear();
    for (const TreeNode& item : node.children) {
      if constexpr (Described<T, Reader>) {
        take(item, key, list.emplace_back());
      } else if (auto value = read_value<T>(item, key)) {
        list.push_back(std::move(*value));
      }
    }
  }

  /// A map that is not there is read as an empty one: its required keys are missing all the same.
  template <typename Describe>
  void take_map(const TreeNode* node, const Key& key, const Describe& describe) {
    TreeNode empty;
    empty.kind = TreeNode::Kind::map;
    empty.at = node == nullptr ? map_.at : node->key_at;
    const bool is_empty =
        node == nullptr || (node->kind == TreeNode::Kind::null && !node->key.empty());
    if (!is_empty && !is_map(*node, key)) return;
    Reader inner(is_empty ? empty : *node, path_ + std::string(key.name) + '.', reading_);
    describe(inner);
    inner.finish();
  }

  template <typename T>
  std::optional<T> read_value(const TreeNode& node, const Key& key) {
    if constexpr (std::is_same_v<T, std::string>) {
      return read_text(node, key);
    } else {
      if (!is_text(node, key, Form<T>::expected())) return std::nullopt;
      auto value = Form<T>::read(node.text, reading_.folder);
      if (!value) report_wrong(node, key, {Form<T>::expected(), Form<T>::choices()});
      if constexpr (Bounded<T>) {
        if (value && !is_within(magnitude(*value), key)) {
          report_range(node, key, Form<T>::write(T(key.least)), Form<T>::write(T(key.most)));
          return std::nullopt;
        }
      }
      return value;
    }
  }

  struct Expected {
    std::string text;
    std::vector<std::string_view> choices;
  };

  static bool is_within(std::uint64_t value, const Key& key) {
    return key.least <= value && value <= key.most;
  }
  std::optional<std::string> read_text(const TreeNode& node, const Key& key);
  bool is_text(const TreeNode& node, const Key& key, const std::string& expected);
  bool is_sequence(const TreeNode& node, const Key& key);
  bool is_map(const TreeNode& node, const Key& key);
  void report_missing(const Key& key);
  void report_wrong(const TreeNode& node, const Key& key, const Expected& expected);
  void report_range(const TreeNode& node, const Key& key, const std::string& least,
                    const std::string& most);

  const TreeNode& map_;
  std::string path_;
  Reading& reading_;
  std::vector<std::string_view> known_;
};

}  // namespace siegel::config
