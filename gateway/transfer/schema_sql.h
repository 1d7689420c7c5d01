#pragma once

#include <array>
#include <string_view>

#include "base/database.h"

/// The transfer service's own database. No row holds a secret of a link, nor a key that is not
/// sealed by one; names and messages are sealed by the service's key. See docs/FORMATS.md.
namespace siegel::transfer {

inline constexpr std::string_view first_schema = R"sql(
CREATE TABLE upload (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  file_id     TEXT NOT NULL,
  sealed_key  TEXT NOT NULL,
  owner       TEXT NOT NULL,
  stranger    BIGINT NOT NULL,
  sealed_name TEXT NOT NULL,
  sealed_said TEXT NOT NULL,
  media_type  TEXT NOT NULL,
  octets      BIGINT NOT NULL,
  created     BIGINT NOT NULL,
  expires     BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE parcel (
  tenant      TEXT NOT NULL,
  id          TEXT NOT NULL,
  origin      TEXT NOT NULL,
  owner       TEXT NOT NULL,
  state       TEXT NOT NULL,
  sealed_note TEXT NOT NULL,
  octets      BIGINT NOT NULL,
  created     BIGINT NOT NULL,
  expires     BIGINT NOT NULL,
  ended       BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX parcel_owner ON parcel (tenant, owner, created);
CREATE TABLE parcel_file (
  tenant      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  position    BIGINT NOT NULL,
  file_id     TEXT NOT NULL,
  sealed_key  TEXT NOT NULL,
  sealed_name TEXT NOT NULL,
  media_type  TEXT NOT NULL,
  octets      BIGINT NOT NULL,
  PRIMARY KEY (tenant, parcel, position),
  UNIQUE (tenant, file_id)
);
CREATE TABLE link (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  recipient   TEXT NOT NULL,
  sealed_key  TEXT NOT NULL,
  salt        TEXT NOT NULL,
  wrong       BIGINT NOT NULL,
  locked      BIGINT NOT NULL,
  recalled    BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE INDEX link_parcel ON link (tenant, parcel);
CREATE TABLE ticket (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  link        TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  position    BIGINT NOT NULL,
  sealed_key  TEXT NOT NULL,
  expires     BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE parcel_event (
  tenant      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  at          BIGINT NOT NULL,
  what        TEXT NOT NULL,
  recipient   TEXT NOT NULL,
  position    BIGINT NOT NULL
);
CREATE INDEX parcel_event_parcel ON parcel_event (tenant, parcel, at);
CREATE TABLE waiting (
  tenant      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  sealed      TEXT NOT NULL,
  next_try    BIGINT NOT NULL,
  PRIMARY KEY (tenant, parcel)
);
CREATE TABLE outbox (
  tenant      TEXT NOT NULL,
  id          TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  recipient   TEXT NOT NULL,
  sealed      TEXT NOT NULL,
  created     BIGINT NOT NULL,
  next_try    BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE TABLE sign_in (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  browser     TEXT NOT NULL,
  address     TEXT NOT NULL,
  expires     BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE sent_away (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  browser     TEXT NOT NULL,
  expires     BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE portal_session (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  address     TEXT NOT NULL,
  expires     BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE invitation (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  owner       TEXT NOT NULL,
  sealed_note TEXT NOT NULL,
  expires     BIGINT NOT NULL,
  used        BIGINT NOT NULL,
  PRIMARY KEY (tenant, lookup)
);
CREATE TABLE receipt (
  tenant      TEXT NOT NULL,
  lookup      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  PRIMARY KEY (tenant, lookup)
)
)sql";

/// Beside the link to a message: what stands in for a password, and how often it was answered.
inline constexpr std::string_view pickup_schema = R"sql(
CREATE TABLE pickup (
  tenant         TEXT NOT NULL,
  link           TEXT NOT NULL,
  parcel         TEXT NOT NULL,
  sealed_code_to TEXT NOT NULL,
  code           TEXT NOT NULL,
  wrong          BIGINT NOT NULL,
  expires        BIGINT NOT NULL,
  codes          BIGINT NOT NULL,
  codes_since    BIGINT NOT NULL,
  answers        BIGINT NOT NULL,
  PRIMARY KEY (tenant, link)
);
CREATE INDEX pickup_parcel ON pickup (tenant, parcel)
)sql";

/// Parcels whose links are not out yet: the relay's commit of that mail decides.
inline constexpr std::string_view trial_schema = R"sql(
CREATE TABLE on_trial (
  tenant      TEXT NOT NULL,
  parcel      TEXT NOT NULL,
  mail        TEXT NOT NULL,
  PRIMARY KEY (tenant, parcel)
)
)sql";

inline constexpr std::array<Migration, 3> schema{
    Migration{"uploads, parcels, links, sign-in", first_schema},
    Migration{"delivery by pickup", pickup_schema}, Migration{"parcels on trial", trial_schema}};

}  // namespace siegel::transfer
