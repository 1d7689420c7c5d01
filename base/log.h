#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace spdlog {
class logger;
}

namespace siegel {

/// One key and its value in a log line. Values are escaped when the line is written.
struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  template <typename Number>
  requires std::is_integral_v<Number> LogField(std::string_view name, Number number)
      : key(name), value(std::to_string(number)) {}
};

/// One line per event: `2026-11-21T23:10:56.123Z info event=accepted id=… from=…`. The message's id
/// goes with it through all stages. No content and no subject belong here. A value with blanks,
/// quotes or anything unprintable is quoted and escaped, and cut after 400 octets. Thread-safe;
/// copies share the destination.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  /// To standard error, where the service manager's journal takes it.
  static Log to_stderr();
  /// Appended to a file; for the demo and for tests.
  static Log to_file(const std::string& path);
  /// Nowhere.
  static Log none();

  void info(std::string_view event, Fields fields) const;
  void warning(std::string_view event, Fields fields) const;
  /// An operator has to look: something is broken that does not mend itself.
  void alarm(std::string_view event, Fields fields) const;

 private:
  explicit Log(std::shared_ptr<spdlog::logger> sink) : sink_(std::move(sink)) {}

  std::shared_ptr<spdlog::logger> sink_;
};

/// `event=… key=value key="va lue"`: the text of one line, without time and level.
[[nodiscard]] std::string log_line(std::string_view event, Log::Fields fields);

}  // namespace siegel
