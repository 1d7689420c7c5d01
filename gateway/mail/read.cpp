#include "gateway/mail/read.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/parameters.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/survey.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {
namespace {

// RFC 5322 §3.6: at most one of each in a head; RFC 2045 §4 for MIME-Version.
constexpr std::array<std::string_view, 12> single_fields{
    "date", "from",       "sender",      "reply-to",   "to",      "cc",
    "bcc",  "message-id", "in-reply-to", "references", "subject", "mime-version"};

bool must_be_single(const Field& field) {
  return is_content_field(field) || std::ranges::any_of(single_fields, [&](std::string_view name) {
           return ascii::equals_ignoring_case(field.name, name);
         });
}

bool has_duplicates(const Entity& entity) {
  return std::ranges::any_of(entity.fields, [&](const Field& field) {
    return must_be_single(field) && entity.count(field.name) > 1;
  });
}

/// Lists what is wrong with the octets of one stretch that belongs to `entity` itself.
void note_octet_defects(std::string_view text, Entity& entity) {
  const Survey seen = survey(text);
  if (seen.has_nul) note(entity.defects, Defect::nul_octet);
  if (seen.has_bare_line_end) note(entity.defects, Defect::bare_line_end);
  if (seen.has_long_line) note(entity.defects, Defect::line_too_long);
}

TransferEncoding to_encoding(std::string_view word) {
  if (word.empty() || word == "7bit") return TransferEncoding::bits7;
  if (word == "8bit") return TransferEncoding::bits8;
  if (word == "binary") return TransferEncoding::binary;
  if (word == "quoted-printable") return TransferEncoding::quoted_printable;
  if (word == "base64") return TransferEncoding::base64;
  return TransferEncoding::unknown;
}

bool is_identity(TransferEncoding encoding) {
  return encoding == TransferEncoding::bits7 || encoding == TransferEncoding::bits8 ||
         encoding == TransferEncoding::binary;
}

void read_encoding(Entity& entity) {
  if (const Field* field = entity.field("Content-Transfer-Encoding"))
    entity.encoding = to_encoding(ascii::lower(bare_value(field->body)));
  if (entity.encoding == TransferEncoding::unknown)
    note(entity.defects, Defect::bad_transfer_encoding);
}

void read_disposition(Entity& entity) {
  const Field* field = entity.field("Content-Disposition");
  if (field != nullptr) {
    const ParameterList ours = read_parameters(field->body);
    entity.disposition = ours.word;
    auto theirs = parse::disposition_parameters(field->body);
    for (const auto& [name, value] : decoded_parameters(ours, std::move(theirs))) {
      if (name == "filename" && entity.file_name.empty()) entity.file_name = value;
    }
  }
  if (entity.file_name.empty()) entity.file_name = entity.content_type.parameter("name");
}

/// Where in the tree an entity stands.
struct Place {
  std::size_t level = 1;
  bool in_digest = false;  // RFC 2046 §5.1.5: its parts are messages unless they say otherwise
  std::vector<std::string> boundaries{};  // of all multiparts around it, from the outside in
};

/// Our own reading. A broken limit ends it at once and is remembered.
class TreeReader {
 public:
  [[nodiscard]] const std::optional<Defect>& broken_limit() const { return broken_limit_; }

  Entity read(std::string_view octets, const Place& place) {
    Entity entity;
    entity.octets = octets;
    const Split split = split_entity(octets);
    entity.head = split.head;
    entity.body = split.body;
    if (!read_head(entity, place)) return entity;
    if (entity.content_type.type == "multipart") {
      read_multipart(entity, place);
    } else if (entity.content_type.is("message", "rfc822")) {
      read_message_part(entity, place);
    } else {
      note_octet_defects(entity.body, entity);
      if (entity.encoding == TransferEncoding::base64 && !is_clean_base64(entity.body))
        note(entity.defects, Defect::base64_junk);
    }
    return entity;
  }

 private:
  bool read_head(Entity& entity, const Place& place) {
    entity.fields = split_fields(entity.head, entity.defects);
    if (entity.has(Defect::head_too_long)) return stop(Defect::head_too_long);
    note_octet_defects(entity.head, entity);
    if (has_duplicates(entity)) note(entity.defects, Defect::duplicate_field);
    if (place.in_digest) entity.content_type = {"message", "rfc822", {}};
    if (const Field* field = entity.field("Content-Type"))
      entity.content_type = parse_content_type(field->body, entity.defects);
    read_encoding(entity);
    read_disposition(entity);
    return true;
  }

  void read_multipart(Entity& entity, const Place& place) {
    // RFC 2045 §6.4: no encoding but 7bit, 8bit, binary. What stands in the body is not encoded in
    // practice, whatever the field says.
    if (!is_identity(entity.encoding)) note(entity.defects, Defect::bad_transfer_encoding);
    const std::string boundary(entity.content_type.parameter("boundary"));
    if (boundary.empty()) {
      note(entity.defects, Defect::missing_boundary);
      note_octet_defects(entity.body, entity);
      return;
    }
    if (clashes(boundary, place.boundaries)) note(entity.defects, Defect::nested_boundary);

    const auto sections = split_multipart(entity.body, boundary, part_limit);
    note_sections(sections, entity);
    Place inner{place.level + 1, entity.content_type.subtype == "digest", place.boundaries};
    inner.boundaries.push_back(boundary);
    for (const auto part : sections.parts) {
      if (!enter(inner)) return;
      entity.parts.push_back(read(part, inner));
      if (broken_limit_) return;
    }
  }

  static void note_sections(const Sections& sections, Entity& entity) {
    entity.preamble = sections.preamble;
    entity.epilogue = sections.epilogue;
    if (sections.parts.empty()) note(entity.defects, Defect::missing_boundary);
    if (!sections.is_closed) note(entity.defects, Defect::missing_close_delimiter);
    if (sections.has_prefix_lines) note(entity.defects, Defect::nested_boundary);
    note_octet_defects(entity.preamble, entity);
    note_octet_defects(entity.epilogue, entity);
  }

  void read_message_part(Entity& entity, const Place& place) {
    // RFC 2046 §5.2.1: a message is never encoded as a whole; if it is, it stays a leaf.
    if (!is_identity(entity.encoding)) {
      note(entity.defects, Defect::bad_transfer_encoding);
      note_octet_defects(entity.body, entity);
      return;
    }
    const Place inner{place.level + 1, false, place.boundaries};
    if (entity.body.empty() || !enter(inner)) return;
    entity.parts.push_back(read(entity.body, inner));
  }

  static bool clashes(std::string_view boundary, const std::vector<std::string>& outer) {
    return std::ranges::any_of(outer, [&](const std::string& other) {
      return boundary.starts_with(other) || other.starts_with(boundary);
    });
  }

  bool enter(const Place& place) {
    if (place.level > level_limit) return stop(Defect::too_deep);
    if (++parts_ > part_limit) return stop(Defect::too_many_parts);
    return true;
  }

  bool stop(Defect limit) {
    broken_limit_ = limit;
    return false;
  }

  std::size_t parts_ = 0;
  std::optional<Defect> broken_limit_;
};

/// Holds our tree against GMime's. Any difference makes the entity opaque.
class Comparison {
 public:
  explicit Comparison(const char* start) : start_(start) {}

  void compare(Entity& ours, const parse::Outline& theirs) const {
    if (!agree(ours, theirs)) {
      ours.parts.clear();
      note(ours.defects, Defect::offset_mismatch);
      return;
    }
    for (std::size_t i = 0; i < ours.parts.size(); ++i) compare(ours.parts[i], theirs.parts[i]);
  }

 private:
  using Kind = parse::Outline::Kind;

  [[nodiscard]] bool agree(const Entity& ours, const parse::Outline& theirs) const {
    if (!fields_agree(ours, theirs)) return false;
    if (ours.content_type.type == "multipart")
      return theirs.kind == Kind::multipart && ours.parts.size() == theirs.parts.size();
    if (!ours.parts.empty()) return theirs.kind == Kind::message && theirs.parts.size() == 1;
    // GMime looks into some more types of message; for us they are leaves.
    if (theirs.kind == Kind::message) return ours.content_type.type == "message";
    return theirs.kind == Kind::leaf && bodies_agree(ours.body, theirs.content);
  }

  [[nodiscard]] bool fields_agree(const Entity& ours, const parse::Outline& theirs) const {
    auto expected = theirs.fields.begin();
    for (const Field& field : ours.fields) {
      if (field.name.empty()) continue;
      if (expected == theirs.fields.end() || *expected++ != offset(field.octets)) return false;
    }
    return expected == theirs.fields.end();
  }

  [[nodiscard]] bool bodies_agree(std::string_view body,
                                  const std::optional<parse::Outline::Range>& theirs) const {
    if (!theirs) return body.empty();
    if (theirs->begin != offset(body)) return false;
    // Where there is no body, GMime may count a part of the delimiter's line end.
    if (body.empty()) return theirs->end - theirs->begin <= 2;
    return theirs->end == offset(body) + body.size();
  }

  [[nodiscard]] std::size_t offset(std::string_view view) const {
    return static_cast<std::size_t>(view.data() - start_);
  }

  const char* start_;
};

/// Every part that GMime could find begins with such a line. It makes objects of about 2 KB for
/// each, so that this bounds its memory whatever it takes for a boundary.
bool has_too_many_dash_lines(std::string_view octets) {
  constexpr std::size_t dash_line_limit = 20'000;
  constexpr std::string_view start = "\n--";
  std::size_t lines = 0;
  for (auto at = octets.find(start); at != std::string_view::npos;
       at = octets.find(start, at + 3)) {
    if (++lines > dash_line_limit) return true;
  }
  return false;
}

void make_opaque(Entity& top, Defect why) {
  top.parts.clear();
  note(top.defects, why);
}

/// A clean head that names a leaf leaves GMime no choice; any other could lead it elsewhere.
bool may_have_parts(const Entity& entity) {
  return entity.content_type.type == "multipart" || entity.content_type.type == "message" ||
         !entity.defects.empty();
}

}  // namespace

Entity read_entity_tree(std::string_view octets) {
  TreeReader reader;
  Entity top = reader.read(octets, Place{});
  if (octets.empty()) return top;
  if (reader.broken_limit()) {
    make_opaque(top, *reader.broken_limit());
  } else if (may_have_parts(top) && has_too_many_dash_lines(octets)) {
    make_opaque(top, Defect::too_many_parts);
  } else if (const auto theirs = parse::outline(octets)) {
    Comparison(octets.data()).compare(top, *theirs);
  } else {
    make_opaque(top, Defect::offset_mismatch);
  }
  return top;
}

}  // namespace siegel::mail
