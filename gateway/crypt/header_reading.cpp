#include "gateway/crypt/header_reading.h"

#include "base/ascii.h"
#include "gateway/crypt/header_names.h"
#include "gateway/mail/fields.h"

namespace siegel::crypt {
namespace {

/// `text` without characters of `dropped`, with one blank where there were several.
std::string squeezed(std::string_view text, std::string_view dropped = {}) {
  std::string result;
  for (const char c : text) {
    if (dropped.find(c) != std::string_view::npos) continue;
    if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
    result += c;
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

std::string field_as_read(std::string_view name, std::string_view body) {
  if (ascii::equals_ignoring_case(name, "Date")) return mail::bare_value(body);
  const std::string text = mail::decode_text(body);
  return is_address_field(name) ? ascii::lower(squeezed(text, "\"<>")) : squeezed(text);
}

}  // namespace siegel::crypt
