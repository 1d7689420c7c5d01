#include "base/log.h"

#include <algorithm>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel {
namespace {

constexpr std::size_t value_limit = 400;

bool needs_quotes(std::string_view value) {
  return value.empty() || std::ranges::any_of(value, [](char c) {
           return c == ' ' || c == '"' || c == '=' || c == '\\';
         });
}

/// `"` and `\` before anything else, so that no value can end its quotes or feign an escape (R-46).
std::string escape_quotes(std::string_view raw) {
  std::string escaped;
  for (const char c : raw.substr(0, value_limit + 1)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void append_value(std::string& line, const std::string& raw) {
  const std::string value = printable(escape_quotes(raw), value_limit);
  line += needs_quotes(value) ? '"' + value + '"' : value;
}

std::shared_ptr<spdlog::logger> logger(spdlog::sink_ptr sink) {
  auto made = std::make_shared<spdlog::logger>("siegel", std::move(sink));
  made->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                                  spdlog::pattern_time_type::utc));
  made->flush_on(spdlog::level::info);
  return made;
}

}  // namespace

Log Log::to_stderr() {
  return Log(logger(std::make_shared<spdlog::sinks::stderr_sink_mt>()));
}

Log Log::to_file(const std::string& path) {
  return Log(logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path)));
}

Log Log::none() {
  return Log(logger(std::make_shared<spdlog::sinks::null_sink_mt>()));
}

std::string log_line(std::string_view event, Log::Fields fields) {
  std::string line = "event=";
  line += event;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

void Log::info(std::string_view event, Fields fields) const {
  sink_->info("{}", log_line(event, fields));
}

void Log::warning(std::string_view event, Fields fields) const {
  sink_->warn("{}", log_line(event, fields));
}

void Log::alarm(std::string_view event, Fields fields) const {
  sink_->critical("{}", log_line(event, fields));
}

}  // namespace siegel
