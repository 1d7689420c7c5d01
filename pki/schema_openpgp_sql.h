#pragma once

#include <string_view>

/// OpenPGP keys, ours and those of peers, in the style of schema_sql.h.
namespace siegel::pki {

inline constexpr std::string_view openpgp_schema = R"sql(
INSERT INTO change (tenant, topic, generation) VALUES ('default', 'openpgp-key', 1);
INSERT INTO change (tenant, topic, generation) VALUES ('default', 'openpgp-peer', 1);
CREATE TABLE openpgp_key (
  tenant      TEXT NOT NULL,
  mailbox     TEXT NOT NULL,
  folded      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  algorithm   TEXT NOT NULL,
  octets      TEXT NOT NULL,
  sealed      TEXT NOT NULL,
  state       TEXT NOT NULL,
  created     BIGINT NOT NULL,
  expires     BIGINT NOT NULL,
  added       BIGINT NOT NULL,
  PRIMARY KEY (tenant, mailbox, fingerprint),
  FOREIGN KEY (tenant, mailbox) REFERENCES mailbox (tenant, address)
);
CREATE INDEX openpgp_key_by_address ON openpgp_key (tenant, folded);
CREATE INDEX openpgp_key_by_fingerprint ON openpgp_key (tenant, fingerprint);
CREATE TABLE openpgp_subkey (
  tenant      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  subkey      TEXT NOT NULL,
  key_id      TEXT NOT NULL,
  PRIMARY KEY (tenant, fingerprint, subkey)
);
CREATE INDEX openpgp_subkey_by_id ON openpgp_subkey (tenant, key_id);
CREATE TABLE openpgp_peer (
  id                 BIGINT PRIMARY KEY,
  tenant             TEXT NOT NULL,
  address            TEXT NOT NULL,
  folded             TEXT NOT NULL,
  domain             TEXT NOT NULL,
  fingerprint        TEXT NOT NULL,
  octets             TEXT NOT NULL,
  provenance         TEXT NOT NULL,
  pending            INTEGER NOT NULL,
  revoked            INTEGER NOT NULL,
  prefers_encryption INTEGER NOT NULL,
  why                TEXT NOT NULL,
  message_id         TEXT NOT NULL,
  first_seen         BIGINT NOT NULL,
  last_seen          BIGINT NOT NULL,
  said_at            BIGINT NOT NULL,
  usable_since       BIGINT NOT NULL,
  expires            BIGINT NOT NULL,
  expiry_noted       INTEGER NOT NULL,
  UNIQUE (tenant, address, fingerprint)
);
CREATE INDEX openpgp_peer_by_address ON openpgp_peer (tenant, folded);
CREATE INDEX openpgp_peer_by_domain ON openpgp_peer (tenant, domain, first_seen)
)sql";

}  // namespace siegel::pki
