#include "pki/openpgp_store.h"

#include <algorithm>

#include "pki/openpgp_key_rows.h"
#include "pki/openpgp_peer_rows.h"
#include "pki/store_names.h"

namespace siegel::pki {
namespace {

using sql::Session;

/// Addresses whose keys are kept at hand.
constexpr std::size_t most_remembered = 10'000;

OpenPgpPeer as_peer(const StoredOpenPgpPeer& stored) {
  const OpenPgpPeerRecord& record = stored.record;
  return {record.address, stored.key, record.provenance, record.prefers_encryption,
          record.last_seen};
}

/// One of our mailboxes, as somebody to verify: we know its keys ourselves.
OpenPgpPeer as_peer(const StoredOwnOpenPgp& own) {
  return {own.record.mailbox, own.key, Provenance::admin, true, own.record.added};
}

std::string unfitness(const StoredOwnOpenPgp& own, Time at) {
  const std::string subject = "the OpenPGP key of " + own.record.mailbox.str();
  if (own.record.state == OpenPgpState::retired) return subject + " was taken out of service";
  if (own.record.state == OpenPgpState::revoked) return subject + " is revoked";
  const auto& expires = own.key.subkeys.front().expires;
  if (expires && *expires <= at) return subject + " expired on " + rfc3339_date(*expires);
  return subject + " cannot sign";
}

}  // namespace

OpenPgpStore::OpenPgpStore(Database& database, Seal seal,
                           std::shared_ptr<const config::Config> config, const Clock& clock)
    : database_(database),
      seal_(std::move(seal)),
      clock_(clock),
      config_(std::move(config)),
      own_({.topic = sql::openpgp_key_topic}),
      peers_({.topic = sql::openpgp_peer_topic}) {}

OpenPgpStore::~OpenPgpStore() = default;

void OpenPgpStore::use(std::shared_ptr<const config::Config> config) {
  config_.with([&](auto& current) { current.swap(config); });
}

std::shared_ptr<const config::Config> OpenPgpStore::settings() const {
  return config_.with([](const auto& current) { return current; });
}

const Gpg& OpenPgpStore::gpg() const {
  clear_workbench();
  const auto config = settings();
  return gpg_.with([&](auto& gpg) -> const Gpg& {
    if (!gpg) {
      const config::OpenPgpSettings set = config->openpgp.value_or(config::OpenPgpSettings{});
      gpg = std::make_unique<Gpg>(
          Gpg::Settings{set.directory, set.processes, set.plaintext_octets},
          Gpg::SecretSource{[this](const std::string& id) { return secret(id); },
                            [this] { return fingerprints(); }});
    }
    return *gpg;
  });
}

template <typename Entry, typename Read>
typename OpenPgpStore::Shelf<Entry>::Entries OpenPgpStore::remembered(Guarded<Shelf<Entry>>& shelf,
                                                                      const std::string& folded,
                                                                      const Read& read) const {
  using Entries = typename Shelf<Entry>::Entries;
  const std::string topic = shelf.with([](const auto& kept) { return kept.topic; });
  // Asked before the rows are: what is read later is at least as new as this says.
  std::int64_t now = 0;
  database_.read([&](Session& session) { now = sql::openpgp_generation(session, topic); });
  auto known = shelf.with([&](Shelf<Entry>& kept) -> Entries {
    if (kept.generation != now) kept.read.clear();
    kept.generation = now;
    const auto found = kept.read.find(folded);
    return found == kept.read.end() ? nullptr : found->second;
  });
  if (known) return known;
  known = std::make_shared<const std::vector<Entry>>(read());
  shelf.with([&](Shelf<Entry>& kept) {
    if (kept.generation != now) return;
    if (kept.read.size() >= most_remembered) kept.read.clear();
    kept.read[folded] = known;
  });
  return known;
}

std::vector<StoredOwnOpenPgp> OpenPgpStore::own_keys_of(const Address& mailbox) const {
  const std::string id = folded(mailbox);
  const auto all = remembered(own_, id, [&] {
    std::vector<sql::OwnOpenPgpRow> rows;
    database_.read([&](Session& session) { rows = sql::openpgp_keys_of(session, id); });
    std::vector<StoredOwnOpenPgp> read;
    if (rows.empty()) return read;
    const Gpg& reader = gpg();  // what is wrong with gpg is wrong with no row
    for (sql::OwnOpenPgpRow& row : rows) {
      auto key = sql::readable("table openpgp_key, fingerprint " + row.record.fingerprint,
                               [&] { return reading_.read(reader, row.octets); });
      if (key) read.push_back({std::move(row.record), *std::move(key)});
    }
    return read;
  });
  std::vector<StoredOwnOpenPgp> exact, other_case;
  for (const StoredOwnOpenPgp& own : *all)
    (own.record.mailbox == mailbox ? exact : other_case).push_back(own);
  if (exact.empty() && settings()->smime.fold_local_part) exact.swap(other_case);
  return exact;
}

std::optional<OpenPgpKey> OpenPgpStore::signer(const Address& mailbox, Time at) const {
  for (const StoredOwnOpenPgp& own : own_keys_of(mailbox))
    if (own.record.state == OpenPgpState::in_use && own.key.signing(at) != nullptr) return own.key;
  return std::nullopt;
}

std::optional<OpenPgpKey> OpenPgpStore::own_encryption(const Address& mailbox, Time at) const {
  for (const StoredOwnOpenPgp& own : own_keys_of(mailbox)) {
    if (own.record.state == OpenPgpState::in_use && own.key.encrypting(at) != nullptr)
      return own.key;
  }
  return std::nullopt;
}

std::string OpenPgpStore::why_no_signer(const Address& mailbox, Time at) const {
  if (signer(mailbox, at)) return {};
  const auto all = own_keys_of(mailbox);
  if (all.empty()) return "no OpenPGP key is installed for " + mailbox.str();
  const auto serving = std::ranges::find_if(
      all, [](const StoredOwnOpenPgp& own) { return own.record.state == OpenPgpState::in_use; });
  return unfitness(serving == all.end() ? all.front() : *serving, at);
}

/// Not to be called in a session of the database: gpg asks it for keys of ours, in one of its own.
std::vector<StoredOpenPgpPeer> OpenPgpStore::read_peers(
    const std::vector<sql::OpenPgpPeerRow>& rows) const {
  std::vector<StoredOpenPgpPeer> read;
  if (rows.empty()) return read;
  const Gpg& reader = gpg();
  for (const sql::OpenPgpPeerRow& row : rows) {
    auto key = sql::readable("table openpgp_peer, id " + std::to_string(row.record.id),
                             [&] { return reading_.read(reader, row.octets); });
    if (key) read.push_back({row.record, *std::move(key)});
  }
  return read;
}

std::vector<StoredOpenPgpPeer> OpenPgpStore::peers_of(const Address& address) const {
  const auto all = remembered(peers_, folded(address), [&] {
    std::vector<sql::OpenPgpPeerRow> rows;
    database_.read(
        [&](Session& session) { rows = sql::openpgp_peers_of(session, folded(address)); });
    return read_peers(rows);
  });
  std::vector<StoredOpenPgpPeer> found = *all;
  if (!settings()->smime.fold_local_part) {
    std::erase_if(found,
                  [&](const StoredOpenPgpPeer& peer) { return peer.record.address != address; });
  }
  return found;
}

std::vector<OpenPgpPeer> OpenPgpStore::peers(const Address& address, Time at) const {
  std::vector<OpenPgpPeer> usable;
  const auto add = [&](const Address& of) {
    auto stored = peers_of(of);
    put_best_first(stored);
    for (const StoredOpenPgpPeer& peer : stored)
      if (is_usable(peer, at)) usable.push_back(as_peer(peer));
  };
  if (!is_domain_wide(address)) add(address);
  if (const auto domain = domain_wide(address)) add(*domain);
  // that it is nearer counts only within a rank.
  std::ranges::stable_sort(usable, {}, &OpenPgpPeer::provenance);
  return usable;
}

std::vector<OpenPgpPeer> OpenPgpStore::known(const Address& address) const {
  std::vector<OpenPgpPeer> all;
  const auto add = [&](const auto& stored) {
    for (const auto& each : stored) all.push_back(as_peer(each));
  };
  add(own_keys_of(address));
  if (!is_domain_wide(address)) add(peers_of(address));
  if (const auto domain = domain_wide(address)) add(peers_of(*domain));
  return all;
}

}  // namespace siegel::pki
