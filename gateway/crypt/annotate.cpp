#include "gateway/crypt/annotate.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/annotate_standing.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/intent.h"
#include "gateway/policy/subject.h"

namespace siegel::crypt {
namespace {

using policy::display_tags;
using policy::Layer;
using policy::Summary;
using policy::TagStripper;
using policy::without_bidi_controls;

// --- Authentication-Results
// ----------------------------------------------------------------------------------------------

/// RFC 8601 §2.7.1 and RFC 7281 §3: the result word for a summary (STANDARDS §9).
std::string_view result_word(const policy::Verdict& verdict) {
  const Standing standing = standing_of(verdict);
  if (standing == Standing::accepted) return "pass";
  switch (verdict.summary()) {
    case Summary::none:
      return "none";
    case Summary::bad:
    case Summary::mismatch:
    case Summary::revoked:
      return "fail";
    case Summary::unchecked:
      return "temperror";
    case Summary::malformed:
      return standing == Standing::rejected ? "permerror" : "neutral";
    case Summary::good:
    case Summary::partial:
    case Summary::expired:
    case Summary::untrusted:
    case Summary::weak:
      break;
  }
  return "policy";
}

/// RFC 5322 §3.2.2 and §3.2.4: what would end a comment or a quoted string is escaped. Anything but
/// printable ASCII becomes '?' when the field is written.
std::string escaped(std::string_view text, std::string_view specials) {
  std::string result;
  for (const char c : text) {
    if (specials.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

/// Typographic quotation marks, as reasons have them, would become encoded words in a header field.
std::string with_plain_quotes(std::string text) {
  for (const std::string_view mark : {"“", "”", "„"}) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; ++at) {
      text.replace(at, mark.size(), "'");
    }
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", escaped(printable(with_plain_quotes(std::string(text))), "\"\\"));
}

/// RFC 7281 §3.2: which signature, and whose.
std::string smime_properties(const Layer& layer) {
  std::string text;
  // An international local part does not fit the field's grammar; it stands in X-Siegel-Verdict.
  if (layer.signer && !layer.signer->is_international()) {
    text += fmt::format(" body.smime-identifier={}", layer.signer->str());
  }
  if (!layer.part.empty()) text += fmt::format(" body.smime-part={}", layer.part);
  if (!layer.serial.empty()) text += fmt::format(" body.smime-serial={}", layer.serial);
  if (!layer.issuer.empty()) text += fmt::format(" body.smime-issuer={}", in_quotes(layer.issuer));
  return text;
}

std::string comment(std::string_view text) {
  return fmt::format("({})", escaped(printable(with_plain_quotes(std::string(text))), "()\\"));
}

// --- X-Siegel-Verdict
// ----------------------------------------------------------------------------------------------

std::string encryption_word(const policy::Verdict& verdict) {
  if (!verdict.encrypted) return "no";
  return verdict.decrypted ? "opened" : "closed";
}

/// OpenPGP has no word in Authentication-Results: here it is said which scheme it was.
void add_openpgp_signer(std::string& text, const Layer& layer) {
  text += "; scheme=openpgp";
  if (layer.signer) text += fmt::format("; signer={}", in_quotes(layer.signer->str()));
  if (!layer.serial.empty()) text += fmt::format("; key={}", layer.serial);
  if (!layer.algorithm.empty()) text += fmt::format("; algorithm={}", in_quotes(layer.algorithm));
}

void add_signer(std::string& text, const Layer& layer) {
  if (layer.scheme == policy::Scheme::openpgp) return add_openpgp_signer(text, layer);
  if (layer.signer) text += fmt::format("; signer={}", in_quotes(layer.signer->str()));
  if (!layer.issuer.empty()) text += fmt::format("; issuer={}", in_quotes(layer.issuer));
  if (!layer.serial.empty()) text += fmt::format("; serial={}", layer.serial);
  if (!layer.algorithm.empty()) text += fmt::format("; algorithm={}", in_quotes(layer.algorithm));
}

void add_encryption(std::string& text, const policy::Verdict& verdict) {
  text += fmt::format("; encryption={}", encryption_word(verdict));
  for (const Layer& layer : verdict.layers) {
    if (layer.form != policy::Form::encryption) continue;
    if (!layer.algorithm.empty()) text += fmt::format("; cipher={}", in_quotes(layer.algorithm));
    text += fmt::format("; integrity={}", layer.authenticated ? "yes" : "no");
    if (!layer.reason.empty())
      text += fmt::format("; encryption-reason={}", in_quotes(layer.reason));
  }
}

// --- forged marks
// ----------------------------------------------------------------------------------------------

constexpr std::string_view results_field = "Authentication-Results";

/// A quote that does not end: where the field's first word ends is anybody's guess.
bool has_open_quote(std::string_view body) {
  bool is_open = false;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '\\') {
      ++at;
    } else if (body[at] == '"') {
      is_open = !is_open;
    }
  }
  return is_open;
}

/// What stands before the first ';' without folding, comments and quotes; nothing if that cannot be
/// told.
std::optional<std::string> bare_service_id(std::string_view body) {
  const std::string value = mail::bare_value(body);
  const auto end = value.find(';');
  if (end == std::string::npos || has_open_quote(body)) return std::nullopt;
  std::string id;
  for (const char c : std::string_view(value).substr(0, end)) {
    if (c == '(' || c == ')' || c == '\\' || ascii::is_control(c)) return std::nullopt;
    if (c != '"' && c != ' ') id += ascii::lower(c);
  }
  return id.empty() ? std::nullopt : std::optional(id);
}

/// True if `id` is `our_name` in some spelling, perhaps with a version number behind it (RFC 8601
/// §2.2).
bool is_our_id(const std::string& id, const std::string& our_name) {
  std::string name = id;
  while (!name.empty() && (ascii::is_digit(name.back()) || name.back() == '.')) name.pop_back();
  const std::string ours = ascii::lower(our_name);
  if (id == ours || name == ours) return true;
  if (id.starts_with(ours) && std::ranges::all_of(id.substr(ours.size()), [](char c) {
        return ascii::is_digit(c) || c == '.';
      })) {
    return true;
  }
  // The same name in U-labels, or in letters that IDNA maps to ours.
  const auto normal = normalise_domain(name);
  return normal && normal == normalise_domain(ours);
}

/// RFC 8601 §5: a field that claims to be ours, or that a reader could take for ours because nobody
/// can tell whose it is.
bool claims_our_results(std::string_view body, const std::string& our_name) {
  const auto id = bare_service_id(body);
  if (!id) return true;
  constexpr std::string_view tokens = "abcdefghijklmnopqrstuvwxyz0123456789.-_:";
  const bool is_plain = std::ranges::all_of(
      *id, [&](char c) { return ascii::is_8bit(c) || tokens.find(c) != std::string_view::npos; });
  return !is_plain || is_our_id(*id, our_name);
}

/// `text` from the first character on that can begin a field's name.
std::string_view from_first_letter(std::string_view text) {
  while (!text.empty() && !ascii::is_alpha(text.front())) text.remove_prefix(1);
  return text;
}

/// `line` without what a reader may drop or not show: blanks, controls (NUL), octets above 127.
std::string visible(std::string_view line) {
  std::string text;
  std::ranges::copy_if(line, std::back_inserter(text),
                       [](char c) { return c > ' ' && c < '\x7F'; });
  return text;
}

/// A line within a field that some reader could take for a field of its own: after a bare CR, or in
/// a line that is no field.
bool hides_mark(std::string_view octets) {
  for (std::size_t start = 0; start < octets.size();) {
    const auto end = std::min(octets.find_first_of("\r\n", start), octets.size());
    const std::string line = visible(from_first_letter(octets.substr(start, end - start)));
    if (policy::is_own_field(line) || ascii::starts_ignoring_case(line, results_field)) return true;
    start = end + 1;
  }
  return false;
}

bool has_bare_cr(std::string_view octets) {
  for (std::size_t at = octets.find('\r'); at != std::string_view::npos;
       at = octets.find('\r', at + 1)) {
    if (at + 1 == octets.size() || octets[at + 1] != '\n') return true;
  }
  return false;
}

// --- subject
// ----------------------------------------------------------------------------------------------

/// What came as a subject, with nothing left that could be shown as a tag of ours.
std::string cleaned(const std::string& subject, const TagStripper& stripper) {
  return stripper.strip(without_bidi_controls(subject));
}

/// Our tags for `verdict`, each with a blank behind it.
std::string shown_tags(const policy::Verdict& verdict, const config::Tags& tags) {
  std::string text;
  const Standing standing = standing_of(verdict);
  if (standing == Standing::accepted) text += fmt::format("[{}] ", tags.good);
  if (standing == Standing::rejected) text += fmt::format("[{}] ", tags.bad);
  if (verdict.decrypted) text += fmt::format("[{}] ", tags.decrypted);
  return text;
}

/// A Subject as most readers show it: raw octets that are no UTF-8 are Latin-1 to them.
std::string shown(const mail::Field& subject) {
  if (is_utf8(subject.body)) return mail::decode_text(subject.body);
  std::string text;
  for (const char c : subject.body) append_utf8(text, static_cast<unsigned char>(c));
  return mail::decode_text(text);
}

/// True if a tag stands in it, or controls that turn text around (`]treingis[` is shown as a tag),
/// or if it holds encoded words that we cannot decode: another reader may know their character set.
/// Written anew they are plain text to everybody.
bool may_show_tag(const mail::Field& field, const TagStripper& stripper) {
  if (!ascii::equals_ignoring_case(ascii::trim(field.name), "Subject")) return false;
  const std::string text = shown(field);
  return text.find("=?") != std::string::npos || stripper.has_tag(text) ||
         without_bidi_controls(text) != text;
}

void annotate_subject(mail::HeadEdit& head, const mail::Message& message,
                      const policy::Verdict& verdict, const config::Tags& tags) {
  const TagStripper stripper = display_tags(tags);
  const mail::Entity& top = message.top();
  const bool has_forged_tag = std::ranges::any_of(
      top.fields, [&](const mail::Field& field) { return may_show_tag(field, stripper); });
  const std::string marks = tags.annotate_subject ? shown_tags(verdict, tags) : std::string();
  // What needs no change stays as it was received, octet for octet.
  if (!has_forged_tag && marks.empty()) return;
  const mail::Field* subject = top.field("Subject");
  const std::string text = subject == nullptr ? std::string() : shown(*subject);
  head.replace("Subject", mail::make_field("Subject", marks + cleaned(text, stripper)));
}

}  // namespace

std::string authentication_results(const policy::Verdict& verdict, const std::string& our_name) {
  const Layer* layer = telling_layer(verdict);
  if (layer == nullptr) return fmt::format("{}; smime=none", our_name);
  // OpenPGP has no registered method (RFC 8601 §2.7): the message bears no S/MIME signature.
  if (layer->scheme == policy::Scheme::openpgp) {
    return fmt::format("{}; smime=none {}", our_name, comment(layer->reason));
  }
  std::string text = fmt::format("{}; smime={}", our_name, result_word(verdict));
  if (!layer->reason.empty() && verdict.summary() != Summary::good) {
    text += ' ' + comment(layer->reason);
  } else if (verdict.summary() == Summary::partial) {
    text += ' ' + comment("the signature does not cover the whole message");
  }
  return text + smime_properties(*layer);
}

std::string verdict_value(const policy::Verdict& verdict) {
  std::string text(name(verdict.summary()));
  const Layer* layer = telling_layer(verdict);
  if (layer != nullptr) add_signer(text, *layer);
  add_encryption(text, verdict);
  if (layer != nullptr && !layer->reason.empty()) {
    text += fmt::format("; reason={}", in_quotes(layer->reason));
  }
  for (const std::string& note : verdict.notes) text += fmt::format("; note={}", in_quotes(note));
  return text;
}

std::string without_display_tags(const std::string& subject, const config::Tags& tags) {
  return display_tags(tags).strip(subject);
}

std::string annotated_subject(const std::string& subject, const policy::Verdict& verdict,
                              const config::Tags& tags) {
  const std::string clean = cleaned(subject, display_tags(tags));
  return tags.annotate_subject ? shown_tags(verdict, tags) + clean : clean;
}

bool is_forged_mark(const mail::Field& field, const std::string& our_name) {
  const std::string_view name = from_first_letter(field.name);
  if (policy::is_own_field(name)) return true;
  if (ascii::equals_ignoring_case(ascii::trim(name), results_field)) {
    return claims_our_results(field.body, our_name);
  }
  return (field.name.empty() || has_bare_cr(field.octets)) && hides_mark(field.octets);
}

void annotate(mail::HeadEdit& head, const mail::Message& message, const policy::Verdict& verdict,
              const config::Config& config) {
  head.drop([name = config.name](const mail::Field& field) { return is_forged_mark(field, name); });
  annotate_subject(head, message, verdict, config.tags);
  head.prepend(mail::make_field("X-Siegel-Verdict", verdict_value(verdict)));
  head.prepend(mail::make_structured_field(std::string(results_field),
                                           authentication_results(verdict, config.name)));
}

}  // namespace siegel::crypt
