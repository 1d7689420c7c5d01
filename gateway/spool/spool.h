#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/blob.h"
#include "base/disk.h"
#include "base/guarded.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"

/// The durable queue. It knows nothing of rules and protocols: it keeps finished mail until
/// somebody says what became of it.
namespace siegel::spool {

/// Where an item is to go and what must not happen to it.
struct Consignment {
  mail::Envelope envelope;  ///< with the recipients of this route only
  config::Side towards = config::Side::world;
  bool confidential =
      false;           ///< had to be encrypted: reports carry the head only, shorter life (R-06)
  bool held = false;   ///< waits for an operator from the beginning
  std::string reason;  ///< why it goes this way; for `siegel queue show`
};

/// One item's state: everything but the octets.
struct Item {
  std::string id;  ///< <envelope id>.<number of the route>
  Consignment consignment;
  Time arrived{};
  std::uint32_t attempts = 0;
  Time next_attempt{};
  bool held = false;
  bool delay_told = false;  ///< the sender has had the delay notice
  std::string last_answer;  ///< of the last attempt, for people
};

/// Directories under the spool's root (docs/FORMATS.md has the grammar of `state`):
///   incoming/<id>/    being built; swept at start, nobody was told 250
///   queue/<id>/       committed: `state` and `message`
///   damaged/<id>/     could not be read: set aside, never deleted, an alarm in the log
/// A message of several routes is one directory incoming/<envelope id>/ with one sub-directory per
/// route; one rename makes all of them durable, so that no recipient is forgotten between two
/// renames. Thread-safe. Several processes may look (the CLI); changes go through `claim`, which
/// takes a lock file.
class Spool {
 public:
  /// Makes the directories if needed and sweeps incoming/. Throws Error{world}.
  Spool(Disk& disk, std::filesystem::path root);

  /// Collects the items of one message; nothing is visible before commit().
  class Batch {
   public:
    void add(const Consignment& consignment, const Octets& message);
    /// Durable from here on: every file fsynced, one rename, directories synced. Nothing is left
    /// behind if it throws.
    void commit();
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    Batch& operator=(Batch&&) = delete;

   private:
    friend class Spool;
    Batch(Spool& spool, std::string id, Time now);
    Spool* spool_;
    std::string id_;
    Time now_;
    std::size_t added_ = 0;
    bool committed_ = false;
  };
  [[nodiscard]] Batch begin(const mail::Envelope& envelope);

  /// Exclusive right to one item until it is destroyed.
  class Claim {
   public:
    [[nodiscard]] const Item& item() const noexcept { return item_; }
    [[nodiscard]] Blob message() const;
    /// Writes the changed state durably (atomic replace).
    void update(const Item& changed);
    /// The item is finished: removed durably. The claim is void afterwards.
    void remove();
    ~Claim();
    Claim(Claim&&) noexcept;
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    Claim& operator=(Claim&&) = delete;

   private:
    friend class Spool;
    Claim(Spool& spool, Item item) : spool_(&spool), item_(std::move(item)) {}
    Spool* spool_;
    Item item_;
  };

  /// The item that has been due longest, not held and not claimed; nothing if none is due.
  [[nodiscard]] std::optional<Claim> claim_due(Time now);
  /// This item, if it exists and nobody else has it.
  [[nodiscard]] std::optional<Claim> claim(const std::string& id);
  /// When the next item is due; nothing if the queue is empty or all held.
  [[nodiscard]] std::optional<Time> next_due() const;
  /// All items, oldest first. What cannot be read is set aside and left out.
  [[nodiscard]] std::vector<Item> list() const;
  /// Ids of damaged items that were set aside since the last call, for the alarm.
  [[nodiscard]] std::vector<std::string> take_damaged();
  /// Free space below the spool.
  [[nodiscard]] std::uint64_t free_octets() const;
};

/// The state file's text form and back; nothing if it is damaged. Limits: 4 MiB, 10,000 recipients.
[[nodiscard]] std::string write_state(const Item& item);
[[nodiscard]] std::optional<Item> read_state(std::string_view text);

}  // namespace siegel::spool
