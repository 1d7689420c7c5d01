#pragma once

#include <memory>
#include <vector>

#include "config/discovery.h"
#include "pki/discovery/finder.h"

namespace siegel::pki::discovery {

/// Everywhere where `settings` allow to look; none without the section.
[[nodiscard]] std::vector<std::unique_ptr<Place>> places(const config::DiscoverySettings& settings);
[[nodiscard]] Finder::Terms terms(const config::DiscoverySettings& settings);

}  // namespace siegel::pki::discovery
