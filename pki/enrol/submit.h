#pragma once

#include "pki/enrol/connect.h"

namespace siegel::pki::enrol {

/// One round with the authorities that answer by themselves: sends what is csr-ready, sends again
/// what failed for a time, asks for what is waiting and due. A certificate that comes back is
/// checked at once; one that was not because the process died is checked now. A request that was
/// being sent when the process died is sent again. Whatever goes wrong while an authority is asked
/// is tried again later, more and more seldom. Where the set-up of a profile is broken that is told
/// once, and its requests stay as they are.
Report submit(const Office& office, const Connect& connect, const Filter& filter = {},
              const Progress& progress = {});

/// When the next round is of use: the earliest next_try; nothing if nothing waits.
[[nodiscard]] std::optional<Time> next_round(const Office& office);

}  // namespace siegel::pki::enrol
