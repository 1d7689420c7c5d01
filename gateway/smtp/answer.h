#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/smtp/channel.h"
#include "gateway/smtp/outcome.h"

namespace siegel::smtp {

/// What a remote host answered to one command (RFC 5321 §4.2), or why there was no answer.
struct Answer {
  int code = 0;                    ///< 0: there was none, or it was no SMTP reply
  std::string enhanced;            ///< RFC 3463; made from the code if the host gave none
  std::vector<std::string> lines;  ///< texts, without code and enhanced code

  [[nodiscard]] static Answer none(std::string enhanced, std::string why);
  [[nodiscard]] bool is(int wanted) const noexcept { return code == wanted; }
  [[nodiscard]] bool is_positive() const noexcept { return code >= 200 && code < 300; }
  /// RFC 5321 §3.8: after 421, or without an answer, the connection is of no further use.
  [[nodiscard]] bool ends_connection() const noexcept { return code == 0 || code == 421; }
  /// 5yz is final; everything else that was not hoped for may be better the next time.
  [[nodiscard]] Outcome::Kind kind_of_failure() const noexcept;
  /// "550 5.1.1 no such user", on one line of printable characters, at most 500 octets.
  [[nodiscard]] std::string text() const;
};

/// Reads an answer line by line, strictly: every line three digits, a hyphen or a blank, the same
/// code throughout; at most 128 lines.
class AnswerParser {
 public:
  enum class Step { more, complete, garbage };
  [[nodiscard]] Step feed(std::string_view line);
  [[nodiscard]] const Answer& answer() const noexcept { return answer_; }

 private:
  Answer answer_;
};

/// Reads one answer from `channel`, waiting until `until`. Never throws for what the host does.
[[nodiscard]] Answer read_answer(Channel& channel, Channel::Moment until);

}  // namespace siegel::smtp
