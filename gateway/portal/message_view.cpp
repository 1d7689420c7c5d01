#include "gateway/portal/message_view.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/html_text.h"
#include "gateway/crypt/neutralise_kind.h"
#include "gateway/mail/fields.h"

namespace siegel::portal {
namespace {

using mail::Entity;
using mail::Field;
using mail::Message;

constexpr std::size_t text_limit = std::size_t{512} << 10U;  // shown on one page
constexpr std::size_t leaf_limit = std::size_t{4} << 20U;    // longer ones are files
constexpr std::size_t line_limit = 2000, name_limit = 400, id_limit = 250;
constexpr std::string_view bad_octet = "\uFFFD";

bool is_shown(char32_t value) {
  if (value == U'\n' || value == U'\t') return true;
  const bool is_control = value < 0x20 || (value >= 0x7f && value < 0xa0);
  return !is_control && !is_invisible(value);
}

/// What a reader may see of `text`.
std::string shown(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const std::size_t octets = point ? point->octets : 1;
    if (!point)
      kept += bad_octet;
    else if (is_shown(point->value))
      kept += text.substr(0, octets);
    text.remove_prefix(octets);
  }
  return kept;
}

std::string line_of(std::string_view text) {
  std::string line = shown(text);
  std::ranges::replace(line, '\n', ' ');
  return std::string(utf8_prefix(ascii::trim(line), line_limit));
}

std::string line_of(const Entity& top, std::string_view field_name) {
  const Field* const field = top.field(field_name);
  return field == nullptr ? std::string() : line_of(mail::decode_text(field->body));
}

/// Fit for a header of ours.
std::string message_id_of(const Entity& top) {
  const Field* const field = top.field("Message-ID");
  if (field == nullptr) return {};
  std::string id(ascii::trim(field->body));
  const bool is_plain = std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f; });
  const bool has_form = id.size() > 2 && id.starts_with('<') && id.ends_with('>');
  return is_plain && has_form && id.size() <= id_limit ? id : std::string();
}

bool is_text(const Entity& leaf) {
  const bool is_words =
      leaf.content_type.is("text", "plain") || leaf.content_type.is("text", "html");
  return is_words && leaf.disposition != "attachment" && leaf.file_name.empty() &&
         leaf.body.size() <= leaf_limit && leaf.encoding != mail::TransferEncoding::unknown;
}

bool is_multipart(const Entity& entity) {
  return entity.content_type.type == "multipart" && !entity.parts.empty();
}

/// Walks the tree; the parser bounds its depth.
class Viewing {
 public:
  Viewing(const Message& message, MessageView& view) : message_(message), view_(view) {}

  void look(const Entity& entity) {
    if (entity.content_type.is("multipart", "alternative") && is_multipart(entity))
      return look_at_one_of(entity);
    if (is_multipart(entity)) {
      for (const Entity& part : entity.parts) look(part);
    } else if (!is_text(entity) || !add_text(entity)) {
      add_file(entity);
    }
  }

 private:
  /// RFC 2046 §5.1.4: the same in several forms. The plain one if there is one, else the richest;
  /// of the others what is no text.
  void look_at_one_of(const Entity& entity) {
    const auto plain = std::ranges::find_if(entity.parts, [](const Entity& part) {
      return part.content_type.is("text", "plain") && is_text(part);
    });
    const Entity& chosen = plain == entity.parts.end() ? entity.parts.back() : *plain;
    for (const Entity& part : entity.parts) {
      if (&part == &chosen)
        look(part);
      else
        look_for_files(part);
    }
  }

  void look_for_files(const Entity& entity) {
    if (is_multipart(entity)) {
      for (const Entity& part : entity.parts) look_for_files(part);
    } else if (!is_text(entity)) {
      add_file(entity);
    }
  }

  /// False for HTML that cannot be read.
  bool add_text(const Entity& leaf) {
    std::optional<std::string> text = crypt::utf8_text(leaf);
    if (leaf.content_type.is("text", "html")) text = crypt::html_text(*text);
    if (!text) return false;
    std::string lines = shown(*text);
    if (!view_.text.empty() && !lines.empty()) view_.text += "\n\n";
    view_.text += lines;
    if (view_.text.size() <= text_limit) return true;
    view_.text = utf8_prefix(view_.text, text_limit);
    view_.is_cut = true;
    return true;
  }

  void add_file(const Entity& part) {
    const auto begin = static_cast<std::uint64_t>(part.body.data() - message_.octets().data());
    const bool is_whole = !part.parts.empty();  // an attached message, or what we do not look into
    view_.files.push_back({name_of(part), is_whole ? part.body.size() : part.decoded_body().size(),
                           begin, part.body.size(),
                           is_whole ? mail::TransferEncoding::binary : part.encoding});
  }

  static std::string name_of(const Entity& part) {
    std::string name = line_of(part.file_name);
    if (!name.empty()) return std::string(utf8_prefix(name, name_limit));
    if (part.content_type.is("message", "rfc822")) return "message.eml";
    if (part.content_type.is("text", "html")) return "message.html";
    if (part.content_type.type == "text") return "message.txt";
    return "file." + line_of(part.content_type.subtype).substr(0, 16);
  }

  const Message& message_;
  MessageView& view_;
};

}  // namespace

MessageView view_of(const Message& message) {
  const Entity& top = message.top();
  MessageView view;
  view.from = line_of(top, "From");
  view.to = line_of(top, "To");
  view.cc = line_of(top, "Cc");
  view.subject = line_of(top, "Subject");
  view.message_id = message_id_of(top);
  Viewing(message, view).look(top);
  return view;
}

}  // namespace siegel::portal
