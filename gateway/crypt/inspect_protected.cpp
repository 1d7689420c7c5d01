#include "gateway/crypt/inspect_protected.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/header_names.h"
#include "gateway/crypt/header_reading.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/safe_field.h"

namespace siegel::crypt {
namespace {

using mail::Entity;
using mail::Field;

/// RFC 9788 §2.1: what the sender says that was protected how.
enum class Mark { none, clear, cipher };

Mark mark_of(const Entity& fields) {
  const std::string value = ascii::lower(fields.content_type.parameter("hp"));
  if (value == "clear") return Mark::clear;
  return value == "cipher" ? Mark::cipher : Mark::none;
}

// --- as a reader sees it

std::string as_read(const Entity& entity, std::string_view name) {
  const Field* field = entity.field(name);
  return field == nullptr ? std::string() : field_as_read(name, field->body);
}

/// What senders put in the place of a Subject that is encrypted. It says nothing, so nothing false.
bool is_placeholder(std::string_view name, std::string_view shown) {
  static constexpr std::array<std::string_view, 3> words{"...", "[...]", "Encrypted Message"};
  return ascii::equals_ignoring_case(name, "Subject") &&
         std::ranges::find(words, shown) != words.end();
}

// --- all fields of a head

/// By lower-case name, in their order.
using Values = std::map<std::string, std::vector<std::string>>;

Values values_of(const Entity& entity) {
  Values values;
  for (const Field& field : entity.fields) {
    const std::string name = ascii::lower(ascii::trim(field.name));
    if (!is_field_name(name) || is_structural_field(name) || is_outside_field(name)) continue;
    values[name].push_back(field_as_read(name, field.body));
  }
  return values;
}

/// RFC 9788 §2.2: `HP-Outer: Subject: [...]`, one for each field that the sender wrote outside.
Values announced_by(const Entity& fields) {
  Values values;
  for (const Field& field : fields.fields) {
    if (!ascii::equals_ignoring_case(field.name, "HP-Outer")) continue;
    const auto colon = std::min(field.body.find(':'), field.body.size());
    const std::string name = ascii::lower(ascii::trim(field.body.substr(0, colon)));
    const auto value = field.body.substr(std::min(colon + 1, field.body.size()));
    values[name].push_back(field_as_read(name, value));
  }
  return values;
}

const std::vector<std::string>& of_name(const Values& values, const std::string& name) {
  static const std::vector<std::string> nothing;
  const auto found = values.find(name);
  return found == values.end() ? nothing : found->second;
}

/// The name as people write it.
std::string written(const Entity& entity, const std::string& name) {
  const Field* field = entity.field(name);
  return printable(field == nullptr ? name : std::string(field->name), 60);
}

/// The comparison of one marked content with the outer head.
class Comparison {
 public:
  Comparison(Peeled& peeled, const Entity& fields, const Entity& top)
      : peeled_(peeled),
        fields_(fields),
        top_(top),
        inside_(values_of(fields)),
        outside_(values_of(top)) {
    is_sealed_ = peeled.verdict.decrypted && mark_of(fields) == Mark::cipher;
    if (is_sealed_) announced_ = announced_by(fields);
  }

  void run() {
    for (const auto& [name, values] : inside_) compare(name, values);
    for (const auto& [name, values] : outside_) {
      if (!inside_.contains(name)) judge_added(name);
    }
    tell(confidential_, "told inside the encryption only: ");
    tell(altered_, "changed on the way, or lost: ");
    if (mark_of(fields_) == Mark::cipher && !peeled_.verdict.encrypted)
      peeled_.verdict.notes.emplace_back("the author had encrypted the message; it came in clear");
  }

 private:
  void compare(const std::string& name, const std::vector<std::string>& values) {
    const auto& shown = of_name(outside_, name);
    if (shown == values) return;
    if (is_meant(name, shown)) {
      confidential_.push_back(name);
    } else if (is_user_facing_field(name)) {
      peeled_.leave_uncovered(
          fmt::format("the signed {} differs from the one that is shown", written(fields_, name)));
    } else {
      altered_.push_back(name);
    }
  }

  /// True if the sender wanted this field to be shown like that outside an encryption. What is not
  /// announced was left out (RFC 9788 §4).
  [[nodiscard]] bool is_meant(const std::string& name,
                              const std::vector<std::string>& shown) const {
    const bool is_empty_phrase = shown.size() == 1 && is_placeholder(name, shown.front());
    if (peeled_.verdict.decrypted && is_empty_phrase) return true;
    return is_sealed_ && shown == of_name(announced_, name);
  }

  /// RFC 9788 §2.1: all that the sender wrote has a copy. The author is bound by the certificate,
  /// and a date is added by servers where there is none (RFC 6409 §8.2).
  void judge_added(const std::string& name) {
    if (!is_user_facing_field(name) || name == "from" || name == "date") return;
    peeled_.leave_uncovered(
        fmt::format("the {} that is shown was not written by the author", written(top_, name)));
  }

  void tell(const std::vector<std::string>& names, std::string text) {
    constexpr std::size_t most = 8;
    if (names.empty()) return;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
      text += (i == 0 ? "" : ", ") + written(fields_, names[i]);
    if (names.size() > most) text += " and others";
    peeled_.verdict.notes.push_back(std::move(text));
  }

  Peeled& peeled_;
  const Entity& fields_;
  const Entity& top_;
  Values inside_, outside_, announced_;
  bool is_sealed_ = false;
  std::vector<std::string> confidential_, altered_;
};

// --- content without a mark

bool differs(const Entity& fields, const Entity& top, std::string_view name) {
  if (fields.count(name) == 0) return false;
  if (name != "From") return as_read(fields, name) != as_read(top, name);
  const mail::Author own = mail::author(fields), shown = mail::author(top);
  return own.address == shown.address && !own.display_name.empty() && !shown.display_name.empty() &&
         own.display_name != shown.display_name;
}

void compare_unmarked(Peeled& peeled, const Entity& fields, const Entity& top) {
  static constexpr std::array<std::string_view, 5> shown{"From", "Subject", "To", "Cc", "Date"};
  for (const std::string_view name : shown) {
    if (!differs(fields, top, name)) continue;
    if (peeled.verdict.decrypted && is_placeholder(name, as_read(top, name))) continue;
    peeled.leave_uncovered(fmt::format("the signed {} differs from the one that is shown", name));
  }
}

// --- on delivery

/// A field that comes out of an encryption, fit for an outer head; empty if it is not.
std::string fit_for_outside(const Field& field) {
  if (auto safe = mail::to_safe_field(field)) return *std::move(safe);
  if (!ascii::equals_ignoring_case(field.name, "Subject")) return {};
  return mail::make_field("Subject", mail::decode_text(field.body));
}

void reveal(mail::HeadEdit& head, const Entity& fields, std::string_view name) {
  const Field* field = fields.field(name);
  if (field == nullptr) return;
  std::string text = fit_for_outside(*field);
  if (!text.empty()) head.replace(name, std::move(text));
}

bool is_old_way(const Entity& content, const Entity& fields) {
  return &content != &fields ||
         ascii::lower(content.content_type.parameter("protected-headers")) == "v1";
}

}  // namespace

const Entity& protected_fields(const Entity& content) {
  const bool is_wrapped = content.content_type.is("message", "rfc822") && !content.parts.empty() &&
                          content.content_type.parameter("forwarded") == "no";
  return is_wrapped ? content.parts.front() : content;
}

void compare_protected_fields(Peeled& peeled, const Entity& content, const Entity& top) {
  const Entity& fields = protected_fields(content);
  if (mark_of(fields) == Mark::none) {
    compare_unmarked(peeled, fields, top);
  } else {
    Comparison(peeled, fields, top).run();
  }
}

void reveal_protected_fields(mail::HeadEdit& head, const Entity& content, const Entity& top) {
  static constexpr std::array<std::string_view, 10> names{
      "Subject",  "To",       "Cc",          "Reply-To",   "Date",
      "Keywords", "Comments", "In-Reply-To", "References", "Thread-Topic"};
  const Entity& fields = protected_fields(content);
  if (mark_of(fields) != Mark::cipher) {
    const bool is_hidden = is_placeholder("Subject", as_read(top, "Subject"));
    if (is_hidden && (is_old_way(content, fields) || mark_of(fields) == Mark::clear))
      reveal(head, fields, "Subject");
    return;
  }
  for (const std::string_view name : names) {
    if (as_read(fields, name) != as_read(top, name)) reveal(head, fields, name);
  }
}

}  // namespace siegel::crypt
