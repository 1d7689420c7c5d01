#include "config/subject_template.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

struct NamedPlaceholder {
  std::string_view name;
  Placeholder value;
};
constexpr std::array placeholders{NamedPlaceholder{"name", Placeholder::name},
                                  NamedPlaceholder{"department", Placeholder::department},
                                  NamedPlaceholder{"address", Placeholder::address},
                                  NamedPlaceholder{"organisation", Placeholder::organisation},
                                  NamedPlaceholder{"locality", Placeholder::locality}};

// RFC 4514 §3 and the two that authority PKIs use besides.
constexpr std::array<std::string_view, 10> types{
    "C", "ST", "L", "O", "OU", "CN", "DC", "UID", "serialNumber", "emailAddress"};

std::vector<std::string_view> placeholder_names() {
  std::vector<std::string_view> names;
  names.reserve(placeholders.size());
  for (const auto& each : placeholders) names.push_back(each.name);
  return names;
}

/// Divides at each comma that no backslash precedes.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(std::min(start, text.size())));
  return parts;
}

/// Reads the value of one part, piece by piece.
class ValueReader {
 public:
  ValueReader(std::string_view rest, std::vector<std::string>& problems)
      : rest_(rest), problems_(problems) {}

  std::vector<TemplatePiece> read() {
    while (!rest_.empty()) {
      if (rest_.front() == '\\') {
        take_escape();
      } else if (rest_.front() == '{') {
        take_placeholder();
      } else {
        take_character();
      }
    }
    end_text();
    return std::move(pieces_);
  }

 private:
  /// RFC 4514 §2.4: a backslash, and the character itself.
  void take_escape() {
    if (rest_.size() == 1) {
      problems_.emplace_back("a backslash at the end; write the character that it belongs to");
    } else {
      text_ += rest_[1];
    }
    rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
  }

  void take_placeholder() {
    const auto close = rest_.find('}');
    const std::string_view word = rest_.substr(1, close - 1);
    rest_.remove_prefix(close == std::string_view::npos ? rest_.size() : close + 1);
    const auto* const found = std::ranges::find(placeholders, word, &NamedPlaceholder::name);
    if (close == std::string_view::npos) {
      problems_.emplace_back("a { without }; close it, or write \\{ for the character itself");
    } else if (found == placeholders.end()) {
      report_unknown(word);
    } else {
      end_text();
      pieces_.push_back({{}, found->value});
    }
  }

  void report_unknown(std::string_view word) {
    std::string hint = did_you_mean(word, placeholder_names());
    if (hint.empty()) hint = "; known are " + one_of(placeholder_names());
    problems_.push_back("unknown word " + in_quotes(word) + " in braces" + hint);
  }

  void take_character() {
    const char c = rest_.front();
    if (std::string_view("+\";<>}").find(c) != std::string_view::npos)
      problems_.push_back("a " + in_quotes({&c, 1}) + " without a backslash before it; write \\" +
                          c);
    text_ += c;
    rest_.remove_prefix(1);
  }

  void end_text() {
    if (!text_.empty()) pieces_.push_back({std::move(text_)});
    text_.clear();
  }

  std::string_view rest_;
  std::vector<std::string>& problems_;
  std::string text_;
  std::vector<TemplatePiece> pieces_;
};

std::optional<std::string_view> known_type(std::string_view written) {
  const auto* const found = std::ranges::find_if(
      types, [&](std::string_view type) { return ascii::equals_ignoring_case(type, written); });
  if (found == types.end()) return std::nullopt;
  return *found;
}

/// "CN=GRP: {name}"
std::optional<TemplatePart> read_part(std::string_view text, std::vector<std::string>& problems) {
  const auto equals = text.find('=');
  const std::string_view written = ascii::trim(text.substr(0, equals));
  if (equals == std::string_view::npos || written.empty()) {
    problems.push_back("the part " + in_quotes(ascii::trim(text)) +
                       " is none; write TYPE=value, such as OU={department}");
    return std::nullopt;
  }
  const auto type = known_type(written);
  if (!type) {
    const std::vector<std::string_view> known(types.begin(), types.end());
    std::string hint = did_you_mean(written, known);
    if (hint.empty()) hint = "; known are " + one_of(known);
    problems.push_back("unknown part " + in_quotes(written) + hint);
    return std::nullopt;
  }
  const std::string_view value = ascii::trim(text.substr(equals + 1));
  TemplatePart part{std::string(*type), ValueReader(value, problems).read()};
  if (value.empty())
    problems.push_back(part.type + " has no value; write one, or take the part out");
  return part;
}

/// X.520 §6.3.1: countryName is two letters.
bool is_country(const TemplatePart& part) {
  if (part.pieces.size() != 1 || part.pieces.front().placeholder) return false;
  const std::string& text = part.pieces.front().text;
  return text.size() == 2 && std::ranges::all_of(text, ascii::is_upper);
}

void check_parts(SubjectTemplate& subject) {
  const auto& parts = subject.parts;
  const auto holds_name = [](const TemplatePart& part) { return part.holds(Placeholder::name); };
  if (std::ranges::none_of(parts, holds_name))
    subject.problems.emplace_back(
        "all mailboxes would have the same name, because {name} is missing; write, for example, "
        "CN=GRP: {name}");
  if (std::ranges::count(parts, "CN", &TemplatePart::type) != 1)
    subject.problems.emplace_back("there must be one CN, such as CN=GRP: {name}");
  for (const TemplatePart& part : parts) {
    if (part.type == "C" && !part.pieces.empty() && !is_country(part))
      subject.problems.emplace_back("C must be a country in two capital letters, such as C=DE");
  }
}

}  // namespace

bool TemplatePart::holds(Placeholder placeholder) const {
  return std::ranges::find(pieces, std::optional(placeholder), &TemplatePiece::placeholder) !=
         pieces.end();
}

SubjectTemplate parse_subject_template(std::string_view text) {
  SubjectTemplate subject;
  for (const std::string_view part : split(text)) {
    if (auto read = read_part(part, subject.problems)) subject.parts.push_back(std::move(*read));
  }
  if (subject.problems.empty()) check_parts(subject);
  return subject;
}

}  // namespace siegel::config
