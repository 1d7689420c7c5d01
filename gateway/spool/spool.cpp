#include "gateway/spool/spool.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "gateway/spool/names.h"

namespace siegel::spool {
namespace {

/// A file that is being written under incoming/ and moved to its place: removed, wherever it is,
/// unless it is kept.
class Draft {
 public:
  Draft(Disk& disk, Disk::Path file) : disk_(disk), file_(std::move(file)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (kept_) return;
    try {
      disk_.remove(file_);
    } catch (const Error&) {  // the sweep at the next start gets it; the first error is the news
    }
  }

  void write(const Octets& octets) { disk_.write(file_, octets); }
  void move_to(const Disk::Path& place) {
    disk_.rename(file_, place);
    file_ = place;
  }
  void keep() { kept_ = true; }

 private:
  Disk& disk_;
  Disk::Path file_;
  bool kept_ = false;
};

}  // namespace

Spool::Path Spool::message_path(std::string_view envelope_id) const {
  return root_ / "queue" / envelope_id;
}

Spool::Path Spool::state_path(const std::string& id) const {
  return root_ / "queue" / (id + ".state");
}

Spool::Path Spool::done_path(const std::string& id) const {
  return root_ / "queue" / (id + ".done");
}

// --- committing ---------------------------------------------------------------------------------

Spool::Batch Spool::begin(const mail::Envelope& envelope) {
  // The owner sweeps incoming/ when it starts: it could take the draft of somebody else.
  if (role_ != Role::owner)
    throw Error(Fault::ours, "only the relay itself may put mail into its spool");
  if (!is_envelope_id(envelope.id))
    throw Error(Fault::ours, "internal error, please report it", "bad envelope id " + envelope.id);
  return Batch(*this, envelope.id, envelope.received);
}

void Spool::Batch::add(const Consignment& consignment, const Octets& message) {
  Item item;
  item.id = item_id(id_, items_.size() + 1);
  item.consignment = consignment;
  item.arrived = now_;
  item.next_attempt = now_ + first_wait;
  item.held = consignment.held;
  std::string state = write_state(item);
  // What is promised with a 250 must be readable tomorrow: better no promise than a damaged item.
  if (!read_state(state))
    throw Error(Fault::ours, "internal error, please report it", "unreadable state of " + item.id);
  items_.push_back(std::move(item));
  parts_.push_back({std::move(state), message});
}

void Spool::Batch::commit() {
  if (items_.empty())
    throw Error(Fault::ours, "internal error, please report it", "nothing to commit for " + id_);
  spool_->commit(id_, items_, write_mail_file(parts_));
  items_.clear();
  parts_.clear();
}

void Spool::commit(const std::string& envelope_id, const std::vector<Item>& items,
                   const Octets& octets) {
  store_message(envelope_id, octets);
  schedule_.with([&](Schedule& schedule) {
    for (const Item& item : items)
      schedule.put(item.id, {.due = item.arrived, .held = item.held, .fresh = true});
  });
  const auto call = committed_.with([](const auto& function) { return function; });
  if (call) call();
}

void Spool::store_message(const std::string& envelope_id, const Octets& octets) {
  const Path place = message_path(envelope_id);
  // rename() would replace it: a second message of the same id must not cost the first one. Nobody
  // can put one there between the check and the rename, for the draft of that name is ours.
  Draft draft(*disk_, root_ / "incoming" / envelope_id);
  draft.write(octets);
  if (disk_->exists(place))
    throw Error(Fault::ours, "internal error, please report it", "id used twice: " + envelope_id);
  draft.move_to(place);
  disk_->sync_directory(root_ / "queue");
  draft.keep();
}

void Spool::on_commit(std::function<void()> call) {
  committed_.with([&](auto& function) { function.swap(call); });
}

// --- changing one item --------------------------------------------------------------------------

void Spool::store_state(const Item& item) {
  Draft draft(*disk_, root_ / "incoming" / (item.id + '.' + random_hex(4)));
  draft.write(Octets(Blob(write_state(item))));
  draft.move_to(state_path(item.id));
  draft.keep();
  disk_->sync_directory(root_ / "queue");
  leave_note(item.id);
}

/// The message goes with its last item. As long as others of it are not finished, a mark says that
/// this one is; whoever finishes last sees all marks, even if two finish at the same time.
void Spool::finish(const std::string& id, std::size_t siblings) {
  const std::string envelope_id = parse_item_id(id).value().envelope_id;
  if (siblings == 1) {
    remove_message(envelope_id, siblings);
  } else {
    disk_->write(done_path(id), Octets());
    disk_->sync_directory(root_ / "queue");
    bool all_done = true;
    for (std::size_t number = 1; number <= siblings && all_done; ++number)
      all_done = disk_->exists(done_path(item_id(envelope_id, number)));
    if (all_done) remove_message(envelope_id, siblings);
  }
  leave_note(id);
}

/// First the message, durably, then what stood beside it: a mark that vanished before its message
/// would bring a finished item back. What a crash leaves beside is removed at the next start.
void Spool::remove_message(const std::string& envelope_id, std::size_t items) {
  disk_->remove(message_path(envelope_id));
  disk_->sync_directory(root_ / "queue");
  for (std::size_t number = 1; number <= items; ++number) {
    const std::string id = item_id(envelope_id, number);
    disk_->remove(state_path(id));
    if (items > 1) disk_->remove(done_path(id));
  }
}

void Spool::leave_note(const std::string& id) {
  const Path note = root_ / "changed" / id;
  if (role_ == Role::visitor && !disk_->exists(note)) disk_->write(note, Octets());
}

// --- claiming -----------------------------------------------------------------------------------

std::optional<Spool::Claim> Spool::claim_due(Time now) {
  constexpr std::chrono::minutes after_error{1};
  constexpr std::chrono::seconds while_others_have_it{1};
  refresh(now);
  while (const auto due = schedule_.with([&](Schedule& s) { return s.claim_due(now); })) {
    const auto& [id, known] = *due;
    Claim claim(*this, id, {.due = now + after_error});
    if (!locks_.try_lock(id)) {
      claim.postpone(now + while_others_have_it);
      continue;
    }
    claim.locked_ = true;
    auto taken = take(std::move(claim));
    if (!taken) continue;
    // The schedule may be behind: an operator has held or delayed the item.
    const bool is_due = known.fresh || taken->item().next_attempt <= now;
    if (is_due && !taken->item().held) return taken;
  }
  return std::nullopt;
}

std::optional<Spool::Claim> Spool::claim(const std::string& id) {
  const auto name = parse_item_id(id);
  if (!name || !disk_->exists(message_path(name->envelope_id))) return std::nullopt;
  if (!schedule_.with([&](Schedule& schedule) { return schedule.claim(id); })) return std::nullopt;
  Claim claim(*this, id, {});
  if (!locks_.try_lock(id)) return std::nullopt;
  claim.locked_ = true;
  return take(std::move(claim));
}

/// Reads the item of a claim that has its lock. The claim ends here if there is no such item.
std::optional<Spool::Claim> Spool::take(Claim claim) const {
  auto found = find(claim.id_);
  if (!found) {
    claim.gone_ = true;
    return std::nullopt;
  }
  if (found->damaged_state) claim.spool_->mend(*found);
  claim.afterwards_ = {.due = found->item.next_attempt, .held = found->item.held};
  claim.item_ = std::move(found->item);
  claim.message_ = std::move(found->message);
  claim.siblings_ = found->siblings;
  return claim;
}

void Spool::Claim::update(const Item& changed) {
  if (changed.id != id_)
    throw Error(Fault::ours, "internal error, please report it", "state of another item: " + id_);
  spool_->store_state(changed);
  item_ = changed;
  afterwards_ = {.due = item_.next_attempt, .held = item_.held};
}

void Spool::Claim::postpone(Time until) {
  afterwards_.due = until;
}

void Spool::Claim::remove() {
  spool_->finish(id_, siblings_);
  gone_ = true;
}

Spool::Claim::Claim(Claim&& other) noexcept
    : spool_(std::exchange(other.spool_, nullptr)),
      id_(std::move(other.id_)),
      afterwards_(other.afterwards_),
      locked_(other.locked_),
      gone_(other.gone_),
      item_(std::move(other.item_)),
      message_(std::move(other.message_)),
      siblings_(other.siblings_) {}

Spool::Claim::~Claim() {
  if (spool_ == nullptr) return;
  // The lock first: threads of one process share it, and the next one may take the item as soon as
  // the schedule has it back.
  if (locked_) spool_->locks_.unlock(id_);
  spool_->schedule_.with([&](Schedule& schedule) {
    if (gone_) {
      schedule.forget(id_);
    } else {
      schedule.give_back(id_, afterwards_);
    }
  });
}

}  // namespace siegel::spool
