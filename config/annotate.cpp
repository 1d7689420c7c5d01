#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "config/load.h"
#include "config/reader.h"

namespace siegel::config {
namespace {

constexpr std::size_t line_width = 100;

/// A text as YAML: plain where that is safe, else in double quotes (YAML 1.2.2 §7.3.1).
std::string yaml_text(const std::string& text) {
  static constexpr std::string_view safe_marks = " ./_-+@";
  const auto is_safe = [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || ascii::is_8bit(c) ||
           safe_marks.find(c) != std::string_view::npos;
  };
  const bool starts_safely =
      !text.empty() && (ascii::is_alpha(text.front()) || ascii::is_digit(text.front()) ||
                        ascii::is_8bit(text.front()) || text.front() == '/');
  std::string plain = text;
  // A colon is a mark of its own only before a blank or at the end.
  for (std::size_t i = 0; i + 1 < plain.size(); ++i) {
    if (plain[i] == ':' && plain[i + 1] != ' ') plain[i] = '_';
  }
  if (starts_safely && std::ranges::all_of(plain, is_safe)) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

template <typename T>
std::string write_value(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return yaml_text(value);
  } else {
    return yaml_text(Form<T>::write(value));
  }
}

/// "From 1 to 64." for a key that is bounded, else nothing.
template <typename T>
std::string range_text(const Key& key) {
  if constexpr (Bounded<T>) {
    if (key.most != Key{}.most)
      return " From " + Form<T>::write(T(key.least)) + " to " + Form<T>::write(T(key.most)) + '.';
  }
  return {};
}

/// What is shown of a section that has no default: the smallest that would work.
template <typename T>
T example_of() {
  return {};
}

template <>
TransferSettings example_of<TransferSettings>() {
  TransferSettings transfer;
  transfer.listen.push_back({"0.0.0.0", 443});
  transfer.relay.to.host = "127.0.0.1";
  transfer.relay.to.port = 587;
  return transfer;
}

/// Visitor of the schema: writes each key with its explanation and its default. What has no
/// default is hidden by a `#` that only has to be taken away.
class Annotator {
 public:
  [[nodiscard]] std::string take() { return std::move(text_); }

  template <typename T>
  void operator()(const Key& key, T& member) {
    if constexpr (is_list<T>) {
      write_list(key, member);
    } else if constexpr (is_optional<T>) {
      write_optional(key, member);
    } else if constexpr (Described<T, Annotator>) {
      section(key, [&member](Annotator& inner) { schema(inner, member); });
    } else {
      write_leaf(key, {range_text<T>(key), write_value(member)});
    }
  }

  template <typename Describe>
  void section(const Key& key, const Describe& describe) {
    open(key);
    indent_ += step;
    describe(*this);
    indent_ -= step;
  }

  void line(std::uint32_t&) {}

 private:
  static constexpr std::size_t step = 2;
  struct Leaf {
    std::string remark;
    std::string value;
  };

  template <typename T>
  void write_optional(const Key& key, const std::optional<T>& member) {
    const bool outer = std::exchange(is_hidden_, is_hidden_ || !member);
    if constexpr (Described<T, Annotator>) {
      T shown = member.value_or(example_of<T>());
      section(key, [&shown](Annotator& inner) { schema(inner, shown); });
    } else {
      write_leaf(key, {{}, member ? write_value(*member) : std::string()});
    }
    is_hidden_ = outer;
  }

  template <typename T>
  void write_list(const Key& key, const std::vector<T>& list) {
    if constexpr (Described<T, Annotator>) {
      write_items(key, list);
    } else {
      std::string items;
      for (const T& item : list) items += (items.empty() ? "" : ", ") + write_value(item);
      write_leaf(key, {range_text<T>(key), '[' + items + ']'});
    }
  }

  /// An empty list is shown as one hidden item, so that the keys of an item are seen.
  template <typename T>
  void write_items(const Key& key, std::vector<T> list) {
    const bool outer = std::exchange(is_hidden_, is_hidden_ || list.empty());
    if (list.empty()) list.emplace_back();
    open(key);
    indent_ += 2 * step;
    for (T& item : list) {
      is_item_ = true;
      schema(*this, item);
    }
    indent_ -= 2 * step;
    is_hidden_ = outer;
  }

  void write_leaf(const Key& key, const Leaf& leaf) {
    const bool is_absent = leaf.value.empty() || leaf.value == "\"\"";
    const bool outer = std::exchange(is_hidden_, is_hidden_ || is_absent);
    if (indent_ == 0) text_ += '\n';
    explain(std::string(key.about) + leaf.remark);
    const bool takes_example = is_hidden_ && !key.example.empty();
    put(std::string(key.name) + ": " +
        (takes_example ? yaml_text(std::string(key.example)) : leaf.value));
    is_hidden_ = outer;
  }

  /// Begins a key that holds others.
  void open(const Key& key) {
    if (!text_.ends_with(":\n")) text_ += '\n';
    explain(std::string(key.about));
    put(std::string(key.name) + ':');
  }

  /// Says what the same keys of two structs are about only once.
  void explain(const std::string& about) {
    if (!explained_.insert(about).second) return;
    const std::string start = std::string(margin(), ' ') + "# ";
    std::string_view rest = about;
    while (start.size() + rest.size() > line_width) {
      const auto blank = rest.rfind(' ', line_width - start.size());
      text_ += start + std::string(rest.substr(0, blank)) + '\n';
      rest.remove_prefix(blank + 1);
    }
    text_ += start + std::string(rest) + '\n';
  }

  /// Where a line begins; for the first key of a list's item that is where its dash stands.
  [[nodiscard]] std::size_t margin() const { return indent_ - (is_item_ ? step : 0); }

  void put(const std::string& line) {
    text_ += std::string(margin(), ' ') + (is_hidden_ ? "#" : "") + (is_item_ ? "- " : "") + line;
    text_ += '\n';
    is_item_ = false;
  }

  std::string text_;
  std::set<std::string> explained_;
  std::size_t indent_ = 0;
  bool is_hidden_ = false;  ///< within something that has no default
  bool is_item_ = false;    ///< the next key is the first of a list's item
};

Listener listener(std::uint16_t port, Side side) {
  Listener made;
  made.at.host = "0.0.0.0";
  made.at.port = port;
  made.side = side;
  return made;
}

/// The defaults, and for what has none the smallest set-up that works.
Config example() {
  Config config;
  config.name = "gateway.stadt.example";
  config.domains = {"stadt.example"};
  config.relay.listen.push_back(listener(25, Side::world));
  config.relay.listen.push_back(listener(587, Side::inside));
  config.relay.listen.back().clients = {{"10.0.0.0/8"}};
  config.relay.inside.to.host = "mail.stadt.example";
  config.relay.world.to.host = "relay.example";
  return config;
}

constexpr std::string_view preface =
    "# siegel.yaml: every key of Siegel's configuration, at its default, with its explanation.\n"
    "# Read from /etc/siegel/siegel.yaml; check it with: siegel config check\n"
    "#\n"
    "# A key that is left out has the value shown here. Required are only: name, domains,\n"
    "# relay.listen, relay.deliver.inside and relay.deliver.world.\n"
    "# A key right behind a \"#\" has no default; take away the \"#\", and nothing else, to use "
    "it.\n"
    "# Relative paths begin at the folder of this file. Durations: s, min, h, d. Sizes: B, KB, "
    "MB,\n"
    "# GB, which are powers of 1024. Anything unknown or wrong is refused, with line and column.\n";

}  // namespace

std::string annotated_defaults() {
  Config config = example();
  Annotator annotator;
  schema(annotator, config);
  return std::string(preface) + annotator.take();
}

}  // namespace siegel::config
