#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "pki/enrol/office.h"
#include "pki/enrol/turn.h"
#include "tools/siegel/command.h"

namespace siegel::tools {

/// The enrolment office of the installation, opened for one command in the user's name.
class OpenOffice {
 public:
  explicit OpenOffice(const Context& context);

  [[nodiscard]] const config::Config& config() const { return *config_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  /// For commands that make keys or ask authorities: waits a minute for the relay or another
  /// command, then throws Error{world}.
  [[nodiscard]] pki::enrol::Turn take_turn() const;
  [[nodiscard]] const pki::enrol::Office& operator*() const { return office_; }
  [[nodiscard]] const pki::enrol::Office* operator->() const { return &office_; }

 private:
  std::shared_ptr<const config::Config> config_;
  SystemClock clock_;
  Database database_;
  pki::KeyStore store_;
  pki::enrol::Ledger ledger_;
  pki::enrol::Office office_;
};

/// Prints what came of a step, and leaves exit_no if something made trouble.
void tell(Context& context, const pki::enrol::Report& report, const Json& facts = Json::object());

}  // namespace siegel::tools
