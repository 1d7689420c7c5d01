#pragma once

#include "tools/siegel/command.h"

namespace siegel::tools {

/// Adds `find` to the noun `peer`.
void add_peer_find(CLI::App& peer, Context& context);

}  // namespace siegel::tools
