#pragma once

#include <cstdint>
#include <string_view>

namespace siegel::portal {

/// The framing of a chunked body (RFC 9112 §7.1), octet by octet: it tells what is framing and what
/// is data, and keeps nothing of either. Strict, because what two programs read differently lets
/// one request be smuggled inside another: CRLF only, sizes of at most 15 hexadecimal digits.
/// Extensions and trailer fields are passed over and bounded.
class Chunks {
 public:
  enum class State {
    framing,  ///< give more octets to take()
    data,     ///< left() octets of data come next
    ended,    ///< the body is complete
    bad,      ///< not by the grammar: the connection is of no more use
  };

  /// Takes the framing at the start of `octets`. Returns how many octets that were; it stops where
  /// data begins and where the body ends. REQUIRES: state() is `framing`.
  std::size_t take(std::string_view octets);
  /// `count` octets of data were taken. REQUIRES: state() is `data`, count ≤ left().
  void data_taken(std::uint64_t count);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

 private:
  enum class Expects {
    first_digit,
    size,
    extension,
    size_lf,
    data_cr,
    data_lf,
    trailer_start,
    trailer,
    trailer_lf,
    end_lf,
  };

  void step(char octet);
  void in_size(char octet);
  void after_size();
  void in_passed_over(char octet, Expects line_feed);
  void require(char octet, char wanted, Expects next);

  State state_ = State::framing;
  Expects expects_ = Expects::first_digit;
  std::uint64_t left_ = 0;
  unsigned digits_ = 0;
  std::uint64_t passed_over_ = 0;  // octets of extensions and trailer fields
};

}  // namespace siegel::portal
