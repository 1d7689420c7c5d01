#include <algorithm>
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

/// Visitor of the schema: writes each key with its explanation and its default. What has no
/// default is commented out by a `#` that only has to be taken away.
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
      write_leaf(key, write_value(member));
    }
  }

  template <typename Describe>
  void section(const Key& key, const Describe& describe) {
    if (!dash_) text_ += '\n';
    explain(key);
    put(std::string(key.name) + ':');
    indent_ += step;
    describe(*this);
    indent_ -= step;
  }

  void later(std::string_view, std::string_view) {}
  void line(std::uint32_t&) {}

 private:
  static constexpr std::size_t step = 2;

  template <typename T>
  void write_optional(const Key& key, const std::optional<T>& member) {
    const auto outer = std::exchange(comment_, comment_ || member ? comment_ : indent_);
    if constexpr (Described<T, Annotator>) {
      T shown = member.value_or(T{});
      section(key, [&shown](Annotator& inner) { schema(inner, shown); });
    } else {
      write_leaf(key, member ? write_value(*member) : std::string());
    }
    comment_ = outer;
  }

  template <typename T>
  void write_list(const Key& key, std::vector<T>& list) {
    if constexpr (Described<T, Annotator>) {
      write_items(key, list);
    } else {
      std::string items;
      for (const T& item : list) items += (items.empty() ? "" : ", ") + write_value(item);
      write_leaf(key, '[' + items + ']');
    }
  }

  /// Only the first item is explained. An empty list is shown as one item, commented out.
  template <typename T>
  void write_items(const Key& key, std::vector<T> list) {
    text_ += '\n';
    const auto outer = std::exchange(comment_, comment_ || !list.empty() ? comment_ : indent_);
    if (list.empty()) list.emplace_back();
    explain(key);
    put(std::string(key.name) + ':');
    indent_ += 2 * step;
    for (T& item : list) {
      dash_ = true;
      schema(*this, item);
      is_silent_ = true;
    }
    is_silent_ = false;
    indent_ -= 2 * step;
    comment_ = outer;
  }

  void write_leaf(const Key& key, const std::string& value) {
    const bool is_absent = value.empty() || value == "\"\"";
    const auto outer = std::exchange(comment_, comment_ || !is_absent ? comment_ : indent_);
    explain(key);
    const bool takes_example = comment_ && !key.example.empty();
    put(std::string(key.name) + ": " +
        (takes_example ? yaml_text(std::string(key.example)) : value));
    comment_ = outer;
  }

  void explain(const Key& key) {
    if (is_silent_) return;
    const std::size_t width = line_width - margin() - 2;
    std::string_view rest = key.about;
    while (rest.size() > width) {
      const auto blank = rest.rfind(' ', width);
      put_raw("# " + std::string(rest.substr(0, blank)));
      rest.remove_prefix(blank + 1);
    }
    put_raw("# " + std::string(rest));
  }

  /// Where a line begins; before the first key of an item that is where its dash will stand.
  [[nodiscard]] std::size_t margin() const { return indent_ - (dash_ ? step : 0); }

  void put(const std::string& line) {
    put_raw((dash_ ? "- " : "") + line);
    dash_ = false;
  }

  void put_raw(const std::string& line) {
    std::string blanks(margin(), ' ');
    const bool is_hidden = comment_ && !line.starts_with("# ");
    if (is_hidden) blanks.insert(*comment_, "#");
    text_ += blanks + line + '\n';
  }

  std::string text_;
  std::size_t indent_ = 0;
  std::optional<std::size_t> comment_;  ///< the column of `#` where keys are commented out
  bool dash_ = false;                   ///< the next key is the first of a list's item
  bool is_silent_ = false;              ///< its keys were explained before
};

/// The defaults, and for what has none the smallest set-up that works.
Config example() {
  Config config;
  config.name = "gateway.stadt.example";
  config.domains = {"stadt.example"};
  config.relay.listen = {{{"0.0.0.0", 25}, Side::world, {}},
                         {{"0.0.0.0", 587}, Side::inside, {{"10.0.0.0/8"}}}};
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
    "# \"# \" begins an explanation. A \"#\" that touches a key, or stands more than one blank "
    "before\n"
    "# it, hides a key without a default: take the \"#\" away, and nothing else, to use it.\n"
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
