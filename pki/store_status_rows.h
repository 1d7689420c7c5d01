#pragma once

#include <span>

#include "config/config.h"
#include "pki/ocsp.h"
#include "pki/store_sql.h"

/// How OCSP answers and the list of what should be asked for are read and written.
namespace siegel::pki::sql {

[[nodiscard]] OcspAnswers read_answers(Session& session);

/// Notes those of `needs` that can be asked for by the settings and do not stand there yet. The
/// list holds at most 1,000; what was noted longest ago makes room. Opens its own transaction, and
/// none if there is nothing new.
void note_needs(Database& database, const config::RevocationSettings& settings,
                std::span<const StatusNeed> needs, Time at);

}  // namespace siegel::pki::sql
