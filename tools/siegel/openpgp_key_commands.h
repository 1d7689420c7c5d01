#pragma once

#include "tools/siegel/command.h"

namespace siegel::tools {

/// The verbs of `siegel key` that are for OpenPGP keys alone.
void add_openpgp_key_commands(CLI::App& key, Context& context);

}  // namespace siegel::tools
