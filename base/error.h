#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace siegel {

/// Whose fault ended a unit of work. It decides what the other side is told:
/// peer → 554, bounce, 400; world → 451, retry, 503; ours → 451, hold and alarm, 500.
enum class Fault {
  peer,   ///< what we were given cannot be processed and never will be
  world,  ///< disk, database or network failed; trying again later may help
  ours,   ///< a bug or a broken set-up; an operator must look
};

/// The end of the current unit of work (one SMTP transaction, spool item, HTTP request, CLI command
/// or housekeeping task). It is the only exception Siegel throws, and it is caught at the unit of
/// work and nowhere else. Facts about a message are values, never an Error.
class Error : public std::exception {
 public:
  /// @param said   may be read by the peer: says what to do next, names no inner mechanism
  /// @param detail goes to the log only
  Error(Fault fault, std::string said, std::string detail = {});

  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  [[nodiscard]] const std::string& said() const noexcept { return said_; }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  /// "said: detail", for logs and for the operator's CLI.
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  Fault fault_;
  std::string said_;
  std::string detail_;
  std::string what_;
};

/// An Error of Fault::world for the system call that has just failed: its text holds errno's.
[[nodiscard]] Error system_error(std::string_view what_failed, int error_number);

}  // namespace siegel
