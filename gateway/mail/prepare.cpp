#include "gateway/mail/prepare.h"

#include <algorithm>
#include <functional>

#include "base/ascii.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/recode.h"
#include "gateway/mail/safe_field.h"
#include "gateway/mail/survey.h"

namespace siegel::mail {
namespace {

enum class Form { leaf, multipart, message, frozen };

bool is_protected(const ContentType& type) {
  return type.is("multipart", "signed") || type.is("multipart", "encrypted") ||
         type.is("application", "pkcs7-mime") || type.is("application", "x-pkcs7-mime");
}

/// True if readers could disagree about what the entity is, so that no rewriting of it is safe.
bool is_doubtful(const Entity& entity) {
  return entity.has(Defect::offset_mismatch) || entity.has(Defect::head_too_long) ||
         entity.has(Defect::too_deep) || entity.has(Defect::too_many_parts) ||
         entity.has(Defect::missing_boundary) || entity.has(Defect::duplicate_parameter) ||
         entity.count("Content-Type") > 1 || entity.count("Content-Transfer-Encoding") > 1;
}

Form form_of(const Entity& entity) {
  const bool is_unknown = entity.encoding == TransferEncoding::unknown;
  if (is_protected(entity.content_type) || is_doubtful(entity)) return Form::frozen;
  if (entity.content_type.type == "multipart") return Form::multipart;
  if (entity.content_type.is("message", "rfc822") && !entity.parts.empty()) return Form::message;
  // RFC 2046 §5.2: the other kinds of message must not be encoded.
  return is_unknown || entity.content_type.type == "message" ? Form::frozen : Form::leaf;
}

bool claims_8bit(const Entity& entity) {
  return entity.encoding == TransferEncoding::bits8 ||
         entity.encoding == TransferEncoding::binary ||
         std::ranges::any_of(entity.parts, claims_8bit);
}

/// Octets of ours, or a view of received ones.
struct Piece {
  Octets octets;
  bool is_changed = false;
};

/// What the head of an entity must say after its body has been prepared.
struct HeadChange {
  std::string_view encoding;  ///< new Content-Transfer-Encoding; empty: as received
  std::string added;          ///< whole fields to put at the end
};

/// Walks the tree (rule 2) and makes safe what is not. Recursion is bounded by the parser's 30
/// levels.
class Preparation {
 public:
  explicit Preparation(const Message& message) : message_(&message) {}

  Prepared run() {
    const Entity& top = message_->top();
    HeadChange change;
    const Piece body = prepare_body(top, change);
    if (top.field("Content-Type") == nullptr && change.added.empty())
      change.added = "Content-Type: text/plain; charset=us-ascii\r\n";  // STANDARDS §2.2
    Octets entity = head(top, change, [](const Field& field) {
      // STANDARDS §2.2; Content-MD5 would cover octets that may have changed.
      return is_content_field(field) && !ascii::equals_ignoring_case(field.name, "Content-MD5");
    });
    const std::size_t head_size = entity.size();
    entity.append(body.octets);
    return {std::move(entity), must_be_opaque_, head_size};
  }

 private:
  Piece keep(std::string_view received) { return {Octets(message_->slice(received)), false}; }

  /// An entity below the top, with its own head.
  Piece prepare_entity(const Entity& entity) {
    if (form_of(entity) == Form::frozen) {
      keep_frozen(entity.octets, entity);
      return keep(entity.octets);
    }
    HeadChange change;
    const Piece body = prepare_body(entity, change);
    const bool is_head_safe =
        change.encoding.empty() && change.added.empty() && survey(entity.head).is_safe();
    if (is_head_safe && !body.is_changed) return keep(entity.octets);
    Octets octets = is_head_safe && ends_head(entity)
                        ? keep(entity.head).octets
                        : head(entity, change, [](const Field&) { return true; });
    return {octets.append(body.octets), true};
  }

  /// A head whose empty line is missing cannot take a body.
  static bool ends_head(const Entity& entity) {
    return entity.head.ends_with("\r\n\r\n") || entity.head == "\r\n";
  }

  Piece prepare_body(const Entity& entity, HeadChange& change) {
    switch (form_of(entity)) {
      case Form::frozen:
        keep_frozen(entity.body, entity);
        return keep(entity.body);
      case Form::multipart:
        return prepare_multipart(entity, change);
      case Form::message:
        return prepare_message(entity, change);
      case Form::leaf:
        break;
    }
    return prepare_leaf(entity, change);
  }

  /// Rule 9: what must not be changed goes out inside an opaque signature unless it is safe.
  void keep_frozen(std::string_view octets, const Entity& entity) {
    if (claims_8bit(entity) || !survey(octets).is_safe()) must_be_opaque_ = true;
  }

  Piece prepare_leaf(const Entity& leaf, HeadChange& change) {
    auto recoded = recode(leaf);
    if (!recoded) return keep(leaf.body);
    change.encoding = recoded->encoding;
    if (leaf.field("Content-Type") == nullptr && leaf.content_type.type == "text")
      change.added = make_structured_field("Content-Type",
                                           "text/plain; charset=" + std::string(recoded->charset));
    if (!recoded->body) return keep(leaf.body);
    return {Octets(Blob(std::move(*recoded->body))), true};
  }

  Piece prepare_message(const Entity& entity, HeadChange& change) {
    note_composite_encoding(entity, change);
    const Entity& inner = entity.parts.front();
    Piece piece = prepare_entity(inner);
    if (!piece.is_changed || inner.field("MIME-Version") != nullptr) return piece;
    // RFC 2045 §4: without this field a reader need not honour the encoding that we have added.
    Octets octets(Blob(make_field("MIME-Version", "1.0")));
    return {octets.append(piece.octets), true};
  }

  /// Rule 3: nothing in it is more than 7 bits wide when we are done.
  static void note_composite_encoding(const Entity& entity, HeadChange& change) {
    if (entity.encoding != TransferEncoding::bits7) change.encoding = "7bit";
  }

  Piece prepare_multipart(const Entity& entity, HeadChange& change) {
    note_composite_encoding(entity, change);
    std::vector<Piece> parts;
    for (const Entity& part : entity.parts) parts.push_back(prepare_entity(part));
    const bool is_any_changed = std::ranges::any_of(parts, &Piece::is_changed);
    if (!is_any_changed && survey(gaps(entity)).is_safe()) return keep(entity.body);
    return {compose(entity, parts), true};
  }

  /// All that stands between the parts: preamble, delimiter lines, epilogue.
  static std::string gaps(const Entity& entity) {
    std::string text;
    const char* at = entity.body.data();
    for (const Entity& part : entity.parts) {
      text.append(at, part.octets.data());
      at = part.octets.data() + part.octets.size();
    }
    return text.append(at, entity.body.data() + entity.body.size());
  }

  Octets compose(const Entity& entity, const std::vector<Piece>& parts) {
    const std::string delimiter = "--" + std::string(entity.content_type.parameter("boundary"));
    if (!survey(delimiter).is_safe()) must_be_opaque_ = true;
    Octets body;
    // No reader shows preamble and epilogue (RFC 2046 §5.1.1): what is unsafe there goes.
    if (!entity.preamble.empty() && survey(entity.preamble).is_safe())
      body.append(message_->slice(entity.preamble)).append(std::string("\r\n"));
    for (std::size_t i = 0; i < parts.size(); ++i)
      body.append((i == 0 ? "" : "\r\n") + delimiter + "\r\n").append(parts[i].octets);
    if (entity.has(Defect::missing_close_delimiter)) return body;
    body.append("\r\n" + delimiter + "--");
    const bool has_line_end =
        entity.epilogue.data() > entity.body.data() && *(entity.epilogue.data() - 1) == '\n';
    if (has_line_end) body.append(std::string("\r\n"));
    if (survey(entity.epilogue).is_safe()) body.append(message_->slice(entity.epilogue));
    return body;
  }

  /// The fields for which `wanted` holds, made safe (rule 8), and the empty line.
  Octets head(const Entity& entity, const HeadChange& change,
              const std::function<bool(const Field&)>& wanted) {
    Octets octets;
    bool is_encoding_told = change.encoding.empty();
    const std::string encoding_field =
        make_structured_field("Content-Transfer-Encoding", change.encoding);
    for (const Field& field : entity.fields) {
      if (!wanted(field)) continue;
      const bool is_encoding = ascii::equals_ignoring_case(field.name, "Content-Transfer-Encoding");
      if (is_encoding && !change.encoding.empty()) {
        octets.append(std::string(encoding_field));
        is_encoding_told = true;
      } else {
        append_safe(octets, field);
      }
    }
    octets.append(std::string(change.added));
    if (!is_encoding_told) octets.append(std::string(encoding_field));
    return octets.append(std::string("\r\n"));
  }

  void append_safe(Octets& octets, const Field& field) {
    if (survey(field.octets).is_safe() && field.octets.ends_with("\r\n")) {
      octets.append(message_->slice(field.octets));
    } else if (auto safe = to_safe_field(field)) {
      octets.append(std::move(*safe));
    } else {
      must_be_opaque_ = true;
      octets.append(message_->slice(field.octets));
      if (!field.octets.ends_with('\n')) octets.append(std::string("\r\n"));
    }
  }

  const Message* message_;
  bool must_be_opaque_ = false;
};

}  // namespace

Prepared prepare(const Message& message) {
  Prepared prepared = Preparation(message).run();
  if (!is_doubtful(message.top())) return prepared;
  // What made it doubtful may be a field that does not go along: what goes is judged by itself.
  return Preparation(Message::parse(prepared.entity.join())).run();
}

}  // namespace siegel::mail
