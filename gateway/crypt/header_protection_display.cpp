#include "gateway/crypt/header_protection_display.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/content_type_field.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/fields.h"

namespace siegel::crypt {
namespace {

using mail::Entity;
using mail::Field;
using mail::Message;
using mail::TransferEncoding;

/// A longer subject is no line to be read above a text.
constexpr std::size_t subject_limit = 998;

bool is_text(const Entity& leaf) {
  return leaf.content_type.is("text", "plain") || leaf.content_type.is("text", "html");
}

/// The parts that a reader is shown first: each alternative, and the first part of anything else
/// that holds text.
void find_main_parts(const Entity& entity, std::vector<const Entity*>& found) {
  const mail::ContentType& type = entity.content_type;
  if (type.is("multipart", "alternative")) {
    for (const Entity& part : entity.parts) find_main_parts(part, found);
  } else if (type.is("multipart", "mixed") || type.is("multipart", "related")) {
    if (!entity.parts.empty()) find_main_parts(entity.parts.front(), found);
  } else if (is_text(entity) && entity.disposition != "attachment" && entity.defects.empty() &&
             entity.encoding != TransferEncoding::unknown) {
    found.push_back(&entity);
  }
}

std::string lower_charset(const Entity& leaf) {
  return ascii::lower(leaf.content_type.parameter("charset"));
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, ascii::is_8bit);
}

/// `text` in octets of Latin-1; nothing if it has other characters, or those where Windows differs.
std::optional<std::string> to_latin1(std::string_view text) {
  std::string result;
  while (const auto point = first_code_point(text)) {
    if (point->value > 0xFF || (point->value >= 0x80 && point->value < 0xA0)) return std::nullopt;
    result += static_cast<char>(static_cast<unsigned char>(point->value));
    text.remove_prefix(point->octets);
  }
  return result;
}

/// True for character sets in which ASCII stands as it is, as long as nothing switches to another.
bool extends_ascii(const std::string& charset) {
  return charset.starts_with("iso-8859-") || charset.starts_with("windows-125") ||
         charset == "utf-8" || charset == "us-ascii" || charset.empty();
}

/// `text` as octets of the leaf's own character set.
std::optional<std::string> in_charset(const Entity& leaf, const std::string& text) {
  const std::string charset = lower_charset(leaf);
  if (charset == "utf-8" || (is_ascii(text) && extends_ascii(charset))) return text;
  if (charset == "iso-8859-1" || charset == "windows-1252") return to_latin1(text);
  return std::nullopt;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

/// Where the body of an HTML text begins: behind its <body …>. Nothing if that cannot be told by
/// looking.
std::optional<std::size_t> start_of_body(const std::string& html) {
  const std::string lower = ascii::lower(html);
  const auto tag = lower.find("<body");
  if (tag == std::string::npos || lower.find("<body", tag + 1) != std::string::npos)
    return std::nullopt;
  const auto end = lower.find('>', tag);
  const auto quote = lower.find_first_of("\"'", tag);
  // A quoted attribute may hold a '>': then only counting would tell, and that is not worth it.
  const bool is_plain =
      end != std::string::npos &&
      (quote > end || std::ranges::count(lower.substr(tag, end - tag), '"') % 2 == 0);
  return is_plain ? std::optional(end + 1) : std::nullopt;
}

/// The content of `leaf` with the subject above it.
std::optional<std::string> with_display(const Entity& leaf, const std::string& subject) {
  std::string content = leaf.decoded_body();
  if (leaf.content_type.is("text", "plain")) {
    const auto line = in_charset(leaf, "Subject: " + subject + "\r\n\r\n");  // RFC 9788 §5.2.2
    return line ? std::optional(*line + content) : std::nullopt;
  }
  const auto element = in_charset(  // RFC 9788 §5.2.3
      leaf, fmt::format("<div class=\"header-protection-legacy-display\"><pre>Subject: {}</pre>"
                        "</div>",
                        escaped(subject)));
  const auto at = start_of_body(content);
  if (!element || !at) return std::nullopt;
  return content.insert(*at, *element);
}

/// The whole leaf anew, in base64: nothing on the way can harm that.
std::optional<std::string> displayed(const Entity& leaf, const std::string& subject) {
  const auto content = with_display(leaf, subject);
  const auto type = content_type_field(leaf, {{"hp-legacy-display", "1"}});
  if (!content || !type) return std::nullopt;
  std::string text;
  for (const Field& field : leaf.fields) {
    const bool is_replaced = ascii::equals_ignoring_case(field.name, "Content-Type") ||
                             ascii::equals_ignoring_case(field.name, "Content-MD5") ||
                             ascii::equals_ignoring_case(field.name, "Content-Transfer-Encoding");
    if (!is_replaced) text += field.octets;
  }
  return text + *type + "Content-Transfer-Encoding: base64\r\n\r\n" +
         mail::to_base64_lines(*content);
}

/// The subject as a reader sees it, on one line.
std::string subject_of(const Octets& leaving) {
  Octets head = leaving;
  const auto message = Message::parse(head.append(std::string("\r\n")).join());
  return mail::clean_text(mail::subject(message.top()));
}

}  // namespace

Message with_displayed_subject(const Message& message, const Octets& leaving) {
  const std::string subject = subject_of(leaving);
  std::vector<const Entity*> leaves;
  find_main_parts(message.top(), leaves);
  if (subject.empty() || subject.size() > subject_limit) return message;
  Octets result;
  std::string_view rest = message.octets();
  for (const Entity* leaf : leaves) {
    auto text = displayed(*leaf, subject);
    if (!text) continue;
    const auto start = static_cast<std::size_t>(leaf->octets.data() - rest.data());
    result.append(message.slice(rest.substr(0, start))).append(*std::move(text));
    rest.remove_prefix(start + leaf->octets.size());
  }
  if (result.size() == 0) return message;
  return Message::parse(result.append(message.slice(rest)).join());
}

}  // namespace siegel::crypt
