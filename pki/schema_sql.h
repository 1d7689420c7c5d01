#pragma once

#include <array>

#include "base/database.h"
#include "pki/schema_audit_sql.h"
#include "pki/schema_enrol_sql.h"
#include "pki/schema_openpgp_sql.h"
#include "pki/schema_token_sql.h"

/// The tables of keys and trust; docs/FORMATS.md explains the columns. Every row names its tenant,
/// so that a second municipality needs no second schema; today there is only 'default'.
/// Moments are seconds since 1970, yes and no are 1 and 0, octets are PEM, base64 or hexadecimal.
namespace siegel::pki {

inline constexpr std::string_view first_schema = R"sql(
CREATE TABLE change (
  tenant     TEXT NOT NULL,
  topic      TEXT NOT NULL,
  generation BIGINT NOT NULL,
  PRIMARY KEY (tenant, topic)
);
INSERT INTO change (tenant, topic, generation) VALUES ('default', 'trust', 1);
INSERT INTO change (tenant, topic, generation) VALUES ('default', 'mailbox', 1);
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO counter (name, last) VALUES ('peer', 0);
INSERT INTO counter (name, last) VALUES ('trust_event', 0);
CREATE TABLE mailbox (
  tenant       TEXT NOT NULL,
  address      TEXT NOT NULL,
  display_name TEXT NOT NULL,
  created      BIGINT NOT NULL,
  PRIMARY KEY (tenant, address)
);
CREATE TABLE private_key (
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  added  BIGINT NOT NULL,
  PRIMARY KEY (tenant, key_id)
);
CREATE TABLE certificate (
  tenant      TEXT NOT NULL,
  mailbox     TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  key_id      TEXT NOT NULL,
  purpose     TEXT NOT NULL,
  pem         TEXT NOT NULL,
  added       BIGINT NOT NULL,
  retired     BIGINT NOT NULL,
  PRIMARY KEY (tenant, mailbox, fingerprint),
  FOREIGN KEY (tenant, mailbox) REFERENCES mailbox (tenant, address)
);
CREATE TABLE anchor (
  tenant      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  pem         TEXT NOT NULL,
  revocation  TEXT NOT NULL,
  label       TEXT NOT NULL,
  added       BIGINT NOT NULL,
  PRIMARY KEY (tenant, fingerprint)
);
CREATE TABLE intermediate (
  tenant      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  pem         TEXT NOT NULL,
  added       BIGINT NOT NULL,
  PRIMARY KEY (tenant, fingerprint)
);
CREATE TABLE pending_root (
  tenant      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  pem         TEXT NOT NULL,
  seen_from   TEXT NOT NULL,
  first_seen  BIGINT NOT NULL,
  last_seen   BIGINT NOT NULL,
  sightings   BIGINT NOT NULL,
  PRIMARY KEY (tenant, fingerprint)
);
CREATE TABLE peer (
  id           BIGINT PRIMARY KEY,
  tenant       TEXT NOT NULL,
  address      TEXT NOT NULL,
  folded       TEXT NOT NULL,
  domain       TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  pem          TEXT NOT NULL,
  chain        TEXT NOT NULL,
  provenance   TEXT NOT NULL,
  pending      INTEGER NOT NULL,
  aes_gcm      INTEGER NOT NULL,
  rsa_oaep     INTEGER NOT NULL,
  why          TEXT NOT NULL,
  message_id   TEXT NOT NULL,
  first_seen   BIGINT NOT NULL,
  last_seen    BIGINT NOT NULL,
  signing_time BIGINT NOT NULL,
  usable_since BIGINT NOT NULL,
  not_after    BIGINT NOT NULL,
  expiry_noted INTEGER NOT NULL,
  UNIQUE (tenant, address, fingerprint)
);
CREATE INDEX peer_by_address ON peer (tenant, folded);
CREATE INDEX peer_by_domain ON peer (tenant, domain, first_seen);
CREATE TABLE crl (
  tenant      TEXT NOT NULL,
  scope       TEXT NOT NULL,
  issuer      TEXT NOT NULL,
  number      TEXT NOT NULL,
  this_update BIGINT NOT NULL,
  digest      TEXT NOT NULL,
  der         TEXT NOT NULL,
  source      TEXT NOT NULL,
  taken       BIGINT NOT NULL,
  PRIMARY KEY (tenant, scope)
);
CREATE TABLE list_source (
  tenant  TEXT NOT NULL,
  source  TEXT NOT NULL,
  tried   BIGINT NOT NULL,
  fetched BIGINT NOT NULL,
  trouble TEXT NOT NULL,
  PRIMARY KEY (tenant, source)
);
CREATE TABLE ocsp_answer (
  tenant      TEXT NOT NULL,
  subject     TEXT NOT NULL,
  issuer      TEXT NOT NULL,
  serial      TEXT NOT NULL,
  status      TEXT NOT NULL,
  this_update BIGINT NOT NULL,
  next_update BIGINT NOT NULL,
  revoked_at  BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  not_after   BIGINT NOT NULL,
  source      TEXT NOT NULL,
  taken       BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject)
);
CREATE TABLE status_need (
  tenant      TEXT NOT NULL,
  subject     TEXT NOT NULL,
  certificate TEXT NOT NULL,
  issuer      TEXT NOT NULL,
  noted       BIGINT NOT NULL,
  tried       BIGINT NOT NULL,
  attempts    BIGINT NOT NULL,
  trouble     TEXT NOT NULL,
  PRIMARY KEY (tenant, subject)
);
CREATE TABLE trust_event (
  id      BIGINT PRIMARY KEY,
  tenant  TEXT NOT NULL,
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL,
  digest  TEXT NOT NULL
)
)sql";

inline constexpr std::array<Migration, 6> schema{
    Migration{"keys, trust, peers, revocation lists", first_schema},
    Migration{"enrolment", enrol_schema},
    Migration{"destruction in a token", token_schema},
    Migration{"reminders of enrolment", reminder_schema},
    Migration{"the audit's seal", audit_schema},
    Migration{"OpenPGP keys", openpgp_schema}};

}  // namespace siegel::pki
