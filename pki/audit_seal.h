#pragma once

#include <optional>
#include <string>

#include "base/database.h"
#include "pki/audit.h"
#include "pki/seal.h"

/// The end of the audit under a key: a chain alone does not show that its last entries were cut
/// off. docs/FORMATS.md tells how it is computed.
namespace siegel::pki {

/// From now on each transaction of `database` that adds to the audit seals the new end, unless the
/// end that it found was not the sealed one: what was cut off or put in by somebody without the
/// key-encryption key stays found for ever. An audit that was never sealed is sealed as it stands,
/// and how long it was then is sealed with it.
/// REQUIRES: the tables are there.
void seal_audit(Database& database, const Seal& seal);

/// Compares an audit whose chain is whole with its seal: notes since when it is sealed, or what is
/// not as it should be.
void check_seal(Database::Session& session, const Seal& seal, AuditCheck& check);

}  // namespace siegel::pki
