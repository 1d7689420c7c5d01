#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/database.h"
#include "gateway/transfer/file_id.h"
#include "pki/seal.h"

namespace siegel::transfer {

/// What a mail says.
struct Wording {
  std::string subject;
  std::string text;  ///< lines end with \n
  std::string html;  ///< the same, as a whole HTML document; or empty
};

/// A file of the vault that leaves with a mail.
struct Enclosure {
  FileId file;
  std::string key;  ///< 32 octets
  std::string name, media_type;
  std::uint64_t octets = 0;
};

/// A mail of ours: plain, ordinary, and signed by the relay.
struct Mail {
  Address from;           ///< one of our addresses
  std::string from_name;  ///< or empty
  Address to;
  Wording words;
  /// Whose link to which parcel it carries; both empty if it carries none. It does not leave any
  /// more once that link is recalled.
  std::string parcel{}, recipient{};
  // of an answer, which takes its parcel with it when it has left
  std::optional<Address> reply_to{};
  std::string answers_to{};  ///< a Message-ID with its angle brackets, or empty
  std::vector<Enclosure> enclosures{};
};

/// Mails that the relay has not taken yet. They hold links: sealed by the service's key, and erased
/// as soon as they have left. Thread-safe.
class Outbox {
 public:
  Outbox(Database& database, const pki::Seal& seal, const Clock& clock);

  void put(const Mail& mail);
  /// In the transaction that does what the mail tells.
  void put(Database::Session& session, const Mail& mail);

  struct Waiting {
    std::string id;
    Mail mail;
    Time created{};
  };
  /// The ids of those whose time has come, oldest first, at most `limit`.
  [[nodiscard]] std::vector<std::string> due(std::size_t limit) const;
  /// Nothing if it is gone. Throws Error(Fault::ours) if it does not open.
  [[nodiscard]] std::optional<Waiting> find(const std::string& id) const;
  /// The relay has it, or never will.
  void remove(const std::string& id);
  void postpone(const std::string& id, Time next_try);

 private:
  Database& database_;
  const pki::Seal& seal_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
