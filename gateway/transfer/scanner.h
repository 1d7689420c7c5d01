#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace siegel::transfer {

struct Clean {};
struct Infected {
  std::string virus;  ///< as the scanner calls it; printable
};
/// It will never scan this one: too large for its settings.
struct TooLarge {};
/// It cannot say now: not there, busy, its signatures being loaded.
struct ScannerAway {
  std::string why;
};
using ScanResult = std::variant<Clean, Infected, TooLarge, ScannerAway>;

/// Gives octets piece by piece, until it gives none.
using Pieces = std::function<std::string_view()>;

/// clamd, by its command INSTREAM (clamd(8)). Thread-safe.
class Scanner {
 public:
  /// `socket` as in the configuration: "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310".
  explicit Scanner(std::string socket) : socket_(std::move(socket)) {}

  /// Never throws for what clamd does; what `pieces` throws goes on to the caller.
  [[nodiscard]] ScanResult scan(const Pieces& pieces) const;

 private:
  std::string socket_;
};

}  // namespace siegel::transfer
