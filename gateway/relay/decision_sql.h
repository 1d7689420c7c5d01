#pragma once

#include <array>
#include <string_view>

#include "base/database.h"

/// The tables of decisions.db, in a database of its own so that what is told about mail never
/// keeps the key store waiting. See docs/FORMATS.md.
namespace siegel::relay {

inline constexpr std::string_view decision_schema_sql = R"sql(
CREATE TABLE decision (
  id         TEXT PRIMARY KEY,
  message_id TEXT NOT NULL,
  at         BIGINT NOT NULL,
  side       TEXT NOT NULL,
  sender     TEXT NOT NULL,
  verdict    TEXT NOT NULL,
  encrypted  BIGINT NOT NULL,
  decrypted  BIGINT NOT NULL
);
CREATE INDEX decision_message_id ON decision (message_id);
CREATE INDEX decision_at ON decision (at);
CREATE TABLE decision_layer (
  id       TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  scheme   TEXT NOT NULL,
  form     TEXT NOT NULL,
  status   TEXT NOT NULL,
  signer   TEXT NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (id, position)
);
CREATE TABLE decision_route (
  id             TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
  position       BIGINT NOT NULL,
  action         TEXT NOT NULL,
  signed_by      TEXT NOT NULL,
  signing_key    TEXT NOT NULL,
  encrypted_by   TEXT NOT NULL,
  hidden_subject BIGINT NOT NULL,
  reason         TEXT NOT NULL,
  PRIMARY KEY (id, position)
);
CREATE TABLE decision_recipient (
  id        TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
  position  BIGINT NOT NULL,
  route     BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  at        BIGINT NOT NULL,
  peer_key  TEXT NOT NULL,
  clear     TEXT NOT NULL,
  PRIMARY KEY (id, position)
);
CREATE INDEX decision_recipient_of ON decision_recipient (recipient, at)
)sql";

inline constexpr std::array<Migration, 1> decision_schema{
    Migration{"decisions", decision_schema_sql}};

}  // namespace siegel::relay
