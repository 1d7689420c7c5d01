#include <algorithm>

#include "base/utf8.h"
#include "pki/openpgp_key_rows.h"
#include "pki/openpgp_self_test.h"
#include "pki/openpgp_store.h"

namespace siegel::pki {
namespace {

using sql::Session;

std::string identity_of(const std::string& fingerprint) {
  return "openpgp_key/default/" + fingerprint;
}

Error no_such_key(const std::string& fingerprint) {
  return {Fault::peer,
          "there is no OpenPGP key " + printable(fingerprint) + "; `siegel key list` shows all"};
}

void demand_mailbox(Session& session, const Address& mailbox) {
  const bool is_there =
      !sql::select(session, "SELECT address FROM mailbox WHERE tenant = 'default' AND address = ?",
                   mailbox.str())
           .empty();
  if (is_there) return;
  throw Error(Fault::peer, mailbox.str() +
                               " is none of our mailboxes; add it first: `siegel "
                               "mailbox add " +
                               mailbox.str() + "`");
}

/// A revocation is for good: an older copy of the key does not undo it.
void demand_unrevoked(Session& session, const std::string& fingerprint) {
  for (const sql::OwnOpenPgpRow& row : sql::openpgp_keys_named(session, fingerprint)) {
    if (row.record.state != OpenPgpState::revoked) continue;
    throw Error(Fault::peer, "the key " + fingerprint +
                                 " is revoked; make another one with `siegel key make " +
                                 row.record.mailbox.str() + "`");
  }
}

/// For a whole domain ("*@stadt.example") a key that names any address of it will do.
bool names_mailbox(const OpenPgpKey& key, const Address& mailbox,
                   const config::SmimeSettings& settings) {
  if (!is_domain_wide(mailbox)) return key.names(mailbox, settings.fold_local_part);
  return std::ranges::any_of(key.user_ids, [&](const OpenPgpUserId& each) {
    return !each.is_revoked && each.address && each.address->domain() == mailbox.domain();
  });
}

/// By which name of the key `address` is served: for a whole domain the first of that domain.
Address name_for(const OpenPgpKey& key, const Address& address) {
  if (!is_domain_wide(address) || key.names(address, true)) return address;
  const auto found = std::ranges::find_if(key.user_ids, [&](const OpenPgpUserId& each) {
    return !each.is_revoked && each.address && each.address->domain() == address.domain();
  });
  return found == key.user_ids.end() ? address : *found->address;
}

OpenPgpState state_of(const OpenPgpKey& key, Time now) {
  if (key.subkeys.front().is_revoked) return OpenPgpState::revoked;
  const bool serves = key.signing(now) != nullptr || key.encrypting(now) != nullptr;
  return serves ? OpenPgpState::in_use : OpenPgpState::retired;
}

StoredOwnOpenPgp stored(const Address& mailbox, OpenPgpKey key, Time now) {
  const OpenPgpSubkey& primary = key.subkeys.front();
  OwnOpenPgpKey record{mailbox,
                       primary.fingerprint,
                       primary.algorithm,
                       state_of(key, now),
                       primary.created,
                       key.expires(),
                       now};
  return {std::move(record), std::move(key)};
}

}  // namespace

std::vector<OwnOpenPgpKey> OpenPgpStore::own_keys() const {
  std::vector<OwnOpenPgpKey> all;
  database_.read([&](Session& session) {
    for (sql::OwnOpenPgpRow& row : sql::openpgp_keys(session)) all.push_back(std::move(row.record));
  });
  return all;
}

/// Its rows, one for each of its mailboxes; at least one. The text of the Error says what is in the
/// way.
std::vector<OwnOpenPgpKey> OpenPgpStore::in_state(
    const std::string& fingerprint, std::initializer_list<OpenPgpState> allowed) const {
  std::vector<OwnOpenPgpKey> records;
  database_.read([&](Session& session) {
    for (sql::OwnOpenPgpRow& row : sql::openpgp_keys_named(session, fingerprint))
      records.push_back(std::move(row.record));
  });
  if (records.empty()) throw no_such_key(fingerprint);
  const OwnOpenPgpKey& first = records.front();
  if (std::ranges::find(allowed, first.state) != allowed.end()) return records;
  throw Error(Fault::peer, "the key " + fingerprint + " is " + std::string(name(first.state)) +
                               " already; make another one with `siegel key make " +
                               first.mailbox.str() + "`");
}

/// What others signed on it, and its other addresses, are nobody's business. A revocation counts
/// whatever else the key holds.
std::optional<OpenPgpKey> OpenPgpStore::cut_down(const OpenPgpKey& key,
                                                 const Address& address) const {
  auto cut = gpg().minimal(key, name_for(key, address));
  if (!cut && key.subkeys.front().is_revoked) return key;
  return cut;
}

OpenPgpKey OpenPgpStore::demand_cut_down(const OpenPgpKey& key, const Address& address) const {
  if (auto cut = cut_down(key, address)) return *std::move(cut);
  throw Error(Fault::peer, "the key " + key.fingerprint() + " has no user id for " + address.str() +
                               " that gpg accepts; add one with `gpg --quick-add-uid`, or ask its "
                               "owner to, and export it again");
}

std::optional<Secret> OpenPgpStore::secret(const std::string& id) const {
  auto tried = trials_.with([&](const auto& trials) -> std::optional<Secret> {
    for (const Gpg::Pair* pair : trials)
      if (pair->key.holds(id)) return Secret(pair->secret.text());
    return std::nullopt;
  });
  if (tried) return tried;
  std::optional<sql::SealedOpenPgp> row;
  database_.read([&](Session& session) { row = sql::sealed_openpgp(session, id); });
  if (!row) return std::nullopt;
  return Secret(seal_.open(row->sealed, identity_of(row->fingerprint)));
}

/// What was destroyed, perhaps by another process, must not go on decrypting here.
void OpenPgpStore::clear_workbench() const {
  std::int64_t now = 0;
  database_.read(
      [&](Session& session) { now = sql::openpgp_generation(session, sql::openpgp_key_topic); });
  std::vector<std::string> gone;
  at_hand_.with([&](AtHand& at_hand) {
    if (at_hand.generation == now) return;
    const auto all = fingerprints();
    for (const std::string& each : at_hand.fingerprints)
      if (std::ranges::find(all, each) == all.end()) gone.push_back(each);
    at_hand = {now, all};
  });
  gpg_.with([&](const auto& gpg) {
    for (const std::string& each : gone)
      if (gpg) gpg->forget(each);
  });
}

std::vector<std::string> OpenPgpStore::fingerprints() const {
  std::vector<std::string> all;
  database_.read([&](Session& session) { all = sql::openpgp_fingerprints(session); });
  return all;
}

Secret OpenPgpStore::secret_of(const std::string& fingerprint) const {
  auto found = secret(fingerprint);
  if (!found) throw no_such_key(fingerprint);
  return *std::move(found);
}

/// The key is not in the database yet: what does not work never was in service.
void OpenPgpStore::test(const Gpg::Pair& pair) const {
  struct OnTrial {
    OnTrial(Guarded<std::vector<const Gpg::Pair*>>& list, const Gpg::Pair& tried)
        : trials(list), pair(tried) {
      trials.with([&](auto& all) { all.push_back(&pair); });
    }
    OnTrial(const OnTrial&) = delete;
    OnTrial& operator=(const OnTrial&) = delete;
    ~OnTrial() {
      trials.with([&](auto& all) { std::erase(all, &pair); });
    }
    Guarded<std::vector<const Gpg::Pair*>>& trials;
    const Gpg::Pair& pair;
  };
  const OnTrial on_trial(trials_, pair);
  const auto trouble = self_test(gpg(), pair.key, clock_.now());
  if (!trouble) return;
  gpg().forget(pair.key.fingerprint());
  throw Error(Fault::peer, "the key " + pair.key.fingerprint() +
                               " fails its self-test and was not kept: " + *trouble +
                               "; make a new one with `siegel key make`");
}

OwnOpenPgpKey OpenPgpStore::keep(const Address& mailbox, const Gpg::Pair& pair,
                                 const Event& event) {
  const Time now = clock_.now();
  const StoredOwnOpenPgp own = stored(mailbox, pair.key, now);
  const std::string& fingerprint = own.record.fingerprint;
  database_.write([&](Session& session) {
    demand_mailbox(session, mailbox);
    demand_unrevoked(session, fingerprint);
    sql::put_openpgp_key(session, own, seal_.seal(pair.secret.octets(), identity_of(fingerprint)));
    sql::changed(session, sql::openpgp_key_topic);
    sql::record(session, now, event);
  });
  return own.record;
}

OwnOpenPgpKey OpenPgpStore::make(const Address& mailbox, const std::string& name, Gpg::Kind kind) {
  database_.read([&](Session& session) { demand_mailbox(session, mailbox); });
  const auto config = settings();
  const auto life = config->openpgp.value_or(config::OpenPgpSettings{}).life;
  const Gpg::Pair pair = gpg().make(mailbox, name, kind, life);
  test(pair);
  return keep(mailbox, pair, {actor_, "openpgp-key-made", mailbox.str(), pair.key.fingerprint()});
}

OwnOpenPgpKey OpenPgpStore::import(const Address& mailbox, std::string_view octets,
                                   const Secret& passphrase) {
  database_.read([&](Session& session) { demand_mailbox(session, mailbox); });
  Gpg::Pair pair = gpg().take(octets, passphrase);
  if (!names_mailbox(pair.key, mailbox, settings()->smime)) {
    throw Error(Fault::peer, "the key " + pair.key.fingerprint() + " does not name " +
                                 mailbox.str() +
                                 "; add the address with `gpg --quick-add-uid`, export it again, "
                                 "and import that");
  }
  pair.key = demand_cut_down(pair.key, mailbox);
  test(pair);
  return keep(mailbox, pair,
              {actor_, "openpgp-key-imported", mailbox.str(), pair.key.fingerprint()});
}

void OpenPgpStore::retire(const std::string& fingerprint) {
  const auto records = in_state(fingerprint, {OpenPgpState::in_use});
  database_.write([&](Session& session) {
    sql::put_openpgp_state(session, fingerprint, OpenPgpState::retired);
    sql::changed(session, sql::openpgp_key_topic);
    for (const OwnOpenPgpKey& each : records) {
      sql::record(session, clock_.now(),
                  {actor_, "openpgp-key-retired", each.mailbox.str(), fingerprint});
    }
  });
}

void OpenPgpStore::revoke(const std::string& fingerprint, const std::string& reason) {
  const auto allowed = {OpenPgpState::in_use, OpenPgpState::retired};
  const auto records = in_state(fingerprint, allowed);
  const OpenPgpKey revoked = gpg().revoke(secret_of(fingerprint), reason);
  std::vector<OpenPgpKey> cut;  // before the transaction: gpg asks the database too
  for (const OwnOpenPgpKey& each : records) cut.push_back(demand_cut_down(revoked, each.mailbox));
  database_.write([&](Session& session) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const OwnOpenPgpKey& each = records[i];
      sql::put_openpgp_octets(session, each.mailbox, cut[i]);
      sql::record(session, clock_.now(),
                  {actor_, "openpgp-key-revoked", each.mailbox.str(),
                   fingerprint + ": " + printable(reason)});
    }
    sql::put_openpgp_state(session, fingerprint, OpenPgpState::revoked);
    sql::changed(session, sql::openpgp_key_topic);
  });
  gpg().forget(fingerprint);
}

OwnOpenPgpKey OpenPgpStore::prolong(const std::string& fingerprint) {
  const auto records = in_state(fingerprint, {OpenPgpState::in_use});
  const auto life = settings()->openpgp.value_or(config::OpenPgpSettings{}).life;
  const Gpg::Pair whole = gpg().prolong(secret_of(fingerprint), life);
  gpg().forget(fingerprint);  // what stands on the workbench ends when the old one did
  test(whole);
  std::optional<OwnOpenPgpKey> kept;
  for (const OwnOpenPgpKey& each : records) {
    const Gpg::Pair pair{demand_cut_down(whole.key, each.mailbox), Secret(whole.secret.text())};
    kept = keep(each.mailbox, pair,
                {actor_, "openpgp-key-prolonged", each.mailbox.str(), fingerprint});
  }
  return *std::move(kept);
}

void OpenPgpStore::destroy(const std::string& fingerprint, const std::string& reason) {
  const auto records =
      in_state(fingerprint, {OpenPgpState::in_use, OpenPgpState::retired, OpenPgpState::revoked});
  database_.write([&](Session& session) {
    sql::remove_openpgp_key(session, fingerprint);
    sql::changed(session, sql::openpgp_key_topic);
    for (const OwnOpenPgpKey& each : records) {
      sql::record(
          session, clock_.now(),
          {actor_, "key-destroyed", each.mailbox.str(), fingerprint + ": " + printable(reason)});
    }
  });
  database_.forget();
  clear_workbench();
}

}  // namespace siegel::pki
