#include "pki/peers.h"
#include "pki/store_peer_rows.h"
#include "pki/store_snapshot.h"

namespace siegel::pki {
namespace {

using sql::Session;

Error no_such_peer(std::int64_t id) {
  return {Fault::peer,
          "there is no peer key " + std::to_string(id) + "; `siegel peer list` shows the numbers"};
}

/// What an admin would otherwise add in vain: it would never be chosen.
void check_useful(const Certificate& certificate, const Trust::Material& material, Time now) {
  if (!certificate.may_encrypt(material.settings.any_extended_key_usage)) {
    throw Error(Fault::peer,
                "this certificate is not for encrypting mail; ask for the encryption certificate");
  }
  if (certificate.not_after() < now) {
    throw Error(Fault::peer, "this certificate expired on " + rfc3339(certificate.not_after()) +
                                 "; ask for the new one");
  }
  const Judged key = judge_key(certificate.public_key());
  if (key.strength == Strength::refused || key.strength == Strength::unsupported) {
    throw Error(Fault::peer, "the key of this certificate (" + key.name +
                                 ") is not allowed; ask for a certificate with a stronger one");
  }
}

StoredPeer admin_peer(const Address& address, const Certificate& certificate, Time now) {
  PeerKey key{address, certificate, {}, Provenance::admin};
  return {PeerRecord{0, std::move(key), false, "added by an administrator", {}, now, now, now},
          {},
          now};
}

const StoredPeer* find(const std::vector<StoredPeer>& known, const Address& address,
                       const Certificate& certificate) {
  for (const StoredPeer& peer : known) {
    if (peer.record.key.address == address && peer.record.key.certificate == certificate) {
      return &peer;
    }
  }
  return nullptr;
}

}  // namespace

void KeyStore::add_peer(const Address& address, const Certificate& certificate) {
  const auto kept = snapshot();
  const Trust::Material& material = kept->parts().trust->material();
  const Time now = clock_.now();
  check_useful(certificate, material, now);
  database_.write([&](Session& session) {
    const auto known = sql::peers_of(session, address, material.settings);
    if (const StoredPeer* same = find(known, address, certificate)) {
      sql::promote_peer(session, same->record.id, Provenance::admin, now);
    } else {
      StoredPeer peer = admin_peer(address, certificate, now);
      peer.record.id = sql::next_number(session, "peer");
      sql::insert_peer(session, peer);
    }
    sql::record(session, now, {actor_, "peer-added", address.str(), certificate.fingerprint()});
  });
}

void KeyStore::approve_peer(std::int64_t id) {
  const Time now = clock_.now();
  database_.write([&](Session& session) {
    const auto peer = sql::peer_of_id(session, id);
    if (!peer) throw no_such_peer(id);
    const PeerKey& key = peer->record.key;
    sql::promote_peer(session, id, key.provenance, now);
    sql::record(session, now,
                {actor_, "peer-approved", key.address.str(), key.certificate.fingerprint()});
  });
}

bool KeyStore::forget_peer(std::int64_t id) {
  bool was_there = false;
  database_.write([&](Session& session) {
    const auto peer = sql::peer_of_id(session, id);
    was_there = peer.has_value();
    if (!was_there) return;
    sql::remove_peer(session, id);
    const PeerKey& key = peer->record.key;
    sql::record(session, clock_.now(),
                {actor_, "peer-forgotten", key.address.str(), key.certificate.fingerprint()});
  });
  return was_there;
}

std::vector<Address> KeyStore::note_expired_peers(Time at) {
  std::vector<Address> expired;
  database_.write([&](Session& session) {
    expired = sql::take_expired(session, at);
    for (const Address& address : expired) {
      sql::record(session, at,
                  {by_gateway, "peer-expired", address.str(),
                   "no usable key is left; mail to this address can no longer be encrypted"});
    }
  });
  return expired;
}

std::vector<PeerRecord> KeyStore::peer_records(const std::optional<Address>& address) const {
  const auto config = settings();
  std::vector<StoredPeer> found;
  database_.read([&](Session& session) {
    found = address ? sql::peers_of(session, *address, config->smime) : sql::all_peers(session);
  });
  std::vector<PeerRecord> records;
  records.reserve(found.size());
  for (StoredPeer& peer : found) records.push_back(std::move(peer.record));
  return records;
}

}  // namespace siegel::pki
