#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/time.h"
#include "pki/enrol/state.h"
#include "pki/private_key.h"

namespace siegel::pki::enrol {

/// What an admin wishes for one mailbox: one row of a manifest.
struct Wish {
  Address mailbox;
  std::string display_name;  ///< "Bauamt"
  std::string department;    ///< OU of the subject, where the profile has one; may be empty
  Address owner;             ///< answers for the mailbox; is told of expiry
  std::optional<Address> deputy{};
  std::string profile;  ///< name of a CA profile
  KeyType key_type = KeyType::rsa_3072;
  bool sign = true, encrypt = true;
};

/// One certificate on its way: a (mailbox, purpose) of a wish, with all that became of it.
struct Request {
  std::int64_t id = 0;
  Wish wish;
  Purpose purpose = Purpose::both;
  State state = State::draft;
  Time created{}, since{};     ///< since: when it entered its state
  std::string reason{};        ///< of the last transition, for people
  std::string subject{};       ///< RFC 4514, made by the profile; empty before validated
  std::string key_id{};        ///< SHA-256 of the SubjectPublicKeyInfo; empty before key_ready
  std::string csr{};           ///< PKCS#10 DER; empty before csr_ready
  std::string batch{};         ///< number of the batch that it was exported in
  std::string transaction{};   ///< what its connector must know to go on; opaque octets
  std::string certificate{};   ///< DER; empty before issued
  std::string fingerprint{};   ///< of that certificate
  std::int64_t renews = 0;     ///< the request whose certificate this one replaces, or 0
  std::uint32_t attempts = 0;  ///< of sending, in this round
  Time next_try{};             ///< retry and pending-ra: not before this
};

/// A step from one state to another, append-only.
struct Transition {
  std::int64_t request = 0;
  State from = State::draft, to = State::draft;
  Time at{};
  std::string actor;     ///< the user who gave the command, or "siegel-relay"
  std::string reason;    ///< a sentence
  std::string evidence;  ///< file hash, ticket or transaction number; may be empty
};

}  // namespace siegel::pki::enrol
