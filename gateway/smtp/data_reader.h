#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/blob.h"
#include "base/error.h"
#include "gateway/smtp/reply.h"
#include "gateway/smtp/scratch.h"

namespace siegel::smtp {

/// The server's half of the transparency procedure (RFC 5321 §4.5.2), on a stream. Only CRLF.CRLF
/// ends the message; a bare CR or LF, or a NUL, anywhere spoils it. A spoilt message is read
/// to its real end but not kept, so that the reply comes at the right place and not one octet of
/// it is taken for a command. Lines may be of any length: wrapping them would break signatures.
class DataReader {
 public:
  /// At most `limit` octets; `directory` is for what does not fit the heap.
  DataReader(std::uint64_t limit, const std::filesystem::path& directory)
      : limit_(limit), scratch_(directory) {}

  /// Takes octets up to the end of the message and returns how many these were. Never throws: a
  /// disk that refuses is told by take().
  std::size_t feed(std::string_view octets);

  [[nodiscard]] bool finished() const noexcept { return state_ == State::finished; }
  /// So much came beyond the limit that the rest is not worth waiting for.
  [[nodiscard]] bool hopeless() const noexcept;
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Why the message cannot be taken; nothing if it can.
  [[nodiscard]] std::optional<Reply> refusal() const;
  /// The message. Throws Error{world} if it could not be kept. REQUIRES: finished, no refusal.
  [[nodiscard]] Blob take();

 private:
  enum class State { line_start, text, after_cr, after_dot, after_dot_cr, finished };

  std::size_t feed_text(std::string_view octets);
  void feed_octet(char octet);
  void feed_line_octet(char octet);
  void keep(std::string_view octets);

  State state_ = State::line_start;
  std::uint64_t limit_;
  std::uint64_t size_ = 0;
  bool spoilt_ = false;
  std::optional<Error> failed_;
  Scratch scratch_;
};

}  // namespace siegel::smtp
