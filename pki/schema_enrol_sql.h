#pragma once

#include <string_view>

/// The tables of enrolment, in the style of schema_sql.h. `enrol_transition` and
/// `enrol_reminder` are only ever added to.
namespace siegel::pki {

inline constexpr std::string_view enrol_schema = R"sql(
INSERT INTO counter (name, last) VALUES ('enrol_request', 0);
INSERT INTO counter (name, last) VALUES ('enrol_transition', 0);
INSERT INTO counter (name, last) VALUES ('enrol_batch', 0);
CREATE TABLE enrol_request (
  id           BIGINT PRIMARY KEY,
  tenant       TEXT NOT NULL,
  mailbox      TEXT NOT NULL,
  purpose      TEXT NOT NULL,
  state        TEXT NOT NULL,
  display_name TEXT NOT NULL,
  department   TEXT NOT NULL,
  owner        TEXT NOT NULL,
  deputy       TEXT NOT NULL,
  profile      TEXT NOT NULL,
  key_type     TEXT NOT NULL,
  created      BIGINT NOT NULL,
  since        BIGINT NOT NULL,
  reason       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  key_id       TEXT NOT NULL,
  csr          TEXT NOT NULL,
  batch        TEXT NOT NULL,
  transact     TEXT NOT NULL,
  pem          TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  not_after    BIGINT NOT NULL,
  serial       TEXT NOT NULL,
  renews       BIGINT NOT NULL,
  attempts     BIGINT NOT NULL,
  next_try     BIGINT NOT NULL
);
CREATE INDEX enrol_request_by_mailbox ON enrol_request (tenant, LOWER(mailbox));
CREATE INDEX enrol_request_by_state ON enrol_request (tenant, state);
CREATE INDEX enrol_request_by_subject ON enrol_request (tenant, LOWER(subject));
CREATE INDEX enrol_request_by_key ON enrol_request (tenant, key_id);
CREATE INDEX enrol_request_by_serial ON enrol_request (tenant, serial);
CREATE TABLE enrol_transition (
  id         BIGINT PRIMARY KEY,
  tenant     TEXT NOT NULL,
  request    BIGINT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  at         BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  evidence   TEXT NOT NULL
);
CREATE INDEX enrol_transition_by_request ON enrol_transition (tenant, request)
)sql";

inline constexpr std::string_view reminder_schema = R"sql(
CREATE TABLE enrol_reminder (
  tenant TEXT NOT NULL,
  about  TEXT NOT NULL,
  step   TEXT NOT NULL,
  person TEXT NOT NULL,
  at     BIGINT NOT NULL,
  PRIMARY KEY (tenant, about, step, person)
)
)sql";

}  // namespace siegel::pki
