#include "config/reader.h"

#include <algorithm>

namespace siegel::config {
namespace {

bool holds(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

void Reader::finish() {
  for (const TreeNode& child : map_.children) {
    if (holds(known_, child.key)) continue;
    std::string hint = did_you_mean(child.key, known_);
    if (hint.empty()) hint = "; the keys here are " + one_of(known_);
    report(reading_.problems, child.key_at, "unknown key " + in_quotes(child.key) + hint);
  }
}

std::optional<std::string> Reader::read_text(const TreeNode& node, const Key& key) {
  const TextForm& form = *key.form;
  if (!is_text(node, key, std::string(form.expected))) return std::nullopt;
  auto value = form.read(node.text, reading_.folder);
  if (!value) report_wrong(node, key, {std::string(form.expected), form.choices});
  return value;
}

bool Reader::is_text(const TreeNode& node, const Key& key, const std::string& expected) {
  if (node.kind == TreeNode::Kind::refused) return false;
  if (node.kind == TreeNode::Kind::null) {
    report(reading_.problems, node.at, in_quotes(key.name) + " has no value; write " + expected);
    return false;
  }
  if (node.kind == TreeNode::Kind::scalar &&
      (key.later.word.empty() || node.text != key.later.word))
    return true;
  const std::string text = node.kind == TreeNode::Kind::scalar
                               ? in_quotes(key.name) + ": " + std::string(key.later.instead)
                               : in_quotes(key.name) + " must be one value: " + expected;
  report(reading_.problems, node.at, text);
  return false;
}

bool Reader::is_sequence(const TreeNode& node, const Key& key) {
  if (node.kind == TreeNode::Kind::sequence) return true;
  if (node.kind != TreeNode::Kind::refused)
    report(reading_.problems, node.at,
           in_quotes(key.name) + " must be a list: write [first, second], or [] for none");
  return false;
}

bool Reader::is_map(const TreeNode& node, const Key& key) {
  if (node.kind == TreeNode::Kind::map) return true;
  if (node.kind != TreeNode::Kind::refused)
    report(reading_.problems, node.at,
           in_quotes(key.name) + " must hold keys of its own, such as {key: value}");
  return false;
}

void Reader::report_missing(const Key& key) {
  std::string text = in_quotes(path_ + std::string(key.name)) + " is missing";
  if (!key.example.empty())
    text += "; write, for example, " + std::string(key.name) + ": " + std::string(key.example);
  report(reading_.problems, map_.at, std::move(text));
}

void Reader::report_wrong(const TreeNode& node, const Key& key, const Expected& expected) {
  report(reading_.problems, node.at,
         in_quotes(key.name) + " is " + in_quotes(node.text) + "; it must be " + expected.text +
             did_you_mean(node.text, expected.choices));
}

void Reader::report_range(const TreeNode& node, const Key& key, const std::string& least,
                          const std::string& most) {
  report(reading_.problems, node.at,
         in_quotes(key.name) + " is " + in_quotes(node.text) + "; it must be from " + least +
             " to " + most);
}

}  // namespace siegel::config
