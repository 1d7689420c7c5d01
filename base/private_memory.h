#pragma once

namespace siegel {

/// From now on the process leaves no core file and nobody but root may look into its memory:
/// private keys are in it. For the start of a program. Throws Error{world}.
void keep_memory_private();

}  // namespace siegel
