#pragma once

#include <optional>
#include <string>

#include "base/database.h"
#include "pki/audit.h"
#include "pki/enrol/request.h"

/// The history of requests stands in two tables: enrol_transition, by which they are moved, and the
/// audit, whose chain shows what was altered.
namespace siegel::pki::enrol {

/// How the audit tells of a step. No two steps of a request give the same entry.
[[nodiscard]] Event audit_event(const Transition& step, const Address& mailbox, Purpose purpose);

/// Compares, as they stand at one moment, every step with its entry of the audit, and the state of
/// every request with its last step; says what is the first that differs. Whether the audit itself
/// is as it was written says KeyStore::check_audit.
[[nodiscard]] std::optional<std::string> altered_history(const Database& database);

}  // namespace siegel::pki::enrol
