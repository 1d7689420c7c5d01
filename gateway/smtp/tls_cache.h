#pragma once

#include <memory>
#include <optional>

#include "base/guarded.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/smtp/tls.h"

namespace siegel::smtp {

/// The server's TLS settings, made once for each configuration: a reload takes new certificate
/// files into use. Thread-safe.
class TlsCache {
 public:
  explicit TlsCache(const Log& log) : log_(log) {}

  /// Nothing if the configuration has no certificate, or one that cannot be used (an alarm in the
  /// log, once for each configuration): mail flows on without STARTTLS.
  [[nodiscard]] std::optional<TlsSettings> settings(
      const std::shared_ptr<const config::Config>& config);

 private:
  struct Made {
    std::shared_ptr<const config::Config> for_config;
    std::optional<TlsSettings> settings;
  };
  [[nodiscard]] std::optional<TlsSettings> make(const config::Config& config) const;

  Log log_;
  Guarded<Made> made_;
};

}  // namespace siegel::smtp
