#include "config/read_tree.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

constexpr std::size_t depth_limit = 32;

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

/// Builds the tree from yaml-cpp's events. We do not use its own nodes, because they resolve
/// aliases (a small text can become a huge tree), keep only the last of two equal keys, and know
/// no limits.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::size_t node_limit, std::vector<Problem>& problems)
      : node_limit_(node_limit), problems_(problems) {}

  [[nodiscard]] TreeNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    attach(make(TreeNode::Kind::null, mark, {"?", anchor}));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report(problems_, place_of(mark), "aliases (*name) are not allowed; write the value out");
    attach(make(TreeNode::Kind::refused, mark, {"?", 0}));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    TreeNode node = make(TreeNode::Kind::scalar, mark, {tag, anchor});
    node.text = value;
    attach(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(TreeNode::Kind::sequence, mark, {tag, anchor}));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(TreeNode::Kind::map, mark, {tag, anchor}));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Properties {
    std::string_view tag;
    YAML::anchor_t anchor;
  };
  /// A sequence or map that is not at its end yet.
  struct Open {
    TreeNode node;
    std::optional<TreeNode> key;         ///< of a map: its value comes next
    std::map<std::string, Place> known;  ///< of a map: the keys so far
  };

  /// Ends the reading by the parser's own way out, so that it is told like a fault of syntax.
  [[noreturn]] static void stop(const YAML::Mark& mark, const std::string& text) {
    throw YAML::ParserException(mark, text);
  }

  TreeNode make(TreeNode::Kind kind, const YAML::Mark& mark, const Properties& properties) {
    if (++nodes_ > node_limit_)
      stop(mark, "more than " + std::to_string(node_limit_) + " values; make the file shorter");
    TreeNode node;
    node.kind = kind;
    node.at = place_of(mark);
    if (properties.anchor != 0)
      report(problems_, node.at, "anchors (&name) are not allowed; write the value out");
    // YAML 1.2.2 §6.9.1: "?" stands for a plain value without a tag, "!" for a quoted one.
    const bool has_tag = properties.tag != "?" && properties.tag != "!" && !properties.tag.empty();
    if (has_tag) report(problems_, node.at, "tags (!name) are not allowed; take the tag out");
    return node;
  }

  void open(TreeNode node) {
    if (open_.size() >= depth_limit)
      throw YAML::ParserException(mark_of(node.at),
                                  "more than " + std::to_string(depth_limit) +
                                      " levels of lists and maps; make the file flatter");
    open_.push_back({std::move(node), std::nullopt, {}});
  }

  void close() {
    TreeNode node = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(node));
  }

  /// Where no value stands, the parser has gone on to what comes next: such a node takes the place
  /// of its key or list.
  void attach(TreeNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == TreeNode::Kind::sequence) {
      if (node.kind == TreeNode::Kind::null) node.at = parent.node.at;
      parent.node.children.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      attach_value(parent, std::move(node));
    }
  }

  void attach_value(Open& map, TreeNode value) {
    const TreeNode key = *std::exchange(map.key, std::nullopt);
    if (key.kind != TreeNode::Kind::scalar) {
      report(problems_, key.at, "a key must be one word");
      return;
    }
    const auto [first, is_new] = map.known.try_emplace(key.text, key.at);
    if (!is_new) {
      report(problems_, key.at,
             "key " + in_quotes(key.text) + " stands in line " +
                 std::to_string(first->second.line) + " already; take one of them out");
      return;
    }
    value.key = key.text;
    value.key_at = key.at;
    if (value.kind == TreeNode::Kind::null) value.at = key.at;
    map.node.children.push_back(std::move(value));
  }

  static YAML::Mark mark_of(Place place) {
    YAML::Mark mark;
    mark.line = static_cast<int>(place.line) - 1;
    mark.column = static_cast<int>(place.column) - 1;
    return mark;
  }

  std::size_t node_limit_;
  std::vector<Problem>& problems_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  TreeNode root_;
};

/// The place of octet `offset` of `text`.
Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n');
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? offset : offset - start - 1;
  return {static_cast<std::uint32_t>(line) + 1, static_cast<std::uint32_t>(column) + 1};
}

/// Octets that are no text are told before the parser meets them: it would guess an encoding.
bool is_text(std::string_view yaml, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < yaml.size();) {
    const auto point = first_code_point(yaml.substr(i));
    const char c = yaml[i];
    const bool is_layout = c == '\n' || c == '\r' || c == '\t';
    if (!point || (ascii::is_control(c) && !is_layout)) {
      report(
          problems, place_at(yaml, i),
          point ? "a control character; take it out" : "this is not UTF-8; save the file as UTF-8");
      return false;
    }
    i += point->octets;
  }
  return true;
}

}  // namespace

std::optional<TreeNode> read_tree(std::string_view yaml, const TreeLimits& limits,
                                  std::vector<Problem>& problems) {
  if (yaml.size() > limits.octets) {
    report(problems, {},
           "the file is larger than " + std::to_string(limits.octets >> 20U) +
               " MiB; make it shorter");
    return std::nullopt;
  }
  if (!is_text(yaml, problems)) return std::nullopt;
  // yaml-cpp takes the end of the text for a missing end quote; an end of document it does not.
  std::istringstream text(std::string(yaml) + "\n...\n");
  TreeBuilder builder(limits.nodes, problems);
  try {
    YAML::Parser parser(text);
    parser.HandleNextDocument(builder);
    TreeNode root = builder.take();
    TreeBuilder more(limits.nodes, problems);
    if (parser.HandleNextDocument(more)) {
      report(problems, more.take().at, "a second document; write all in one");
      return std::nullopt;
    }
    return root;
  } catch (const YAML::Exception& fault) {
    const Place end = place_at(yaml, yaml.size());
    const Place place = place_of(fault.mark);
    const std::string reason =
        place > end ? "a quote or bracket is opened and not closed" : printable(fault.msg);
    report(problems, std::min(place, end), "this is not right YAML: " + reason);
    return std::nullopt;
  }
}

}  // namespace siegel::config
