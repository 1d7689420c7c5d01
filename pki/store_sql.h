#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/sql.h"
#include "base/time.h"
#include "pki/audit.h"
#include "pki/certificate.h"

/// What the store's files say in SQL again and again.
namespace siegel::pki::sql {

using siegel::sql::bind;
using siegel::sql::Rows;
using siegel::sql::run;
using siegel::sql::select;
using siegel::sql::Session;

/// The next number of `counter`; a number is never given twice, not even after its row has gone.
[[nodiscard]] std::int64_t next_number(Session& session, const std::string& counter);

/// Tells every KeyStore on this database that what it keeps of `topic` has changed.
void changed(Session& session, const std::string& topic);
inline constexpr auto trust_topic = "trust";
inline constexpr auto mailbox_topic = "mailbox";
inline constexpr auto openpgp_key_topic = "openpgp-key";
inline constexpr auto openpgp_peer_topic = "openpgp-peer";

/// Adds to the audit; to be called in the transaction that does what it tells.
void record(Session& session, Time at, const Event& event);

/// The PEM under which the database keeps a certificate. Throws Error{peer} if it could not be read
/// back from there: one such row would be in the way of all others.
[[nodiscard]] std::string storable(const Certificate& certificate);

/// Keeps a helper certificate. False if it was there already. Throws as storable().
bool put_intermediate(Session& session, const Certificate& certificate, Time now);

/// The certificate kept in a PEM column. Throws Error{ours} if it is none: someone else wrote
/// there.
[[nodiscard]] Certificate stored_certificate(const std::string& pem);
/// The address kept in a column; throws as above.
[[nodiscard]] Address stored_address(const std::string& text);

void note_damaged(const std::string& row, const Error& problem);

/// What `read` makes of a row that the others can do without; nothing, and a note for
/// take_damaged(), if it throws. `row` names it: "table peer, id 7". Error{world} says nothing
/// about the row, and is thrown on.
template <typename Read>
[[nodiscard]] auto readable(const std::string& row, const Read& read)
    -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& problem) {
    if (problem.fault() == Fault::world) throw;
    note_damaged(row, problem);
    return std::nullopt;
  }
}
/// The rows that this program has passed over since the last call, each once, at most 100.
[[nodiscard]] std::vector<std::string> take_damaged();

}  // namespace siegel::pki::sql
