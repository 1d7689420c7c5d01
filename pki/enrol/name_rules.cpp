#include "pki/enrol/name_rules.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <unictype.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/name_pattern.h"
#include "config/spelling.h"
#include "config/subject_template.h"
#include "pki/enrol/naming.h"
#include "pki/enrol/network_names.h"
#include "pki/enrol/unicode.h"

namespace siegel::pki::enrol {
namespace {

using config::in_quotes;
using config::Placeholder;
using config::TemplatePart;

constexpr std::size_t mail_address_limit = 255;  // RFC 5280 appendix A.1: ub-emailaddress-length

/// A part of the subject, filled in.
struct Part {
  std::string type;
  std::string value;   ///< without escapes
  std::string column;  ///< that has to be changed if it does not fit
};

/// IA5String: octets that must not be altered.
bool is_mail_address(const Part& part) {
  return part.type == "emailAddress";
}
/// X.520 knows nothing but PrintableString for these.
bool is_always_printable(const Part& part) {
  return part.type == "serialNumber" || part.type == "C";
}

/// The column whose text makes most of a part.
std::string column_of(const TemplatePart& part) {
  if (part.holds(Placeholder::name)) return "display_name";
  if (part.holds(Placeholder::department)) return "department";
  return part.holds(Placeholder::address) ? "address" : "profile";
}

std::string value_of(Placeholder placeholder, const Wish& wish, const config::NamingRules& rules) {
  switch (placeholder) {
    case Placeholder::name:
      return wish.display_name;
    case Placeholder::department:
      return wish.department;
    case Placeholder::address:
      return wish.mailbox.str();
    case Placeholder::organisation:
      return rules.organisation;
    case Placeholder::locality:
      return rules.locality;
  }
  return {};
}

// --- single characters ---------------------------------------------------------------------------

/// Controls, what cannot be seen, what has no meaning yet, and blanks other than the blank.
bool is_unfit(char32_t character) {
  constexpr std::uint32_t unfit = UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z;
  return character != U' ' &&
         (is_invisible(character) ||
          uc_is_general_category_withtable(static_cast<ucs4_t>(character), unfit));
}

/// X.680 §41.4
bool is_printable_string(char32_t character) {
  constexpr std::string_view marks = " '()+,-./:=?";
  if (character >= 0x80) return false;
  const char c = static_cast<char>(character);
  return ascii::is_alpha(c) || ascii::is_digit(c) || marks.find(c) != std::string_view::npos;
}

/// The first character of `text` for which `is_bad` holds.
template <typename Judge>
std::optional<CodePoint> find_character(std::string_view text, const Judge& is_bad) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point || is_bad(point->value)) return point;
    text.remove_prefix(point->octets);
  }
  return std::nullopt;
}

/// RFC 4514 §2.4. Controls are written as hexadecimal pairs, so that the subject is one line
/// whatever came in.
std::string escaped(std::string_view value) {
  constexpr std::string_view special = "\"+,;<>\\";
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool is_at_end = i == 0 || i + 1 == value.size();
    if (ascii::is_control(c)) {
      text += fmt::format("\\{:02X}", static_cast<unsigned char>(c));
      continue;
    }
    if (special.find(c) != std::string_view::npos || (i == 0 && c == '#') ||
        (is_at_end && c == ' '))
      text += '\\';
    text += c;
  }
  return text;
}

// --- the rules -----------------------------------------------------------------------------------

/// Holds the parts of one subject against the rules of a profile.
class Judge {
 public:
  Judge(const Wish& wish, const config::CaProfile& profile) : wish_(wish), rules_(profile.naming) {}

  JudgedName judge() && {
    if (!is_text("display_name", wish_.display_name) || !is_text("department", wish_.department))
      return std::move(judged_);
    if (ascii::trim(wish_.display_name).empty())
      complain("display_name", "is empty; write what the mailbox is for, such as Bauamt");
    for (const TemplatePart& part : config::parse_subject_template(rules_.subject).parts)
      take(part);
    return std::move(judged_);
  }

 private:
  void complain(const std::string& column, std::string text) {
    judged_.problems.push_back({column, std::move(text)});
  }

  bool is_text(const std::string& column, std::string_view value) {
    if (is_utf8(value)) return true;
    complain(column, "is not UTF-8; save the file as UTF-8");
    return false;
  }

  void take(const TemplatePart& form) {
    const auto part = fill(form);
    if (!part) return;
    judged_.subject +=
        (judged_.subject.empty() ? "" : ", ") + part->type + '=' + escaped(part->value);
    if (has_unfit_character(*part)) return;
    check_length(*part);
    check_printable(*part);
    if (part->type == "CN" && !repeats_prefix(form, *part)) check_common_name(*part);
  }

  /// Nothing if all words in braces are empty: "GRP: " without a name is none.
  std::optional<Part> fill(const TemplatePart& form) const {
    Part part{form.type, {}, column_of(form)};
    bool has_words = false, has_values = false;
    for (const config::TemplatePiece& piece : form.pieces) {
      std::string text =
          piece.placeholder ? value_of(*piece.placeholder, wish_, rules_) : piece.text;
      has_words = has_words || piece.placeholder;
      has_values = has_values || (piece.placeholder && !ascii::trim(text).empty());
      part.value += text;
    }
    if (has_words && !has_values) return std::nullopt;
    part.value = composed(ascii::trim(part.value));
    if (rules_.transliterate && !is_mail_address(part)) part.value = transliterated(part.value);
    return part;
  }

  bool has_unfit_character(const Part& part) {
    const auto found = find_character(part.value, is_unfit);
    if (!found) return false;
    const bool is_line_break = found->value == U'\n' || found->value == U'\r';
    complain(part.column,
             fmt::format("holds {} (U+{:04X}); take it out and write a blank if one is needed",
                         is_line_break ? "a line break" : "a character that cannot be seen",
                         static_cast<std::uint32_t>(found->value)));
    return true;
  }

  void check_length(const Part& part) {
    const std::size_t limit = is_mail_address(part) ? mail_address_limit : rules_.length;
    const std::size_t length = characters_in(part.value);
    if (length > limit)
      complain(part.column, fmt::format("makes the {} {} characters long, {} are allowed; shorten "
                                        "it by {}",
                                        part.type, length, limit, length - limit));
  }

  void check_printable(const Part& part) {
    const bool is_demanded = rules_.printable_only || is_always_printable(part);
    if (!is_demanded || is_mail_address(part) || part.type == "DC") return;
    const auto is_bad = [](char32_t character) { return !is_printable_string(character); };
    const auto found = find_character(part.value, is_bad);
    if (!found) return;
    std::string character;
    append_utf8(character, found->value);
    complain(part.column, "brings " + in_quotes(character) + " into the " + part.type +
                              "; only letters A to Z, digits, blanks and '()+,-./:=? are allowed, "
                              "write it in another way");
  }

  /// "GRP: GRP: Bauamt": the admin has written what the profile adds.
  bool repeats_prefix(const TemplatePart& form, const Part& part) {
    const bool has_prefix = form.pieces.size() > 1 && !form.pieces.front().placeholder &&
                            form.pieces[1].placeholder == Placeholder::name;
    if (!has_prefix) return false;
    const std::string_view prefix = ascii::trim(form.pieces.front().text);
    const bool repeats =
        !prefix.empty() &&
        folded(composed(ascii::trim(wish_.display_name))).starts_with(folded(prefix));
    if (repeats)
      complain(part.column, "begins with " + in_quotes(prefix) +
                                ", which the profile adds by itself; leave it out");
    return repeats;
  }

  void check_common_name(const Part& part) {
    for (const std::string& text : rules_.forbidden) {
      const std::string wanted = rules_.transliterate ? transliterated(composed(text)) : text;
      if (folded(part.value).find(folded(wanted)) != std::string::npos)
        complain(part.column,
                 "brings " + in_quotes(text) +
                     " into the CN, which the profile forbids; write it in another way");
    }
    const auto network_name = rules_.network_names ? std::nullopt : network_name_in(part.value);
    if (network_name)
      complain(part.column, "holds " + in_quotes(network_name->word) + ", which looks like " +
                                std::string(network_name->kind) +
                                "; write what the mailbox is for, in words");
    if (rules_.common_name && !config::fits_pattern(part.value, *rules_.common_name))
      complain(part.column, "makes the CN " + in_quotes(part.value) +
                                ", which does not fit \"common_name\" of the profile, " +
                                in_quotes(*rules_.common_name) + "; write it in another way");
  }

  const Wish& wish_;
  const config::NamingRules& rules_;
  JudgedName judged_;
};

}  // namespace

JudgedName judge_name(const Wish& wish, const config::CaProfile& profile) {
  return Judge(wish, profile).judge();
}

}  // namespace siegel::pki::enrol
