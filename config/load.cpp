#include "config/load.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "config/checks.h"
#include "config/reader.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

constexpr std::size_t text_limit = std::size_t{1} << 20U;
constexpr std::size_t depth_limit = 32;
constexpr std::size_t node_limit = 10000;

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

/// Builds the tree from yaml-cpp's events. We do not use its own nodes, because they resolve
/// aliases (a small text can become a huge tree), keep only the last of two equal keys, and know
/// no limits.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<Problem>& problems) : problems_(problems) {}

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
    if (++nodes_ > node_limit)
      stop(mark, "more than " + std::to_string(node_limit) + " values; make the file shorter");
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
  if (yaml.size() > text_limit) {
    report(problems, {}, "the file is larger than 1 MiB; make it shorter");
    return false;
  }
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

/// The tree of the only document of `yaml`, or nothing if it is no YAML.
std::optional<TreeNode> read_tree(std::string_view yaml, std::vector<Problem>& problems) {
  if (!is_text(yaml, problems)) return std::nullopt;
  // yaml-cpp takes the end of the text for a missing end quote; an end of document it does not.
  std::istringstream text(std::string(yaml) + "\n...\n");
  TreeBuilder builder(problems);
  try {
    YAML::Parser parser(text);
    parser.HandleNextDocument(builder);
    TreeNode root = builder.take();
    TreeBuilder more(problems);
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

/// What a default can be made from only when the rest is known.
void complete(Config& config) {
  if (config.postmaster.empty() && !config.domains.empty())
    config.postmaster = "postmaster@" + config.domains.front();
}

Config read_config(TreeNode root, Reading& reading) {
  Config config;
  if (root.kind == TreeNode::Kind::null) {
    root.kind = TreeNode::Kind::map;
    root.at = {};
  }
  if (root.kind != TreeNode::Kind::map) {
    report(reading.problems, root.at,
           "the file must hold keys, such as name: gateway.stadt.example");
    return config;
  }
  Reader reader(root, {}, reading);
  schema(reader, config);
  reader.finish();
  check_whole(config, root, reading.problems);
  complete(config);
  return config;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(text_limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.eof()) {
    const int number = errno;
    if (in) return text;  // longer than the limit, which parse() will say
    throw Error(Fault::ours, "the configuration cannot be read; check the path and its permissions",
                file.string() + ": " + std::generic_category().message(number));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Loaded parse(std::string_view yaml, const std::filesystem::path& file) {
  Reading reading{file.parent_path(), {}};
  auto root = read_tree(yaml, reading.problems);
  Loaded loaded;
  if (root) {
    Config config = read_config(std::move(*root), reading);
    config.file = file;
    if (reading.problems.empty()) loaded.config = std::make_shared<const Config>(std::move(config));
  }
  loaded.problems = std::move(reading.problems);
  std::ranges::stable_sort(loaded.problems, {}, [](const Problem& problem) {
    return std::pair(problem.line, problem.column);
  });
  return loaded;
}

std::shared_ptr<const Config> load(const std::filesystem::path& file) {
  Loaded loaded = parse(read_file(file), file);
  if (loaded.config) return loaded.config;
  std::string lines;
  for (const Problem& problem : loaded.problems) lines += '\n' + describe(problem, file);
  throw Error(Fault::ours, "the configuration cannot be used; mend what is named and try again",
              lines);
}

std::string describe(const Problem& problem, const std::filesystem::path& file) {
  return file.string() + ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column) +
         ": " + problem.text;
}

}  // namespace siegel::config
