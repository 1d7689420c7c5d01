#include "gateway/mail/fields.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/parameters.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/tokens.h"

namespace siegel::mail {
namespace {

/// RFC 5322 §2.2.3: a line end in front of a blank goes, the blank stays. Other controls become
/// blanks.
std::string unfold(std::string_view body) {
  std::string text;
  text.reserve(body.size());
  for (const char c : body) {
    if (c == '\r' || c == '\n') continue;
    text += ascii::is_control(c) ? ' ' : c;
  }
  return std::string(ascii::trim(text));
}

std::string to_well_formed(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string repaired;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto size = point ? point->octets : 1;
    append_utf8(repaired, point ? point->value : 0xFFFD);
    text.remove_prefix(size);
  }
  return repaired;
}

}  // namespace

std::string decode_text(std::string_view field_body) {
  return to_well_formed(parse::decode_words(unfold(field_body)));
}

std::string subject(const Entity& top) {
  const Field* field = top.field("Subject");
  return field == nullptr ? "" : decode_text(field->body);
}

std::string bare_value(std::string_view field_body) {
  std::string value;
  Tokens tokens(field_body);
  while (tokens.skip_blanks_and_comments() && !tokens.at_end()) {
    if (!value.empty()) value += ' ';
    if (const auto quoted = tokens.take_quoted_string()) {
      value += '"' + *quoted + '"';
      continue;
    }
    const auto word = tokens.take_while([](char c) {
      return c != '(' && c != '"' && c != '\r' && c != '\n' && !ascii::is_blank(c);
    });
    value += word;
    if (word.empty() && !tokens.take(tokens.front())) break;
  }
  return value;
}

ContentType parse_content_type(std::string_view body, std::vector<Defect>& defects) {
  const ParameterList ours = read_parameters(body);
  const auto theirs = parse::media_type(body);
  if (ours.has_duplicates) note(defects, Defect::duplicate_parameter);
  const bool agree =
      theirs && ours.is_well_formed && ours.word == theirs->type + '/' + theirs->subtype;
  if (!agree) note(defects, Defect::malformed_content_type);
  if (!theirs) return {};
  ContentType type{theirs->type, theirs->subtype, theirs->parameters};
  // A boundary that the two readings see differently would cut the body at different places.
  const auto boundary = ours.find("boundary");
  if (boundary && *boundary != type.parameter("boundary"))
    note(defects, Defect::malformed_content_type);
  return type;
}

}  // namespace siegel::mail
