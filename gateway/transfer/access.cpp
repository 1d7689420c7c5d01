#include "gateway/transfer/access.h"

#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

void put_session(Session& session, const LinkSecret& secret, const Address& address, Time expires) {
  sql::run(session,
           "INSERT INTO portal_session (tenant, lookup, address, expires) VALUES ('default', ?, ?, "
           "?)",
           secret.lookup(Access::session_kind), rows::owner_text(address), to_unix(expires));
}

}  // namespace

Access::Access(Database& database, const pki::Seal& seal, const Clock& clock)
    : database_(database), seal_(seal), clock_(clock) {}

// --- signing in

LinkSecret Access::offer(const Address& address, const LinkSecret& browser) {
  LinkSecret sign_in = LinkSecret::make();
  database_.write([&](Session& session) {
    sql::run(session,
             "INSERT INTO sign_in (tenant, lookup, browser, address, expires) VALUES ('default', "
             "?, ?, ?, ?)",
             sign_in.lookup(sign_in_kind), browser.lookup(browser_kind), rows::owner_text(address),
             to_unix(clock_.now() + sign_in_life));
  });
  return sign_in;
}

std::optional<Address> Access::offered(const LinkSecret& sign_in, const LinkSecret& browser) const {
  std::optional<Address> address;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT address FROM sign_in WHERE tenant = 'default' AND lookup "
                                  "= ? AND browser = ? AND expires > ?",
                                  sign_in.lookup(sign_in_kind), browser.lookup(browser_kind),
                                  to_unix(clock_.now()));
    if (!rows.empty()) address = rows::address(rows.text("address"));
  });
  return address;
}

std::optional<LinkSecret> Access::accept(const LinkSecret& sign_in, const LinkSecret& browser) {
  std::optional<LinkSecret> opened;
  database_.write([&](Session& session) {
    // Asked inside of the transaction: of two who come at once, one gets in.
    const auto rows = sql::select(session,
                                  "SELECT address FROM sign_in WHERE tenant = 'default' AND lookup "
                                  "= ? AND browser = ? AND expires > ?",
                                  sign_in.lookup(sign_in_kind), browser.lookup(browser_kind),
                                  to_unix(clock_.now()));
    if (rows.empty()) return;
    sql::run(session, "DELETE FROM sign_in WHERE tenant = 'default' AND lookup = ?",
             sign_in.lookup(sign_in_kind));
    opened = LinkSecret::make();
    put_session(session, *opened, rows::address(rows.text("address")), clock_.now() + session_life);
  });
  return opened;
}

LinkSecret Access::send_away(const LinkSecret& browser) {
  LinkSecret errand = LinkSecret::make();
  database_.write([&](Session& session) {
    sql::run(session,
             "INSERT INTO sent_away (tenant, lookup, browser, expires) VALUES ('default', ?, ?, ?)",
             errand.lookup(errand_kind), browser.lookup(browser_kind),
             to_unix(clock_.now() + sign_in_life));
  });
  return errand;
}

bool Access::welcome_back(const LinkSecret& errand, const LinkSecret& browser) {
  bool is_expected = false;
  database_.write([&](Session& session) {
    const std::string lookup = errand.lookup(errand_kind);
    const auto rows = sql::select(session,
                                  "SELECT lookup FROM sent_away WHERE tenant = 'default' AND "
                                  "lookup = ? AND browser = ? AND expires > ?",
                                  lookup, browser.lookup(browser_kind), to_unix(clock_.now()));
    is_expected = !rows.empty();
    if (is_expected)
      sql::run(session, "DELETE FROM sent_away WHERE tenant = 'default' AND lookup = ?", lookup);
  });
  return is_expected;
}

LinkSecret Access::open(const Address& address) {
  LinkSecret opened = LinkSecret::make();
  database_.write([&](Session& session) {
    put_session(session, opened, address, clock_.now() + session_life);
  });
  return opened;
}

std::optional<Address> Access::who(const LinkSecret& session_secret) const {
  std::optional<Address> address;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT address FROM portal_session WHERE tenant = 'default' AND "
                                  "lookup = ? AND expires > ?",
                                  session_secret.lookup(session_kind), to_unix(clock_.now()));
    if (!rows.empty()) address = rows::address(rows.text("address"));
  });
  return address;
}

void Access::close(const LinkSecret& session_secret) {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM portal_session WHERE tenant = 'default' AND lookup = ?",
             session_secret.lookup(session_kind));
  });
}

// --- invitations

LinkSecret Access::invite(const Invitation& invitation) {
  LinkSecret secret = LinkSecret::make();
  const std::string lookup = secret.lookup(invitation_kind);
  database_.write([&](Session& session) {
    sql::run(session,
             "INSERT INTO invitation (tenant, lookup, owner, sealed_note, expires, used) VALUES "
             "('default', ?, ?, ?, ?, 0)",
             lookup, rows::owner_text(invitation.owner),
             seal_.seal(invitation.message, identity::invitation(lookup)),
             to_unix(invitation.expires));
  });
  return secret;
}

std::optional<Access::Invitation> Access::find(const LinkSecret& invitation) const {
  const std::string lookup = invitation.lookup(invitation_kind);
  std::optional<Invitation> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT * FROM invitation WHERE tenant = 'default' AND lookup = "
                                  "? AND used = 0 AND expires > ?",
                                  lookup, to_unix(clock_.now()));
    if (rows.empty()) return;
    found = Invitation{rows::address(rows.text("owner")),
                       seal_.open(rows.text("sealed_note"), identity::invitation(lookup)),
                       rows.moment("expires")};
  });
  return found;
}

bool Access::use(const LinkSecret& invitation) {
  bool is_first = false;
  database_.write([&](Session& session) {
    const std::string lookup = invitation.lookup(invitation_kind);
    const auto rows = sql::select(session,
                                  "SELECT lookup FROM invitation WHERE tenant = 'default' AND "
                                  "lookup = ? AND used = 0 AND expires > ?",
                                  lookup, to_unix(clock_.now()));
    is_first = !rows.empty();
    if (is_first)
      sql::run(session, "UPDATE invitation SET used = ? WHERE tenant = 'default' AND lookup = ?",
               to_unix(clock_.now()), lookup);
  });
  return is_first;
}

void Access::sweep() {
  database_.write([&](Session& session) {
    for (const char* const table : {"sign_in", "sent_away", "portal_session", "invitation"})
      sql::run(session,
               "DELETE FROM " + std::string(table) + " WHERE tenant = 'default' AND expires <= ?",
               to_unix(clock_.now()));
  });
}

}  // namespace siegel::transfer
