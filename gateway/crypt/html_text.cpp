#include "gateway/crypt/html_text.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

#include <libxml/HTMLparser.h>

#include "base/ascii.h"
#include "base/handle.h"

namespace siegel::crypt {
namespace {

constexpr std::size_t size_limit = std::size_t{4} << 20U;
/// The parser looks through all open elements at each end tag.
constexpr std::size_t level_limit = 256;
/// The parser compares each attribute of a tag with all others.
constexpr std::size_t separator_limit = 512;
constexpr std::size_t target_limit = 2048;

constexpr std::array<std::string_view, 4> unseen{"script", "style", "title", "template"};
constexpr std::array<std::string_view, 30> blocks{
    "address", "article", "aside",  "blockquote", "body", "center",  "dd", "div",
    "dl",      "dt",      "footer", "form",       "h1",   "h2",      "h3", "h4",
    "h5",      "h6",      "header", "hr",         "li",   "main",    "ol", "p",
    "pre",     "section", "table",  "tr",         "ul",   "fieldset"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/// A target that a reader can be shown. One with blanks or foreign characters is none, but may have
/// swallowed text that must not become part of a link (EFAIL).
bool is_presentable(std::string_view target) {
  return !target.empty() && target.front() != '#' && target.size() <= target_limit &&
         std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7F'; });
}

/// Puts text together from the parser's events.
class TextWriter {
 public:
  explicit TextWriter(htmlParserCtxtPtr context) : context_(context) {}

  void start(std::string_view name, const xmlChar** attributes) {
    if (++levels_ > level_limit) return give_up();
    if (is_one_of(unseen, name)) ++unseen_levels_;
    if (is_one_of(blocks, name)) end_line();
    if (name == "li") bullet_ = "- ";
    if (name == "td" || name == "th") has_blank_ = true;
    if (name == "pre") ++pre_levels_;
    if (name == "br") text_ += "\r\n";
    if (name == "a") targets_.emplace_back(value_of(attributes, "href"));
    if (name == "img") describe(value_of(attributes, "alt"));
  }

  void end(std::string_view name) {
    if (levels_ > 0) --levels_;
    if (is_one_of(unseen, name) && unseen_levels_ > 0) --unseen_levels_;
    if (is_one_of(blocks, name)) end_line();
    if (name == "pre" && pre_levels_ > 0) --pre_levels_;
    if (name == "a") end_link();
  }

  void characters(std::string_view text) {
    if (unseen_levels_ > 0) return;
    for (const char c : text) {
      if (!is_space(c)) {
        write(c);
      } else if (pre_levels_ == 0) {
        has_blank_ = true;
      } else if (c == '\n') {
        text_ += "\r\n";
      } else if (c != '\r') {
        text_ += ' ';
      }
    }
  }

  [[nodiscard]] std::optional<std::string> finish() && {
    if (has_given_up_) return std::nullopt;
    end_line();
    return std::move(text_);
  }

 private:
  static std::string_view value_of(const xmlChar** attributes, std::string_view name) {
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2) {
      if (reinterpret_cast<const char*>(attributes[0]) != name) continue;
      if (attributes[1] == nullptr) return {};
      return ascii::trim(reinterpret_cast<const char*>(attributes[1]));
    }
    return {};
  }

  void give_up() {
    has_given_up_ = true;
    xmlStopParser(context_);
  }

  [[nodiscard]] bool is_at_line_start() const { return text_.empty() || text_.back() == '\n'; }

  void write(char c) {
    if (is_at_line_start()) {
      text_ += bullet_;
    } else if (has_blank_) {
      text_ += ' ';
    }
    bullet_ = {};
    has_blank_ = false;
    text_ += c;
  }

  void end_line() {
    has_blank_ = false;
    if (!is_at_line_start()) text_ += "\r\n";
  }

  void describe(std::string_view picture) {
    if (picture.empty()) return;
    has_blank_ = true;
    characters("[" + std::string(picture) + "]");
  }

  void end_link() {
    if (targets_.empty()) return;
    const std::string target = std::move(targets_.back());
    targets_.pop_back();
    if (!is_presentable(target) || text_.ends_with(target)) return;
    has_blank_ = true;
    characters("<" + target + ">");
  }

  htmlParserCtxtPtr context_;
  std::string text_;
  std::string_view bullet_;  // to be written before the next character
  bool has_blank_ = false;   // likewise
  std::vector<std::string> targets_;
  std::size_t levels_ = 0, unseen_levels_ = 0, pre_levels_ = 0;
  bool has_given_up_ = false;
};

void on_start(void* writer, const xmlChar* name, const xmlChar** attributes) {
  static_cast<TextWriter*>(writer)->start(reinterpret_cast<const char*>(name), attributes);
}

void on_end(void* writer, const xmlChar* name) {
  static_cast<TextWriter*>(writer)->end(reinterpret_cast<const char*>(name));
}

void on_characters(void* writer, const xmlChar* text, int size) {
  static_cast<TextWriter*>(writer)->characters(
      {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
}

/// True if a tag may hold more attributes than we let the parser compare.
bool has_crowded_tag(std::string_view html) {
  bool is_in_tag = false;
  std::size_t separators = 0;
  char before = '\0';
  for (const char c : html) {
    if (before == '<' && ascii::is_alpha(c)) {
      is_in_tag = true;
      separators = 0;
    }
    if (c == '>') is_in_tag = false;
    const bool separates = (is_space(c) && !is_space(before)) || c == '"' || c == '\'';
    if (is_in_tag && separates && ++separators > separator_limit) return true;
    before = c;
  }
  return false;
}

using Context = Handle<htmlParserCtxt, htmlFreeParserCtxt>;

Context make_context() {
  static std::once_flag started;
  std::call_once(started, [] { xmlInitParser(); });
  return Context(htmlNewParserCtxt());
}

}  // namespace

std::optional<std::string> html_text(std::string_view html) {
  if (html.size() > size_limit || has_crowded_tag(html)) return std::nullopt;
  // The parser takes a NUL for the end.
  std::string text(html);
  std::ranges::replace(text, '\0', ' ');
  const Context context = make_context();
  if (!context) return std::nullopt;
  TextWriter writer(context.get());
  xmlSAXHandler events{};
  events.startElement = on_start;
  events.endElement = on_end;
  events.characters = events.ignorableWhitespace = on_characters;
  *context->sax = events;
  context->userData = &writer;
  constexpr int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                          HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED | HTML_PARSE_NODEFDTD;
  // No tree is built: there is no document to release.
  htmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8",
                     options);
  return std::move(writer).finish();
}

}  // namespace siegel::crypt
