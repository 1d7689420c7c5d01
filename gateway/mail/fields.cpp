#include "gateway/mail/fields.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/encoded_words.h"
#include "gateway/mail/mailbox.h"
#include "gateway/mail/parameters.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/tokens.h"

namespace siegel::mail {
namespace {

/// RFC 5322 §2.2.3: a line end in front of a blank goes, the blank stays.
std::string unfold(std::string_view body) {
  std::string text(ascii::trim(body));
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return text;
}

std::string without_controls(std::string text) {
  std::ranges::replace_if(text, ascii::is_control, ' ');
  return text;
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

/// RFC 2231 gives a parameter a second spelling (`boundary*`); which of the two counts differs from
/// reader to reader. For `name` and `filename` both are often written, for the sake
/// of old readers.
bool has_two_spellings(const ParameterList& list) {
  return std::ranges::any_of(list.parameters, [&](const auto& parameter) {
    const std::string& name = parameter.first;
    const auto star = name.find('*');
    if (star == std::string::npos || name.substr(0, star).ends_with("name")) return false;
    const bool is_whole = star + 1 == name.size();  // `boundary*`, not `boundary*0`
    const std::string base = name.substr(0, star);
    return list.find(base) || (is_whole && (list.find(name + '0') || list.find(name + "0*")));
  });
}

/// Why the head as a whole leaves open which fields it has; empty if it does not.
std::string_view doubt_of_head(const Entity& top) {
  if (top.has(Defect::head_too_long)) return "the head is too long";
  if (top.has(Defect::field_without_colon)) return "the head holds a line that is no field";
  return {};
}

/// The one mailbox of the one field called `name`.
Mailbox single_mailbox(const Entity& top, std::string_view name) {
  const auto count = top.count(name);
  const std::string field(name);
  if (count == 0) return {{}, {}, "there is no " + field + " field"};
  const Field& first = *top.field(name);
  Mailbox mailbox = read_mailbox(first.body);
  std::string doubt(doubt_of_head(top));
  if (first.octets[first.name.size()] != ':') doubt = "a blank stands before the field's colon";
  if (count > 1) doubt = "there is more than one " + field + " field";
  if (doubt.empty()) return mailbox;
  return {{}, mailbox.display_name, doubt};
}

}  // namespace

// RFC 5322 §3.6.2 allows several authors; STANDARDS §2.7.1 does not.
Author author(const Entity& top) {
  const Mailbox from = single_mailbox(top, "From");
  return {from.address, from.display_name, shows_other_address(from.display_name, from.address),
          from.ambiguity};
}

std::optional<Address> sender(const Entity& top) {
  return single_mailbox(top, "Sender").address;
}

std::string decode_text(std::string_view field_body) {
  // Encoded words may hold any octets, line ends too.
  return without_controls(to_well_formed(decode_words(unfold(field_body))));
}

std::string guess_text(std::string_view field_body) {
  const std::string text = utf8_or_latin1(unfold(field_body));
  return without_controls(to_well_formed(decode_words(text, UnknownCharset::is_latin1)));
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
  // RFC 2045 §5.2: what is no type at all is plain text.
  if (!theirs || ours.word.find('/') == std::string::npos) return {};
  ContentType type{theirs->type, theirs->subtype, decoded_parameters(ours, theirs->parameters)};
  if (has_two_spellings(ours)) note(defects, Defect::duplicate_parameter);
  // A boundary that the two readings see differently would cut the body at different places.
  const auto boundary = ours.find("boundary");
  if (boundary && *boundary != type.parameter("boundary"))
    note(defects, Defect::malformed_content_type);
  return type;
}

}  // namespace siegel::mail
