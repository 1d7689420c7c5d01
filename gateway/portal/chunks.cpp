#include "gateway/portal/chunks.h"

#include "base/ascii.h"

namespace siegel::portal {
namespace {

constexpr unsigned most_digits = 15;  // so that sums stay far from 64 bits
// All extensions of a body together, else each octet of data could bring a kilobyte that nobody
// counts.
constexpr std::uint64_t most_passed_over = 16384;

int hex_value(char octet) {
  if (ascii::is_digit(octet)) return octet - '0';
  const char low = ascii::lower(octet);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

}  // namespace

std::size_t Chunks::take(std::string_view octets) {
  std::size_t taken = 0;
  while (state_ == State::framing && taken < octets.size()) step(octets[taken++]);
  return taken;
}

void Chunks::data_taken(std::uint64_t count) {
  left_ -= count;
  if (left_ != 0) return;
  state_ = State::framing;
  expects_ = Expects::data_cr;
}

void Chunks::require(char octet, char wanted, Expects next) {
  if (octet != wanted) state_ = State::bad;
  expects_ = next;
}

void Chunks::step(char octet) {
  switch (expects_) {
    case Expects::first_digit:
    case Expects::size:
      return in_size(octet);
    case Expects::extension:
      return in_passed_over(octet, Expects::size_lf);
    case Expects::size_lf:
      require(octet, '\n', Expects::size_lf);
      return after_size();
    case Expects::data_cr:
      return require(octet, '\r', Expects::data_lf);
    case Expects::data_lf:
      return require(octet, '\n', Expects::first_digit);
    case Expects::trailer_start:
      if (octet == '\r') return require(octet, '\r', Expects::end_lf);
      expects_ = Expects::trailer;
      return in_passed_over(octet, Expects::trailer_lf);
    case Expects::trailer:
      return in_passed_over(octet, Expects::trailer_lf);
    case Expects::trailer_lf:
      return require(octet, '\n', Expects::trailer_start);
    case Expects::end_lf:
      state_ = octet == '\n' ? State::ended : State::bad;
      return;
  }
}

void Chunks::in_size(char octet) {
  const int value = hex_value(octet);
  if (value >= 0) {
    if (expects_ == Expects::first_digit) {
      left_ = 0;
      digits_ = 0;
    }
    expects_ = Expects::size;
    left_ = left_ * 16 + static_cast<unsigned>(value);
    if (++digits_ > most_digits) state_ = State::bad;
    return;
  }
  if (expects_ == Expects::first_digit) {
    state_ = State::bad;
    return;
  }
  if (octet == '\r')
    expects_ = Expects::size_lf;
  else if (octet == ';')
    expects_ = Expects::extension;
  else
    state_ = State::bad;
}

void Chunks::after_size() {
  if (state_ == State::bad) return;
  if (left_ == 0)
    expects_ = Expects::trailer_start;
  else
    state_ = State::data;
}

// A chunk extension or a trailer field, up to its CR.
void Chunks::in_passed_over(char octet, Expects line_feed) {
  if (octet == '\r')
    expects_ = line_feed;
  else if ((ascii::is_control(octet) && octet != '\t') || ++passed_over_ > most_passed_over)
    state_ = State::bad;
}

}  // namespace siegel::portal
