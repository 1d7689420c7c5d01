#include "base/utf8.h"
#include "pki/store.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"

namespace siegel::pki {

using sql::Session;

bool KeyStore::add_mailbox(const Address& address, const std::string& display_name) {
  bool is_new = false;
  database_.write([&](Session& session) {
    is_new =
        sql::select(session, "SELECT address FROM mailbox WHERE tenant = 'default' AND address = ?",
                    address.str())
            .empty();
    if (!is_new) return;
    const Time now = clock_.now();
    sql::run(session,
             "INSERT INTO mailbox (tenant, address, display_name, created) "
             "VALUES ('default', ?, ?, ?)",
             address.str(), printable(display_name), to_unix(now));
    sql::record(session, now, {actor_, "mailbox-added", address.str(), {}});
  });
  return is_new;
}

std::vector<Mailbox> KeyStore::mailboxes() const {
  std::vector<Mailbox> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT address, display_name, created FROM mailbox "
                                  "WHERE tenant = 'default' ORDER BY address");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      found.push_back({sql::stored_address(rows.text("address", i)), rows.text("display_name", i),
                       rows.moment("created", i)});
    }
  });
  return found;
}

std::vector<OwnCertificate> KeyStore::own_certificates() const {
  const auto kept = snapshot();
  const Time now = clock_.now();
  std::vector<OwnCertificate> list;
  for (const OwnEntry& entry : kept->parts().own->all()) {
    list.push_back({entry.mailbox, entry.use, entry.certificate, !entry.sealed.empty(),
                    kept->signs(entry, now), entry.is_retired});
  }
  return list;
}

}  // namespace siegel::pki
