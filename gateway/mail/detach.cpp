#include "gateway/mail/detach.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/recode.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {
namespace {

using namespace std::string_view_literals;

const char* begin_of(std::string_view view) {
  return view.data();
}
const char* end_of(std::string_view view) {
  return view.data() + view.size();
}

// --- what an attachment is

/// Every reader reads it alike. A line that is too long breaks a rule of transport only.
bool is_sound(const Entity& entity) {
  return std::ranges::all_of(entity.defects,
                             [](Defect defect) { return defect == Defect::line_too_long; });
}

/// Whole in itself: nothing inside may be changed or taken out.
bool is_protected(const ContentType& type) {
  constexpr std::array kinds{"multipart/signed"sv,
                             "multipart/encrypted"sv,
                             "application/pkcs7-mime"sv,
                             "application/x-pkcs7-mime"sv,
                             "application/pkcs7-signature"sv,
                             "application/x-pkcs7-signature"sv,
                             "application/pgp-encrypted"sv,
                             "application/pgp-signature"sv,
                             "application/ms-tnef"sv,  // holds the text itself
                             "text/calendar"sv};       // an invitation
  return std::ranges::find(kinds, type.type + '/' + type.subtype) != kinds.end();
}

/// A file to a reader: RFC 2183 §2.2 calls it so, or it has a name, or no reader can show it. An
/// image that says it is inline is shown in the text.
bool is_attachment(const Entity& part) {
  if (!is_sound(part) || is_protected(part.content_type)) return false;
  if (part.content_type.type == "multipart") return false;
  if (part.disposition == "attachment") return true;
  const bool is_image = part.content_type.type == "image";
  if (part.disposition == "inline" || part.field("Content-ID") != nullptr)
    return !is_image && !part.file_name.empty();
  const bool is_shown = part.content_type.type == "text" || part.content_type.type == "message";
  return !part.file_name.empty() || !is_shown;
}

/// Recursion is bounded by the parser's 30 levels.
void gather(const Entity& entity, std::vector<const Entity*>& found) {
  if (entity.content_type.type != "multipart" || !is_sound(entity) ||
      is_protected(entity.content_type))
    return;
  for (const Entity& part : entity.parts) {
    if (entity.content_type.subtype == "mixed" && is_attachment(part)) {
      found.push_back(&part);
    } else {
      gather(part, found);
    }
  }
}

// --- where the insertion goes

struct Texts {
  const Entity* plain = nullptr;
  const Entity* html = nullptr;
};

/// The first of each kind, in the order in which readers show parts.
void find_texts(const Entity& entity, Texts& texts) {
  for (const Entity& part : entity.parts) {
    const ContentType& type = part.content_type;
    if (type.type == "multipart" && !is_protected(type)) find_texts(part, texts);
    if (type.type != "text" || is_attachment(part) || part.disposition == "attachment") continue;
    if (type.subtype == "plain" && texts.plain == nullptr) texts.plain = &part;
    if (type.subtype == "html" && texts.html == nullptr) texts.html = &part;
  }
}

std::string charset_of_part(const Entity& part) {
  return ascii::lower(part.content_type.parameter("charset"));
}

/// The text of a part as UTF-8; nothing if that cannot be had without guessing.
std::optional<std::string> utf8_of(const Entity& part) {
  std::string octets = part.decoded_body();
  const std::string charset = charset_of_part(part);
  if (charset.empty() || charset == "us-ascii" || charset == "utf-8")
    return is_utf8(octets) ? std::optional(std::move(octets)) : std::nullopt;
  return parse::to_utf8(charset, octets);
}

/// US-ASCII means the same in it, wherever it is put.
bool has_ascii_inside(const std::string& charset) {
  return charset.empty() || charset == "us-ascii" || charset == "utf-8" ||
         charset.starts_with("iso-8859-") || charset.starts_with("windows-125");
}

/// Behind the tag <body>, if there is one.
std::size_t begin_of_body(std::string_view html) {
  const std::string lower = ascii::lower(html);
  const auto tag = lower.find("<body");
  const auto end = tag == std::string::npos ? tag : lower.find('>', tag);
  return end == std::string::npos ? 0 : end + 1;
}

/// The fields of `part`, but with a text of this character set, quoted-printable.
std::string head_of_text(const Entity& part, std::string_view charset) {
  std::string type = part.content_type.type + '/' + part.content_type.subtype;
  if (!charset.empty()) type += "; " + make_parameter("charset", charset);
  for (const auto& [name, value] : part.content_type.parameters)
    if (name != "charset") type += "; " + make_parameter(name, value);
  std::string head = make_structured_field("Content-Type", type) +
                     make_structured_field("Content-Transfer-Encoding", "quoted-printable");
  for (const Field& field : part.fields) {
    const bool is_ours = ascii::equals_ignoring_case(field.name, "Content-Type") ||
                         ascii::equals_ignoring_case(field.name, "Content-Transfer-Encoding") ||
                         ascii::equals_ignoring_case(field.name, "Content-MD5");
    if (!is_ours) head += with_proper_line_ends(field.octets);
  }
  return head + "\r\n";
}

std::optional<std::string> with_text(const Entity& plain, const Insertion& insertion) {
  if (!is_sound(plain)) return std::nullopt;
  const auto text = utf8_of(plain);
  if (!text) return std::nullopt;
  return head_of_text(plain, "utf-8") +
         to_quoted_printable(with_proper_line_ends(insertion.text) + *text);
}

std::optional<std::string> with_html(const Entity& html, const Insertion& insertion) {
  if (!is_sound(html) || !has_ascii_inside(charset_of_part(html))) return std::nullopt;
  std::string octets = html.decoded_body();
  octets.insert(begin_of_body(octets), insertion.html);
  // What the head says of the characters stays as it is, and so do they.
  return head_of_text(html, html.content_type.parameter("charset")) + to_quoted_printable(octets);
}

/// A part, or the content of a whole message, that says nothing but the insertion.
std::string notice_part(const Insertion& insertion) {
  return make_structured_field("Content-Type", "text/plain; charset=utf-8") +
         make_structured_field("Content-Transfer-Encoding", "quoted-printable") +
         make_structured_field("Content-Disposition", "inline") + "\r\n" +
         to_quoted_printable(with_proper_line_ends(insertion.text));
}

// --- the change itself

/// Octets of the message that others take the place of.
struct Change {
  const char* begin;
  const char* end;
  std::string instead{};
};

class Detaching {
 public:
  Detaching(const Message& message, const std::vector<const Entity*>& gone,
            const Insertion& insertion)
      : message_(message), gone_(gone), insertion_(insertion) {}

  [[nodiscard]] Octets run() {
    if (gone_.front() == &message_.top()) return instead_of_all();
    const bool is_inserted = insert();
    take_out(message_.top(), is_inserted ? nullptr : gone_.front());
    return changed();
  }

 private:
  [[nodiscard]] Octets instead_of_all() const {
    HeadEdit head(message_);
    head.drop(is_content_field);
    return head.fields().append(notice_part(insertion_));
  }

  /// Into every form that the text has, or into none.
  bool insert() {
    Texts texts;
    find_texts(message_.top(), texts);
    const auto plain = texts.plain == nullptr ? std::nullopt : with_text(*texts.plain, insertion_);
    const auto html = texts.html == nullptr ? std::nullopt : with_html(*texts.html, insertion_);
    const bool is_complete =
        (plain || html) && (plain || texts.plain == nullptr) && (html || texts.html == nullptr);
    if (!is_complete) return false;
    if (plain) replace(*texts.plain, *plain);
    if (html) replace(*texts.html, *html);
    return true;
  }

  void replace(const Entity& part, std::string instead) {
    changes_.push_back({begin_of(part.octets), end_of(part.octets), std::move(instead)});
  }

  [[nodiscard]] bool goes(const Entity& part) const {
    return std::ranges::find(gone_, &part) != gone_.end();
  }

  /// Each goes with one delimiter line, so that those that stay keep theirs. `notice`, and whatever
  /// is the last one in its multipart, becomes the insertion: RFC 2046 §5.1.1 wants one part.
  void take_out(const Entity& entity, const Entity* notice) {
    std::vector<const Entity*> staying;
    for (const Entity& part : entity.parts)
      if (!goes(part) || &part == notice) staying.push_back(&part);
    const Entity* const kept =
        staying.empty() && !entity.parts.empty() ? &entity.parts.front() : nullptr;
    const Entity* before = nullptr;
    bool has_kept = false;
    for (const Entity& part : entity.parts) {
      const bool stays = !goes(part) || &part == notice || &part == kept;
      if (stays && goes(part)) replace(part, notice_part(insertion_));
      if (stays && !has_kept && before != nullptr)
        changes_.push_back({begin_of(entity.parts.front().octets), begin_of(part.octets)});
      if (!stays && has_kept) changes_.push_back({end_of(before->octets), end_of(part.octets)});
      has_kept = has_kept || stays;
      before = &part;
      take_out(part, notice);
    }
  }

  [[nodiscard]] Octets changed() {
    std::ranges::sort(changes_, {}, &Change::begin);
    Octets octets;
    const char* at = message_.octets().data();
    for (Change& change : changes_) {
      octets.append(message_.slice({at, static_cast<std::size_t>(change.begin - at)}));
      octets.append(std::move(change.instead));
      at = change.end;
    }
    const char* const end = end_of(message_.octets());
    return octets.append(message_.slice({at, static_cast<std::size_t>(end - at)}));
  }

  const Message& message_;
  const std::vector<const Entity*>& gone_;
  const Insertion& insertion_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<const Entity*> attachments(const Message& message) {
  const Entity& top = message.top();
  std::vector<const Entity*> found;
  if (top.content_type.type == "multipart") {
    gather(top, found);
  } else if (is_attachment(top) && top.content_type.type != "message") {
    found.push_back(&top);
  }
  return found;
}

Octets detached(const Message& message, const std::vector<const Entity*>& gone,
                const Insertion& insertion) {
  return Detaching(message, gone, insertion).run();
}

}  // namespace siegel::mail
