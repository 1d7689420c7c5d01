#include "gateway/portal/request_head.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "gateway/portal/target.h"

namespace siegel::portal {
namespace {

Problem bad(std::string_view why) {
  return {400, "The request is not valid HTTP: " + std::string(why) + '.', {}};
}

// The line at the start of `rest`, without its CRLF, and takes both away.
std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  return line;
}

std::optional<Problem> read_version(std::string_view text, RequestHead& head) {
  // RFC 9110 §2.5: any 1.x above 1.0 is understood as the highest version that we speak.
  const bool formed = text.size() == 8 && text.starts_with("HTTP/") && ascii::is_digit(text[5]) &&
                      text[6] == '.' && ascii::is_digit(text[7]);
  if (!formed) return bad("the request line does not end with a version");
  if (text[5] != '1') return Problem{505, "Please use HTTP/1.1.", {}};
  head.version = text[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  return std::nullopt;
}

// RFC 9112 §3: method SP request-target SP HTTP-version
std::optional<Problem> read_request_line(std::string_view line, const HeadLimits& limits,
                                         RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("the request line has not three parts");
  head.method = line.substr(0, first);
  if (!is_token(head.method)) return bad("the method is not a word");
  if (auto problem = read_version(line.substr(last + 1), head)) return problem;
  const std::string_view text = line.substr(first + 1, last - first - 1);
  if (text.size() > limits.target) return Problem{414, "The address is too long.", {}};
  auto target = parse_target(text);
  if (!target) return Problem{400, "The address is not valid. Please check the link.", {}};
  head.path = std::move(target->path);
  head.query = std::move(target->query);
  return std::nullopt;
}

// RFC 9112 §5: field-name ":" OWS field-value OWS
std::optional<Problem> read_field(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  // §5.1: a blank before the colon, and §5.2: a folded line, are refused; both are no token.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return bad("a header field has no proper name");
  const std::string_view value = ascii::trim(line.substr(colon + 1));
  if (!is_field_value(value)) return bad("a header field holds control characters");
  head.fields.add(line.substr(0, colon), value);
  return std::nullopt;
}

std::optional<Problem> read_fields(std::string_view rest, const HeadLimits& limits,
                                   RequestHead& head) {
  for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
    if (head.fields.all().size() == limits.fields)
      return Problem{431, "The request has too many header fields.", {}};
    if (auto problem = read_field(line, head)) return problem;
  }
  if (!rest.empty()) return bad("something stands behind the empty line");
  return std::nullopt;
}

std::optional<Problem> check_host(const RequestHead& head) {
  const std::size_t hosts = head.fields.count("Host");
  const bool needed = head.version == Version::http_1_1;
  if (hosts > 1 || (needed && hosts == 0)) return bad("there must be one Host field");  // §3.2
  return std::nullopt;
}

std::optional<Problem> read_content_length(RequestHead& head) {
  const auto text = head.fields.get("Content-Length");
  if (!text) return std::nullopt;
  // 18 digits are an exabyte, and no sum of them overflows.
  const bool digits =
      !text->empty() && text->size() <= 18 && std::ranges::all_of(*text, ascii::is_digit);
  if (!digits || head.fields.count("Content-Length") != 1)
    return bad("Content-Length is not one number");
  std::from_chars(text->data(), text->data() + text->size(), head.framing.length);
  return std::nullopt;
}

std::optional<Problem> read_framing(RequestHead& head) {
  const auto coding = head.fields.get("Transfer-Encoding");
  if (!coding) return read_content_length(head);
  if (head.fields.has("Content-Length") || head.version == Version::http_1_0)  // §6.1
    return bad("Transfer-Encoding stands where it must not");
  if (!ascii::equals_ignoring_case(*coding, "chunked"))
    return Problem{501, "Of transfer codings only chunked is known. Please use it.", {}};
  head.framing = {Framing::Kind::chunked, 0};
  return std::nullopt;
}

}  // namespace

HeadEnd find_head_end(std::string_view octets) {
  for (auto at = octets.find('\n'); at != std::string_view::npos; at = octets.find('\n', at + 1)) {
    if (at == 0 || octets[at - 1] != '\r') return {HeadEnd::Kind::bare_lf, at};
    if (at >= 3 && octets.substr(at - 3, 2) == "\r\n") return {HeadEnd::Kind::found, at + 1};
  }
  return {HeadEnd::Kind::not_yet, 0};
}

std::variant<RequestHead, Problem> parse_request_head(std::string_view octets,
                                                      const HeadLimits& limits) {
  if (octets.size() > limits.octets)
    return Problem{431, "The head of the request is too large.", {}};
  RequestHead head;
  std::string_view rest = octets;
  if (auto problem = read_request_line(next_line(rest), limits, head)) return *problem;
  if (auto problem = read_fields(rest, limits, head)) return *problem;
  if (auto problem = check_host(head)) return *problem;
  if (auto problem = read_framing(head)) return *problem;
  return head;
}

}  // namespace siegel::portal
