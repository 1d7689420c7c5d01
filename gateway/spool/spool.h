#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/disk.h"
#include "base/guarded.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/spool/locks.h"
#include "gateway/spool/mail_file.h"
#include "gateway/spool/schedule.h"

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

/// The owner is the one daemon that takes mail in and carries it on; visitors (the CLI) look and
/// change single items meanwhile.
enum class Role { owner, visitor };

/// Files under the spool's root (docs/FORMATS.md has their grammar and the reasons):
///   incoming/            being written; swept at start, nobody was told 250
///   queue/<envelope id>  one committed message: first states and octets of all its items,
///                        written once; beside it, only where needed,
///   queue/<id>.state     the changed state of one item, and
///   queue/<id>.done      that this item is finished while others of its message are not
///   damaged/             could not be read: set aside, never deleted, an alarm in the log
///   changed/<id>         a visitor changed this item; the owner looks and takes the note away
///   lock                 who owns the spool, who has which item
/// A message of several routes is one file, so that one rename makes all of them durable and no
/// recipient is forgotten between two. Thread-safe.
class Spool {
 public:
  /// What the disk says of an item that was not tried yet: its next attempt is this long after its
  /// arrival. The process that committed it hands it out at once. So the attempt that follows the
  /// first one is registered before the first one dials, without another write.
  static constexpr std::chrono::seconds first_wait{10};

  /// The owner makes the directories if needed and sweeps incoming/. Throws Error{world} if the
  /// disk refuses, Error{ours} if another process owns the spool. A visitor writes nothing here.
  Spool(Disk& disk, const std::filesystem::path& root, Role role = Role::owner);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool() = default;

  /// Collects the items of one message; nothing is written before commit().
  class Batch {
   public:
    /// Throws Error{ours} for what the spool could not read back: no recipient, or too many.
    void add(const Consignment& consignment, const Octets& message);
    /// Durable from here on: the file fsynced, one rename, the directory synced. Nothing is left
    /// behind if it throws.
    void commit();

   private:
    friend class Spool;
    Batch(Spool& spool, std::string id, Time now) : spool_(&spool), id_(std::move(id)), now_(now) {}
    Spool* spool_;
    std::string id_;
    Time now_;
    std::vector<Item> items_;
    std::vector<MailPart> parts_;
  };
  /// For the owner only. The items arrive at envelope.received.
  [[nodiscard]] Batch begin(const mail::Envelope& envelope);

  /// Exclusive right to one item until it is destroyed.
  class Claim {
   public:
    [[nodiscard]] const Item& item() const noexcept { return item_; }
    [[nodiscard]] Blob message() const { return message_; }
    /// Writes the changed state durably (atomic replace). REQUIRES: the id is the same.
    void update(const Item& changed);
    /// Not before `until`, whatever the disk says; forgotten when the process ends.
    void postpone(Time until);
    /// The item is finished: removed durably. The claim is void afterwards.
    void remove();
    ~Claim();
    Claim(Claim&&) noexcept;
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    Claim& operator=(Claim&&) = delete;

   private:
    friend class Spool;
    Claim(Spool& spool, std::string id, Schedule::Entry afterwards)
        : spool_(&spool), id_(std::move(id)), afterwards_(afterwards) {}
    Spool* spool_;
    std::string id_;
    Schedule::Entry afterwards_;  // what the schedule is told when the claim ends
    bool locked_ = false;
    bool gone_ = false;
    Item item_;
    Blob message_;
    std::size_t siblings_ = 0;  // items of the message, this one included
  };

  /// The item that has been due longest, not held and not claimed; nothing if none is due. Throws
  /// Error{world} if that item cannot be read; it is then due again a minute later.
  [[nodiscard]] std::optional<Claim> claim_due(Time now);
  /// This item, if it exists and nobody else has it.
  [[nodiscard]] std::optional<Claim> claim(const std::string& id);
  /// When the next item is due; nothing if the queue is empty or all held. Reads no disk.
  [[nodiscard]] std::optional<Time> next_due() const;
  /// All items, oldest first. What is damaged is left out (and set aside, by the owner).
  [[nodiscard]] std::vector<Item> list() const;
  /// Ids of damaged messages and items that were found since the last call, for the alarm.
  [[nodiscard]] std::vector<std::string> take_damaged();
  /// Free space below the spool.
  [[nodiscard]] std::uint64_t free_octets() const;
  /// Called after each commit, by the thread that committed; replaces the one before.
  void on_commit(std::function<void()> call);

 private:
  using Path = std::filesystem::path;
  struct Mail {
    std::string id;
    std::vector<MailPart> parts;
  };
  struct Found {
    Item item;
    Blob message;
    std::size_t siblings = 0;
    std::optional<Blob> damaged_state;
  };
  struct LookedAt {
    std::optional<Time> notes, queue;
  };

  [[nodiscard]] Path message_path(std::string_view envelope_id) const;
  [[nodiscard]] Path state_path(const std::string& id) const;
  [[nodiscard]] Path done_path(const std::string& id) const;

  // reading
  [[nodiscard]] std::optional<Mail> read_mail(const std::string& envelope_id) const;
  [[nodiscard]] std::optional<Found> read_item(const Mail& mail, std::size_t number) const;
  [[nodiscard]] std::optional<Found> find(const std::string& id) const;
  [[nodiscard]] bool is_done(const Mail& mail, std::size_t number) const;
  void set_aside(const std::string& envelope_id) const;
  void mend(Found& found);

  // changing
  void commit(const std::string& envelope_id, const std::vector<Item>& items, const Octets& octets);
  void store_message(const std::string& envelope_id, const Octets& octets);
  void store_state(const Item& item);
  void finish(const std::string& id, std::size_t siblings);
  void remove_message(const std::string& envelope_id, std::size_t items);
  void leave_note(const std::string& id);

  // the schedule
  void sweep();
  void remove_remains();
  void refresh(Time now);
  void scan_queue();
  void schedule_message(const std::string& envelope_id);
  void read_notes();
  void reschedule(const std::string& id);
  [[nodiscard]] std::optional<Claim> take(Claim claim) const;

  Disk* disk_;
  Path root_;
  Role role_;
  Locks locks_;
  Guarded<Schedule> schedule_;
  Guarded<LookedAt> looked_at_;
  mutable Guarded<std::vector<std::string>> damaged_;
  Guarded<std::function<void()>> committed_;
};

inline constexpr std::size_t most_state_octets = std::size_t{4} << 20U;
inline constexpr std::size_t most_recipients = 10'000;

/// The state's text form and back; nothing if it is damaged. Limits: 4 MiB, 10,000 recipients.
[[nodiscard]] std::string write_state(const Item& item);
[[nodiscard]] std::optional<Item> read_state(std::string_view text);

}  // namespace siegel::spool
