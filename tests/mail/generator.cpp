#include "tests/mail/generator.h"

#include <array>
#include <string_view>

#include "gateway/mail/compose.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::tests {

std::size_t MessageGenerator::below(std::size_t limit) {
  // Not uniform_int_distribution: its results differ from library to library.
  return random_() % limit;
}

std::string MessageGenerator::line() {
  static constexpr std::array<std::string_view, 14> lines{"plain text",
                                                          "trailing blank ",
                                                          "trailing tab\t",
                                                          "From the start",
                                                          ".",
                                                          "..",
                                                          "-- ",
                                                          "Gr\xC3\xBC\xC3\x9F"
                                                          "e",
                                                          "latin \xFC",
                                                          "= equals =3D",
                                                          "",
                                                          "From ",
                                                          " leading",
                                                          "--dashes"};
  if (one_in(12)) return std::string(990 + below(20), 'x');
  if (one_in(12)) return std::string(70 + below(12), 'y') + std::string(lines.at(below(14)));
  return std::string(lines.at(below(lines.size())));
}

std::string MessageGenerator::text() {
  std::string result;
  for (auto lines = below(6); lines > 0; --lines) {
    result += line();
    // Bare line ends are rare in practice; SMTP refuses them.
    result += one_in(40) ? "\n" : one_in(60) ? "\r" : "\r\n";
  }
  return one_in(3) ? result + line() : result;
}

std::string MessageGenerator::octets() {
  std::string result;
  for (auto size = below(200); size > 0; --size) result += static_cast<char>(below(256));
  return result;
}

std::string MessageGenerator::content_fields() {
  static constexpr std::array<std::string_view, 5> fields{
      "Content-Disposition: attachment; filename=a.txt\r\n",
      "Content-Disposition: attachment; \r\n filename=\"Gr\xC3\xBC\xC3\x9F"
      "e.txt\"\r\n",
      "Content-Description: Gr\xC3\xBC\xC3\x9F"
      "e aus M\xC3\xBCnchen \r\n",
      "Content-ID: <x@y.example>\r\n", "Content-Language: de\t\r\n"};
  std::string result;
  for (const auto field : fields) {
    if (one_in(6)) result += field;
  }
  return result;
}

std::string MessageGenerator::leaf() {
  const std::string_view type =
      one_in(3) ? "application/octet-stream" : "text/plain; charset=utf-8";
  const std::string head =
      (one_in(6) ? "" : "Content-Type: " + std::string(type) + "\r\n") + content_fields();
  const std::string encoding = "Content-Transfer-Encoding: ";
  switch (below(6)) {
    case 0:
      return head + encoding + "base64\r\n\r\n" + mail::to_base64_lines(octets());
    case 1:
      return head + encoding + "quoted-printable\r\n\r\n" + mail::to_quoted_printable(text());
    case 2:
      return head + encoding + "8bit\r\n\r\n" + text();
    case 3:
      return head + encoding + "binary\r\n\r\n" + octets();
    case 4:
      return head + encoding + "quoted-printable\r\n\r\n" + text();
    default:
      return head + "\r\n" + text();
  }
}

std::string MessageGenerator::multipart(int level) {
  const std::string boundary = "=_boundary-" + std::to_string(++boundaries_) + "-end";
  std::string result = "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n";
  if (one_in(3)) result += "Content-Transfer-Encoding: 8bit\r\n";
  result += "\r\n";
  if (one_in(3)) result += line() + "\r\n";
  for (auto parts = 1 + below(3); parts > 0; --parts)
    result += "--" + boundary + (one_in(8) ? " \t" : "") + "\r\n" + entity(level + 1) + "\r\n";
  if (!one_in(8)) result += "--" + boundary + "--";
  if (one_in(2)) result += "\r\n";
  if (result.ends_with("--\r\n") && one_in(3)) result += text();
  return result;
}

std::string MessageGenerator::forwarded(int level) {
  const std::string subject = one_in(3) ? "Gr\xC3\xBC\xC3\x9F"
                                          "e"
                                        : "Hello";
  return "Content-Type: message/rfc822\r\n\r\nFrom: eve@example.net\r\nSubject: " + subject +
         "\r\n" + entity(level + 1);
}

std::string MessageGenerator::entity(int level) {
  if (level < 4 && one_in(3)) return multipart(level);
  if (level < 4 && one_in(6)) return forwarded(level);
  return leaf();
}

std::string MessageGenerator::next() {
  return "From: Anna <anna@stadt.example>\r\nSubject: Probe\r\nMIME-Version: 1.0\r\n" + entity(0);
}

}  // namespace siegel::tests
