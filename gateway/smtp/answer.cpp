#include "gateway/smtp/answer.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::smtp {
namespace {

constexpr std::size_t line_limit = 2048;  // RFC 5321 §4.5.3.1.5 says 512; some hosts say more
constexpr std::size_t lines_limit = 128;
constexpr std::size_t text_limit = 500;

// RFC 5321 §4.2: Reply-code = %x32-35 %x30-35 %x30-39
int code_of(std::string_view line) {
  if (line.size() < 3) return 0;
  const bool sound = line[0] >= '2' && line[0] <= '5' && line[1] >= '0' && line[1] <= '5' &&
                     ascii::is_digit(line[2]);
  return sound ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : 0;
}

// RFC 3463 §2: class "." subject "." detail, subject and detail of one to three digits.
std::size_t enhanced_length(std::string_view text, int code) {
  if (text.size() < 5 || text[0] - '0' != code / 100 || text[1] != '.') return 0;
  std::size_t at = 2;
  for (const char end : {'.', ' '}) {
    const std::size_t start = at;
    while (at < text.size() && at - start < 3 && ascii::is_digit(text[at])) ++at;
    if (at == start) return 0;
    if (end == '.' && (at == text.size() || text[at++] != '.')) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

Answer broken(Channel::State state) {
  if (state == Channel::State::timed_out)
    return Answer::none("4.4.2", "timeout while waiting for the remote host");
  return Answer::none("4.4.2", "the remote host closed the connection");
}

}  // namespace

Answer Answer::none(std::string enhanced, std::string why) {
  return {0, std::move(enhanced), {std::move(why)}};
}

Outcome::Kind Answer::kind_of_failure() const noexcept {
  return code >= 500 ? Outcome::Kind::refused : Outcome::Kind::deferred;
}

std::string Answer::text() const {
  std::string all = code == 0 ? std::string{} : std::to_string(code) + ' ' + enhanced + ' ';
  for (const std::string& line : lines) all += line + ' ';
  return printable(ascii::trim(all), text_limit);
}

AnswerParser::Step AnswerParser::feed(std::string_view line) {
  const int code = code_of(line);
  if (code == 0) return Step::garbage;  // also what is shorter than a code
  const bool divided = line.size() == 3 || line[3] == ' ' || line[3] == '-';
  if (!divided || (answer_.code != 0 && answer_.code != code)) return Step::garbage;
  if (answer_.lines.size() == lines_limit) return Step::garbage;
  answer_.code = code;
  const bool last = line.size() == 3 || line[3] == ' ';
  line.remove_prefix(std::min<std::size_t>(4, line.size()));

  const std::size_t length = enhanced_length(line, code);
  if (length > 0) {
    answer_.enhanced = line.substr(0, length);
    line.remove_prefix(std::min(length + 1, line.size()));
  }
  if (answer_.enhanced.empty() && last) answer_.enhanced = std::to_string(code / 100) + ".0.0";
  answer_.lines.emplace_back(line);
  return last ? Step::complete : Step::more;
}

Answer read_answer(Channel& channel, Channel::Moment until) {
  AnswerParser parser;
  while (true) {
    const Channel::Line line = channel.read_line(line_limit, {until});
    if (line.end == Channel::Line::End::none) return broken(line.state);
    const auto step =
        line.end == Channel::Line::End::crlf ? parser.feed(line.text) : AnswerParser::Step::garbage;
    if (step == AnswerParser::Step::complete) return parser.answer();
    // RFC 3463 §3.6: X.5.0, other protocol status
    if (step == AnswerParser::Step::garbage)
      return Answer::none("4.5.0", "not an SMTP reply: " + printable(line.text, 100));
  }
}

}  // namespace siegel::smtp
