#include "gateway/smtp/data_reader.h"

#include <algorithm>

#include "gateway/smtp/dot_stuffer.h"

namespace siegel::smtp {

void DataReader::keep(std::string_view octets) {
  size_ += octets.size();
  if (spoilt_ || failed_ || size_ > limit_) return;
  try {
    scratch_.append(octets);
  } catch (const Error& error) {
    failed_ = error;  // told after the end: the dialogue must stay in step
  }
}

// A CR, LF or NUL in the middle of a line, or any octet after which the line goes on.
void DataReader::feed_line_octet(char octet) {
  state_ = State::text;
  if (octet == '\r') {
    state_ = State::after_cr;
  } else if (octet == '\n' || octet == '\0') {
    spoilt_ = true;  // a bare LF begins no line: a dot after it ends nothing
  } else {
    keep({&octet, 1});
  }
}

void DataReader::feed_octet(char octet) {
  switch (state_) {
    case State::line_start:
      if (octet != '.') return feed_line_octet(octet);
      state_ = State::after_dot;  // RFC 5321 §4.5.2: the first dot of a line is not the text's
      return;
    case State::after_dot:
      if (octet != '\r') return feed_line_octet(octet);
      state_ = State::after_dot_cr;
      return;
    case State::after_dot_cr:
    case State::after_cr:
      if (octet != '\n') {
        spoilt_ = true;
        return feed_line_octet(octet);
      }
      if (state_ == State::after_cr) keep("\r\n");
      state_ = state_ == State::after_cr ? State::line_start : State::finished;
      return;
    case State::text:
      return feed_line_octet(octet);
    case State::finished:
      return;
  }
}

std::size_t DataReader::feed_text(std::string_view octets) {
  const std::size_t end = std::min(find_line_octet(octets), octets.size());
  keep(octets.substr(0, end));
  return end;
}

std::size_t DataReader::feed(std::string_view octets) {
  std::size_t taken = 0;
  while (taken < octets.size() && !finished()) {
    if (state_ == State::text) taken += feed_text(octets.substr(taken));
    if (taken < octets.size()) feed_octet(octets[taken++]);
  }
  return taken;
}

bool DataReader::hopeless() const noexcept {
  constexpr std::uint64_t worth_reading = std::uint64_t{1} << 20U;
  return size_ > limit_ && size_ - limit_ > limit_ + worth_reading;
}

std::optional<Reply> DataReader::refusal() const {
  if (size_ > limit_) return replies::too_large(limit_);
  if (spoilt_) return replies::bare_line_end();
  return std::nullopt;
}

Blob DataReader::take() {
  if (failed_) throw *failed_;
  return scratch_.take();
}

}  // namespace siegel::smtp
