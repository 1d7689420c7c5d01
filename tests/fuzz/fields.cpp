// Reading and writing header fields with any octets as value: what is written is one field
// of proper lines that reads back as the same text, and nobody is made the author by accident.

#include "gateway/mail/fields.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/mail/compose.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/message.h"
#include "gateway/mail/scan.h"

namespace {

using namespace siegel::mail;

void demand(bool holds) {
  if (!holds) std::abort();
}

/// The body of a field that we have written.
std::string body_of(const std::string& field) {
  demand(field.find('\0') == std::string::npos);
  std::string_view rest = field;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    demand(line.ends_with("\r\n") && line.size() <= line_limit + 2);
    demand(rest.empty() || rest.front() == ' ');
  }
  std::vector<Defect> defects;
  const auto fields = split_fields(field, defects);
  demand(fields.size() == 1 && defects.empty());
  return std::string(fields.front().body);
}

void check_writing(const std::string& value) {
  demand(decode_text(body_of(make_field("Subject", value))) == clean_text(value));
  static_cast<void>(body_of(make_structured_field("X-Field", value)));
  const auto parameter = make_parameter("name", value);
  std::vector<Defect> defects;
  const auto type = parse_content_type(
      body_of(make_structured_field("Content-Type", "text/plain; " + parameter)), defects);
  demand(type.parameter("name") == clean_text(value) && defects.empty());
}

void check_reading(const std::string& value) {
  static_cast<void>(bare_value(value));
  std::vector<Defect> defects;
  static_cast<void>(parse_content_type(value, defects));
  const auto message = Message::parse(siegel::Blob("From: " + value + "\r\n\r\n"));
  const Author who = author(message.top());
  demand(who.address.has_value() == who.ambiguity.empty());
  // An address that we name stands in the field as it is.
  if (who.address) demand(value.find(who.address->local()) != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > field_limit / 8) return 0;  // longer values make heads that are not read
  const std::string value(reinterpret_cast<const char*>(data), size);
  check_writing(value);
  check_reading(value);
  return 0;
}
