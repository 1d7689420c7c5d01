// Spool, the reading half: items, what is damaged, and the schedule that is made of both.

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "gateway/spool/names.h"
#include "gateway/spool/spool.h"

namespace siegel::spool {
namespace {

/// Nothing if the file is not there, or goes away meanwhile.
std::optional<Blob> read_if_there(const Disk& disk, const Disk::Path& file) {
  if (!disk.exists(file)) return std::nullopt;
  try {
    return disk.read(file);
  } catch (const Error&) {
    if (disk.exists(file)) throw;
    return std::nullopt;
  }
}

void make_missing(Disk& disk, const Disk::Path& directory) {
  if (disk.exists(directory)) return;
  disk.make_directory(directory);
  disk.sync_directory(directory.parent_path());
}

/// Makes what the owner needs before it can lock, and says how the lock file is to be opened.
Locks::Open prepare(Disk& disk, const Disk::Path& root, Role role) {
  if (role == Role::visitor) return Locks::Open::existing;
  make_missing(disk, root);
  for (const char* const name : {"incoming", "queue", "damaged", "changed"})
    make_missing(disk, root / name);
  return Locks::Open::create;
}

std::optional<Item> read_state_of(const std::string& id, std::string_view text) {
  auto item = read_state(text);
  if (item && item->id != id) return std::nullopt;
  return item;
}

}  // namespace

Spool::Spool(Disk& disk, const Path& root, Role role)
    : disk_(&disk),
      root_(std::filesystem::absolute(root)),
      role_(role),
      locks_(root_ / "lock", prepare(disk, root_, role)) {
  if (role_ == Role::visitor) return;
  if (!locks_.try_own())
    throw Error(Fault::ours, "the spool " + root_.string() +
                                 " belongs to another process: is siegel-relay running already?");
  sweep();
  scan_queue();
  remove_remains();
}

/// Nobody was told 250 for what lies in incoming/, and a new schedule needs no notes.
void Spool::sweep() {
  for (const char* const name : {"incoming", "changed"}) {
    for (const std::string& file : disk_->list(root_ / name)) disk_->remove(root_ / name / file);
  }
}

namespace {

/// True for the state or mark of an item whose message is not among `messages`.
bool is_beside_nothing(std::string_view name, const std::set<std::string>& messages) {
  if (!name.ends_with(".state") && !name.ends_with(".done")) return false;
  const auto id = parse_item_id(name.substr(0, name.rfind('.')));
  return id && !messages.contains(id->envelope_id);
}

}  // namespace

/// What a crash in the middle of remove_message left: marks and states without their message, and
/// messages of which every item is done.
void Spool::remove_remains() {
  std::set<std::string> messages;
  for (const std::string& name : disk_->list(root_ / "queue")) {
    if (is_envelope_id(name)) {  // sorted: a message comes before what stands beside it
      messages.insert(name);
      const bool has_items = schedule_.with([&](Schedule& s) { return s.knows_message(name); });
      const auto mail = has_items ? std::nullopt : read_mail(name);
      if (mail) remove_message(name, mail->parts.size());
    } else if (is_beside_nothing(name, messages)) {
      disk_->remove(root_ / "queue" / name);
    }
  }
}

// --- reading ------------------------------------------------------------------------------------

std::optional<Spool::Mail> Spool::read_mail(const std::string& envelope_id) const {
  const auto file = read_if_there(*disk_, message_path(envelope_id));
  if (!file) return std::nullopt;
  auto parts = read_mail_file(*file);
  if (!parts) {
    set_aside(envelope_id);
    return std::nullopt;
  }
  return Mail{envelope_id, std::move(*parts)};
}

bool Spool::is_done(const Mail& mail, std::size_t number) const {
  return mail.parts.size() > 1 && disk_->exists(done_path(item_id(mail.id, number)));
}

/// The changed state if there is one, else the first. If the changed one is damaged, nobody knows
/// which recipients have the mail: the item is held, with the envelope that it had at first.
std::optional<Spool::Found> Spool::read_item(const Mail& mail, std::size_t number) const {
  if (number > mail.parts.size() || is_done(mail, number)) return std::nullopt;
  const MailPart& part = mail.parts[number - 1];
  const std::string id = item_id(mail.id, number);

  Found found{{}, part.message.join(), mail.parts.size(), std::nullopt};
  const auto changed = read_if_there(*disk_, state_path(id));
  auto item = read_state_of(id, changed ? changed->view() : part.state);
  if (!item && changed) {
    found.damaged_state = changed;
    item = read_state_of(id, part.state);
    if (item) {
      item->held = true;
      item->last_answer =
          "the state of this item was damaged and is shown as it was at first: some recipients may "
          "have the mail already; retry or delete it";
    }
  }
  if (!item) {
    set_aside(mail.id);
    return std::nullopt;
  }
  found.item = std::move(*item);
  return found;
}

std::optional<Spool::Found> Spool::find(const std::string& id) const {
  const auto name = parse_item_id(id);
  const auto mail = name ? read_mail(name->envelope_id) : std::nullopt;
  if (!mail) return std::nullopt;
  return read_item(*mail, name->number);
}

std::vector<Item> Spool::list() const {
  std::vector<Item> items;
  for (const std::string& name : disk_->list(root_ / "queue")) {
    const auto mail = is_envelope_id(name) ? read_mail(name) : std::nullopt;
    if (!mail) continue;
    for (std::size_t number = 1; number <= mail->parts.size(); ++number) {
      if (auto found = read_item(*mail, number)) items.push_back(std::move(found->item));
    }
  }
  std::ranges::stable_sort(items, {}, &Item::arrived);
  return items;
}

// --- what is damaged ----------------------------------------------------------------------------

/// Moves the message and what stands beside it to damaged/. A visitor only looks.
void Spool::set_aside(const std::string& envelope_id) const {
  if (role_ == Role::visitor) return;
  for (const std::string& name : disk_->list(root_ / "queue")) {
    if (name != envelope_id && !name.starts_with(envelope_id + '.')) continue;
    const Path place = root_ / "damaged" / name;
    disk_->rename(root_ / "queue" / name,
                  disk_->exists(place) ? Path(place.string() + '.' + random_hex(4)) : place);
  }
  // The new names first: after a power cut rather two than none.
  disk_->sync_directory(root_ / "damaged");
  disk_->sync_directory(root_ / "queue");
  damaged_.with([&](auto& ids) { ids.push_back(envelope_id); });
}

/// Keeps the damaged state for an operator and writes a readable one that is held.
/// REQUIRES: the item is claimed.
void Spool::mend(Found& found) {
  if (role_ == Role::visitor) return;
  const Path copy = root_ / "damaged" / (found.item.id + ".state." + random_hex(4));
  disk_->write(copy, Octets(*found.damaged_state));
  disk_->sync_directory(root_ / "damaged");
  store_state(found.item);
  damaged_.with([&](auto& ids) { ids.push_back(found.item.id); });
}

std::vector<std::string> Spool::take_damaged() {
  return damaged_.with([](auto& ids) { return std::exchange(ids, {}); });
}

// --- the schedule -------------------------------------------------------------------------------

std::optional<Time> Spool::next_due() const {
  return schedule_.with([](const Schedule& schedule) { return schedule.next_due(); });
}

std::uint64_t Spool::free_octets() const {
  return disk_->free_octets(root_);
}

/// Visitors leave notes, which are read once a second; that, and a look at the names in the queue
/// now and then for what people moved by hand, keeps the schedule right. One thread does it.
void Spool::refresh(Time now) {
  constexpr std::chrono::seconds notes_every{1}, queue_every{10};
  const auto is_due = [now](std::optional<Time>& last, std::chrono::seconds every) {
    if (last && now >= *last && now < *last + every) return false;
    last = now;
    return true;
  };
  const auto [notes, queue] = looked_at_.with([&](LookedAt& last) {
    return std::pair(is_due(last.notes, notes_every), is_due(last.queue, queue_every));
  });
  if (notes) read_notes();
  if (queue) scan_queue();
}

/// Reads only messages that are not known; forgets what is no longer there. What was known is asked
/// first: an item that is committed meanwhile must not be taken for one that went away.
void Spool::scan_queue() {
  const auto known = schedule_.with([](const Schedule& schedule) { return schedule.ids(); });
  const std::vector<std::string> names = disk_->list(root_ / "queue");
  for (const std::string& name : names) {
    if (!is_envelope_id(name)) continue;
    if (!schedule_.with([&](Schedule& schedule) { return schedule.knows_message(name); }))
      schedule_message(name);
  }
  for (const std::string& id : known) {
    const std::string envelope_id = id.substr(0, id.find('.'));
    if (std::ranges::binary_search(names, envelope_id)) continue;
    schedule_.with([&](Schedule& schedule) {
      if (!schedule.is_claimed(id)) schedule.forget(id);
    });
  }
}

void Spool::schedule_message(const std::string& envelope_id) {
  try {
    const auto mail = read_mail(envelope_id);
    for (std::size_t number = 1; mail && number <= mail->parts.size(); ++number) {
      const auto found = read_item(*mail, number);
      if (!found) continue;
      // A damaged state is due at once: only who claims it may mend it.
      Schedule::Entry entry{.due = found->item.next_attempt, .held = found->item.held};
      if (found->damaged_state) entry = {};
      schedule_.with([&](Schedule& schedule) { schedule.put_new(found->item.id, entry); });
    }
  } catch (const Error&) {
    // One file that cannot be read must not stop the others: whoever claims it will be told why.
    schedule_.with([&](Schedule& schedule) { schedule.put_new(item_id(envelope_id, 1), {}); });
  }
}

void Spool::read_notes() {
  for (const std::string& id : disk_->list(root_ / "changed")) {
    disk_->remove(root_ / "changed" / id);  // before the look: the next change leaves a new one
    if (parse_item_id(id)) reschedule(id);
  }
}

void Spool::reschedule(const std::string& id) {
  const auto found = find(id);
  schedule_.with([&](Schedule& schedule) {
    if (schedule.is_claimed(id)) return;
    if (found) {
      schedule.put(id, {.due = found->item.next_attempt, .held = found->item.held});
    } else {
      schedule.forget(id);
    }
  });
}

}  // namespace siegel::spool
