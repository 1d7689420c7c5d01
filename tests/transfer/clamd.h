#pragma once

#include <string>

#include <sys/types.h>

#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A real clamd of its own, in the foreground, that knows two signatures: EICAR's test file and
/// `virus`. It takes streams of at most `stream_limit` octets.
class Clamd {
 public:
  static constexpr std::size_t stream_limit = std::size_t{1} << 20U;
  static constexpr auto virus = "this-octets-are-a-virus-of-the-tests";
  /// Put together here, so that no scanner takes this file for one.
  static std::string eicar();

  Clamd();
  Clamd(const Clamd&) = delete;
  Clamd& operator=(const Clamd&) = delete;
  ~Clamd();

  /// As the configuration has it.
  [[nodiscard]] std::string socket() const { return "unix:" + path(); }

 private:
  [[nodiscard]] std::string path() const { return (folder_ / "clamd.ctl").string(); }
  void write_settings() const;
  void start();

  TemporaryDirectory folder_;
  pid_t process_ = -1;
};

}  // namespace siegel::tests
