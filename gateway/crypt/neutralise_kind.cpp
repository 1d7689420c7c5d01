#include "gateway/crypt/neutralise_kind.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/crypt/smime.h"
#include "gateway/mail/parse.h"

namespace siegel::crypt {
namespace {

using mail::ContentType;
using mail::Defect;
using mail::Entity;

/// What browsers and mail programs render, by its name.
constexpr std::array<std::string_view, 13> active_endings{
    ".html", ".htm", ".shtml", ".xhtml", ".xht",   ".svg", ".svgz",
    ".xml",  ".xsl", ".xslt",  ".mht",   ".mhtml", ".hta"};

bool ends_with_any(const std::string& text, const auto& endings) {
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return text.ends_with(ending); });
}

/// The name as a file system takes it: in any case, blanks and dots at its end not counted.
std::string plain_name(std::string_view name) {
  std::string plain = ascii::lower(name);
  while (!plain.empty() && (plain.back() <= ' ' || plain.back() == '.')) plain.pop_back();
  return plain;
}

bool has_active_name(std::string_view name) {
  return ends_with_any(plain_name(name), active_endings);
}

bool is_html(const ContentType& type) {
  return type.subtype.find("html") != std::string::npos;
}

/// `application/xhtml+xml`, `image/svg+xml`, `text/xml`; not
/// `application/vnd.openxmlformats-officedocument…`.
bool is_active(const ContentType& type) {
  static constexpr std::array<std::string_view, 5> endings{"xml", "svg", "xsl", "xslt", "html"};
  return is_html(type) || ends_with_any(type.subtype, endings) ||
         type.is("message", "external-body");
}

bool holds_signature(const Entity& entity) {
  const Wrapping wrapping = wrapping_of(entity);
  if (wrapping != Wrapping::smime_cms && wrapping != Wrapping::smime_file) return false;
  return smime::content_kind(entity.decoded_body()) == smime::ContentKind::signed_data;
}

PartKind kind_of_composite(const Entity& entity) {
  // A message that is encoded, or of a kind that we do not look into; a multipart whose parts we
  // cannot tell apart for sure.
  const bool is_closed =
      entity.parts.empty() && (entity.content_type.type == "multipart" || !entity.body.empty());
  return is_closed || entity.has(Defect::nested_boundary) ? PartKind::active : PartKind::composite;
}

/// The character set that an HTML text names in its head.
std::string charset_in(std::string_view html) {
  constexpr std::size_t reach = 1024;
  constexpr std::string_view key = "charset=";
  const std::string start = ascii::lower(html.substr(0, reach));
  const auto at = start.find(key);
  if (at == std::string::npos) return {};
  const auto begin = start.find_first_not_of("\"' ", at + key.size());
  if (begin == std::string::npos) return {};
  const auto end = start.find_first_of("\"'> ;/", begin);
  return end == std::string::npos ? std::string() : start.substr(begin, end - begin);
}

}  // namespace

bool has_doubtful_head(const Entity& entity) {
  const auto is_harmless = [](Defect defect) {
    return defect == Defect::line_too_long || defect == Defect::missing_close_delimiter ||
           defect == Defect::base64_junk || defect == Defect::nul_octet ||
           defect == Defect::bare_line_end || defect == Defect::duplicate_field;
  };
  const auto is_doubled = [&](std::string_view name) { return entity.count(name) > 1; };
  return !std::ranges::all_of(entity.defects, is_harmless) || is_doubled("Content-Type") ||
         is_doubled("Content-Transfer-Encoding") || is_doubled("Content-Disposition");
}

PartKind kind_of_part(const Entity& entity) {
  const ContentType& type = entity.content_type;
  const bool is_attachment = entity.disposition == "attachment";
  if (type.type == "multipart" || type.is("message", "rfc822") || type.is("message", "global") ||
      type.is("message", "news")) {
    return kind_of_composite(entity);
  }
  if (holds_signature(entity))
    return has_doubtful_head(entity) ? PartKind::active : PartKind::opaque;
  if (is_html(type)) return is_attachment ? PartKind::active : PartKind::html;
  if (is_active(type) || has_active_name(entity.file_name) ||
      has_active_name(type.parameter("name"))) {
    return PartKind::active;
  }
  if (!has_doubtful_head(entity)) return PartKind::passive;
  return type.type == "text" && !is_attachment ? PartKind::text : PartKind::active;
}

std::string passive_name(const Entity& entity) {
  const ContentType& type = entity.content_type;
  const std::string given =
      entity.file_name.empty() ? std::string(type.parameter("name")) : entity.file_name;
  const std::string name = given.empty() ? "nachricht" : given;
  const bool is_harmless = type.type == "application" && !is_active(type) && !given.empty() &&
                           !has_active_name(name) && wrapping_of(entity) == Wrapping::none;
  return is_harmless || plain_name(name).ends_with(".txt") ? name : name + ".txt";
}

std::string utf8_text(const Entity& leaf) {
  std::string octets = leaf.decoded_body();
  const std::string declared(leaf.content_type.parameter("charset"));
  for (const std::string& charset : {declared, charset_in(octets)}) {
    if (charset.empty() || ascii::equals_ignoring_case(charset, "us-ascii")) continue;
    if (auto text = mail::parse::to_utf8(charset, octets)) return *std::move(text);
  }
  if (is_utf8(octets)) return octets;
  return mail::parse::to_utf8("windows-1252", octets).value_or(std::string());
}

bool looks_like_latin1(std::string_view octets) {
  return std::ranges::all_of(octets, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    const bool is_text_control = c == '\t' || c == '\r' || c == '\n' || c == '\f';
    return is_text_control || (octet >= 0x20 && octet < 0x7F) || octet >= 0xA0;
  });
}

}  // namespace siegel::crypt
