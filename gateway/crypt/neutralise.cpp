#include "gateway/crypt/neutralise.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/annotate_standing.h"
#include "gateway/crypt/html_text.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/crypt/neutralise_kind.h"
#include "gateway/crypt/smime.h"
#include "gateway/crypt/transform_wrap.h"
#include "gateway/mail/compose.h"

namespace siegel::crypt {
namespace {

using mail::Entity;
using mail::Field;
using mail::Message;

constexpr std::string_view notice =
    "Hinweis: Die Formatierung dieser Nachricht wurde entfernt, weil ihre Verschlüsselung nicht "
    "vor Veränderung schützt.\r\n"
    "Note: The formatting of this message was removed, because its encryption does not protect "
    "against alteration.\r\n\r\n";

/// Opaque signatures within each other; the limit of inspect.
constexpr int opaque_limit = 4;
constexpr int pass_limit = 4;

std::string content_fields(std::string_view type, std::string_view encoding) {
  return mail::make_structured_field("Content-Type", type) +
         mail::make_structured_field("Content-Transfer-Encoding", encoding);
}

/// Walks the tree. Recursion is bounded by the parser's 30 levels and by `opaque_limit`. What it
/// writes is base64, in which no line can be a delimiter of a multipart around it.
class Neutraliser {
 public:
  Neutraliser(const Message& message, int opaque_left)
      : message_(message), opaque_left_(opaque_left) {}

  /// Nothing if nothing has to be changed.
  [[nodiscard]] std::optional<Octets> run() const { return entity(message_.top()); }

  [[nodiscard]] Octets set_aside_whole() const { return set_aside(message_.top()); }

 private:
  [[nodiscard]] std::optional<Octets> entity(const Entity& from) const {
    switch (kind_of_part(from)) {
      case PartKind::passive:
        break;
      case PartKind::text:
        return as_text(from, utf8_text(from));
      case PartKind::html:
        return html(from);
      case PartKind::active:
        return set_aside(from);
      case PartKind::opaque:
        return opaque(from);
      case PartKind::composite:
        return composite(from);
    }
    return std::nullopt;
  }

  [[nodiscard]] Octets html(const Entity& from) const {
    const auto text = html_text(utf8_text(from));
    return text ? as_text(from, std::string(notice) + *text) : set_aside(from);
  }

  [[nodiscard]] Octets as_text(const Entity& from, std::string_view text) const {
    return rewritten(from, content_fields("text/plain; charset=utf-8", "base64"),
                     Octets(Blob(mail::to_base64_lines(text))));
  }

  /// Not lost, and under a name that opens in an editor.
  [[nodiscard]] Octets set_aside(const Entity& from) const {
    const std::string name = passive_name(from);
    const std::string type = "application/octet-stream; " + mail::make_parameter("name", name);
    const std::string disposition = "attachment; " + mail::make_parameter("filename", name);
    return rewritten(from,
                     content_fields(type, "base64") +
                         mail::make_structured_field("Content-Disposition", disposition),
                     Octets(Blob(mail::to_base64_lines(from.decoded_body()))));
  }

  /// A signature that is not good around content that must be changed: the content alone.
  [[nodiscard]] std::optional<Octets> opaque(const Entity& from) const {
    const auto content = opaque_left_ > 0 ? content_of_opaque(from) : std::nullopt;
    if (!content) return set_aside(from);
    const Neutraliser inside(*content, opaque_left_ - 1);
    const auto changed = inside.run();
    if (!changed) return std::nullopt;
    const Message result = Message::parse(changed->join());
    std::string fields;
    for (const Field& field : result.top().fields) {
      if (mail::is_content_field(field)) fields += field.octets;
    }
    return rewritten(from, fields, Octets(result.slice(result.top().body)));
  }

  [[nodiscard]] std::optional<Octets> composite(const Entity& from) const {
    Octets body;
    bool is_changed = has_doubtful_head(from);
    const char* at = from.body.data();
    for (const Entity& part : from.parts) {
      const auto changed = entity(part);
      if (!changed) continue;
      is_changed = true;
      body.append(between(at, part.octets.data())).append(*changed);
      at = part.octets.data() + part.octets.size();
    }
    if (!is_changed) return std::nullopt;
    body.append(between(at, from.body.data() + from.body.size()));
    if (has_doubtful_head(from) || promises_much(from.content_type))
      return rewritten(from, composite_field(from), body);
    Octets whole(message_.slice(from.head));
    return whole.append(body);
  }

  /// RFC 1847 §2.1, RFC 2387: a signature over its parts, a part that shows the others.
  static bool promises_much(const mail::ContentType& type) {
    return type.is("multipart", "signed") || type.is("multipart", "related");
  }

  static std::string composite_field(const Entity& from) {
    const mail::ContentType& type = from.content_type;
    if (type.type == "message")
      return mail::make_structured_field("Content-Type", "message/rfc822");
    const std::string subtype = promises_much(type) ? "mixed" : type.subtype;
    return mail::make_structured_field(
        "Content-Type", "multipart/" + subtype + "; " +
                            mail::make_parameter("boundary", type.parameter("boundary")));
  }

  [[nodiscard]] Blob between(const char* start, const char* end) const {
    return message_.slice({start, static_cast<std::size_t>(end - start)});
  }

  /// The fields of `from` that do not describe content, `fields` and `body`.
  [[nodiscard]] Octets rewritten(const Entity& from, const std::string& fields,
                                 const Octets& body) const {
    Octets octets;
    for (const Field& field : from.fields) {
      // A line that is no field may be one to another reader.
      if (field.name.empty() || mail::is_content_field(field)) continue;
      octets.append(message_.slice(field.octets));
      if (!field.octets.ends_with('\n')) octets.append(std::string("\r\n"));
    }
    return octets.append(fields + "\r\n").append(body);
  }

  const Message& message_;
  int opaque_left_;
};

/// RFC 8551 §3.7: only a signature inside the seal says anything about what was sealed.
bool is_signed_inside(const policy::Verdict& verdict) {
  return verdict.covers_all && standing_of(verdict) == Standing::accepted;
}

}  // namespace

bool may_be_altered(const policy::Verdict& verdict) {
  const bool was_unprotected = std::ranges::any_of(verdict.layers, [](const policy::Layer& layer) {
    return layer.form == policy::Form::encryption && !layer.authenticated;
  });
  return verdict.decrypted && was_unprotected && !is_signed_inside(verdict);
}

bool contradicts_charset(const Entity& entity) {
  if (wrapping_of(entity) != Wrapping::none || entity.content_type.is("message", "rfc822"))
    return false;
  if (!entity.parts.empty()) return std::ranges::any_of(entity.parts, contradicts_charset);
  if (entity.content_type.type != "text" || entity.disposition == "attachment") return false;
  const std::string charset = ascii::lower(entity.content_type.parameter("charset"));
  const bool is_ascii = charset == "us-ascii" || charset == "ascii";
  if (!is_ascii && charset != "utf-8" && charset != "utf8") return false;
  const std::string octets = entity.decoded_body();
  return !is_utf8(octets) && !(is_ascii && looks_like_latin1(octets));
}

Message neutralised(const Message& message) {
  Message result = message;
  for (int pass = 0; pass < pass_limit; ++pass) {
    const auto octets = Neutraliser(result, opaque_limit).run();
    if (!octets) return result;
    result = Message::parse(octets->join());
  }
  return Message::parse(Neutraliser(result, opaque_limit).set_aside_whole().join());
}

}  // namespace siegel::crypt
