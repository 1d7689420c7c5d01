#pragma once

#include <vector>

#include "pki/enrol/ledger.h"
#include "pki/store_sql.h"

/// The rows of tables `enrol_request` and `enrol_transition`.
namespace siegel::pki::enrol::rows {

using Session = Database::Session;

[[nodiscard]] std::vector<Request> requests(const sql::Rows& rows);
/// All of them, by mailbox and age.
[[nodiscard]] std::vector<Ledger::Line> lines(Session& session);
[[nodiscard]] std::vector<Transition> transitions(const sql::Rows& rows);

void insert(Session& session, const Request& request);
/// False if the row is not in the state `from` any more.
bool update(Session& session, const Request& request, State from);
/// Stores owner and deputy, for all requests of the mailbox by this CA profile.
void entrust(Session& session, const Request& request);
void insert(Session& session, const Transition& transition);

/// The columns that requests() needs, for a SELECT.
inline constexpr auto request_columns =
    "id, mailbox, purpose, state, display_name, department, owner, deputy, profile, key_type, "
    "created, since, reason, subject, key_id, csr, batch, transact, pem, fingerprint, renews, "
    "attempts, next_try";

}  // namespace siegel::pki::enrol::rows
