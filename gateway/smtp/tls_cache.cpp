#include "gateway/smtp/tls_cache.h"

#include "base/error.h"

namespace siegel::smtp {

std::optional<TlsSettings> TlsCache::settings(const std::shared_ptr<const config::Config>& config) {
  if (!config->relay.tls) return std::nullopt;
  return made_.with([&](Made& made) {
    if (made.for_config != config) made = {config, make(*config)};
    return made.settings;
  });
}

std::optional<TlsSettings> TlsCache::make(const config::Config& config) const {
  try {
    return TlsSettings::server(*config.relay.tls);
  } catch (const Error& error) {
    log_.alarm("tls_not_available", {{"why", error.what()}});
    return std::nullopt;
  }
}

}  // namespace siegel::smtp
