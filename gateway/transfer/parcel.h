#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "gateway/transfer/file_id.h"
#include "pki/secret.h"

/// The words of the transfer service: parcels, their files, and the links to them.
namespace siegel::transfer {

/// How a parcel came to us.
enum class Origin {
  staff,     ///< one of us made it in the portal or by the CLI
  mail,      ///< the relay took it out of a mail of ours
  received,  ///< the relay took it out of a mail to us
  citizen,   ///< uploaded to one of our mailboxes, or by invitation
  pickup,    ///< one whole message of ours, for recipients who have no key
  answer,    ///< written on the page of such a message; goes on to its sender as a mail
};

enum class ParcelState {
  waiting,   ///< for the virus scan, and for its notices to leave
  ready,     ///< can be fetched
  infected,  ///< locked away for a while, then erased
  recalled,  ///< by its owner; its files are erased
  expired,   ///< its files are erased
};

/// One of our addresses, however it is written: whoever signs in as Anna@ sees what anna@ sent.
[[nodiscard]] bool is_same_owner(const Address& a, const Address& b);

/// Its owner sent it, and wants to know who fetches it; else he is whom it is for.
[[nodiscard]] inline bool is_sent_by_owner(Origin origin) {
  return origin == Origin::staff || origin == Origin::mail || origin == Origin::pickup;
}

[[nodiscard]] std::string_view name(Origin origin);
[[nodiscard]] std::string_view name(ParcelState state);

struct ParcelFile {
  std::uint32_t position = 0;  ///< from 0
  FileId id;
  std::string name;        ///< as the client called it, UTF-8 without control characters; no path
  std::string media_type;  ///< as the client said; never trusted
  std::uint64_t octets = 0;
};

/// What people wrote about a parcel.
struct Note {
  std::string message;    ///< several lines
  std::string sender;     ///< who sends: one of our addresses, or what a citizen calls himself
  std::string reply_to;   ///< a citizen's mail address, or empty
  std::string reference;  ///< a citizen's reference number, or empty
  // of an answer
  std::string subject{};     ///< the mail's
  std::string answers_to{};  ///< the Message-ID of what it answers, or empty
};

struct Parcel {
  std::string id;  ///< 32 hexadecimal digits; no secret
  Origin origin = Origin::staff;
  Address owner;  ///< one of our addresses: it sees the parcel in the portal
  ParcelState state = ParcelState::waiting;
  Note note;
  std::vector<ParcelFile> files;  ///< in order of their positions
  std::uint64_t octets = 0;
  Time created{}, expires{};
};

/// One recipient of a parcel, as its owner sees him.
struct LinkState {
  std::string recipient;  ///< a mail address; empty for a link that whoever has a mail may use
  bool has_password = false;
  std::optional<Time> recalled{}, locked_until{};
};

/// What happened to a parcel, for its owner.
struct ParcelEvent {
  Time at{};
  std::string what;       ///< "sent", "fetched", "recalled", "locked", "extended" …
  std::string recipient;  ///< or empty
  std::optional<std::uint32_t> position{};  ///< of the file
};

}  // namespace siegel::transfer
