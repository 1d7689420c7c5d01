#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "gateway/transfer/examination.h"
#include "gateway/transfer/own_uploads.h"
#include "gateway/transfer/password.h"
#include "gateway/transfer/storage.h"
#include "tools/siegel/command.h"
#include "tools/siegel/progress.h"

namespace siegel::tools {
namespace {

using transfer::Parcel;
using transfer::Parcels;
using transfer::Storage;

constexpr std::size_t listed = 10'000;

const config::TransferSettings& settings_of(const config::Config& config) {
  if (config.transfer) return *config.transfer;
  throw WrongUsage(Error(Fault::peer,
                         "the configuration has no section \"transfer\"; write one to use the "
                         "service for large files"));
}

/// Tables and vault of the installation, opened for one command beside the daemon.
class OpenTransfer {
 public:
  explicit OpenTransfer(const Context& context)
      : config_(context.config()), storage_(settings_of(*config_), clock_) {}
  [[nodiscard]] Storage* operator->() { return &storage_; }
  [[nodiscard]] const config::TransferSettings& settings() const { return *config_->transfer; }
  [[nodiscard]] const config::Config& config() const { return *config_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] Time now() const { return clock_.now(); }
  [[nodiscard]] bool is_ours(const Address& address) const { return config_->is_ours(address); }

 private:
  std::shared_ptr<const config::Config> config_;
  SystemClock clock_;
  Storage storage_;
};

Json recipients_of(OpenTransfer& open, const Parcel& parcel) {
  Json list = Json::array();
  for (const auto& link : open->parcels.links(parcel.id)) list.push_back(link.recipient);
  return list;
}

struct Filter {
  std::string owner;
};

void list(const Context& context, const Filter& filter) {
  OpenTransfer open(context);
  const auto parcels = filter.owner.empty()
                           ? open->parcels.all(listed)
                           : open->parcels.of(address_argument(filter.owner), listed);
  Table table({"id", "state", "origin", "owner", "to", "files", "octets", "created", "expires"});
  for (const Parcel& parcel : parcels)
    table.add({parcel.id, name(parcel.state), name(parcel.origin), parcel.owner.str(),
               recipients_of(open, parcel), parcel.files.size(), parcel.octets,
               rfc3339(parcel.created), rfc3339(parcel.expires)});
  table.print(std::cout, context.json);
}

Parcel find(OpenTransfer& open, const std::string& id) {
  auto parcel = open->parcels.find(id);
  if (parcel) return *std::move(parcel);
  throw Error(Fault::peer,
              "no transfer " + printable(id) + "; `siegel transfer list` shows all of them");
}

Json link_json(const transfer::LinkState& link) {
  return {{"recipient", link.recipient},
          {"password", link.has_password},
          {"recalled", link.recalled ? Json(rfc3339(*link.recalled)) : Json(nullptr)},
          {"locked_until", link.locked_until ? Json(rfc3339(*link.locked_until)) : Json(nullptr)}};
}

Json event_json(const transfer::ParcelEvent& event) {
  return {{"at", rfc3339(event.at)},
          {"what", event.what},
          {"recipient", event.recipient},
          {"file", event.position ? Json(*event.position) : Json(nullptr)}};
}

Json parcel_json(OpenTransfer& open, const Parcel& parcel) {
  Json files = Json::array(), links = Json::array(), events = Json::array();
  for (const auto& file : parcel.files)
    files.push_back({{"name", file.name}, {"octets", file.octets}});
  for (const auto& link : open->parcels.links(parcel.id)) links.push_back(link_json(link));
  for (const auto& event : open->parcels.events(parcel.id)) events.push_back(event_json(event));
  return {{"id", parcel.id},
          {"state", name(parcel.state)},
          {"origin", name(parcel.origin)},
          {"owner", parcel.owner.str()},
          {"message", parcel.note.message},
          {"created", rfc3339(parcel.created)},
          {"expires", rfc3339(parcel.expires)},
          {"files", std::move(files)},
          {"links", std::move(links)},
          {"events", std::move(events)}};
}

void print_list(const Json& objects, const std::vector<std::string>& keys) {
  Table table(keys);
  for (const Json& object : objects) {
    std::vector<Json> cells;
    cells.reserve(keys.size());
    for (const std::string& key : keys) cells.push_back(object.at(key));
    table.add(std::move(cells));
  }
  std::cout << '\n';
  table.print(std::cout, false);
}

void show(const Context& context, const std::string& id) {
  OpenTransfer open(context);
  const Json json = parcel_json(open, find(open, id));
  if (context.json) return print_json(std::cout, json);
  Table table({"what", "value"});
  for (const char* const key : {"id", "state", "origin", "owner", "message", "created", "expires"})
    table.add({key, json.at(key)});
  table.print(std::cout, false);
  print_list(json.at("files"), {"name", "octets"});
  print_list(json.at("links"), {"recipient", "password", "recalled", "locked_until"});
  print_list(json.at("events"), {"at", "what", "recipient", "file"});
}

struct Recall {
  std::string id, recipient;
};

void recall(Context& context, const Recall& wish) {
  OpenTransfer open(context);
  static_cast<void>(find(open, wish.id));
  const bool is_done = wish.recipient.empty() ? open->parcels.recall(wish.id)
                                              : open->parcels.recall(wish.id, wish.recipient);
  if (!is_done) {
    context.exit_code = exit_no;
    return context.say({{"recalled", nullptr}},
                       "nothing to recall: it has ended, or has no such recipient; `siegel "
                       "transfer show` tells which");
  }
  context.say({{"recalled", wish.id}, {"recipient", wish.recipient}},
              wish.recipient.empty() ? "recalled, its files are erased: " + wish.id
                                     : "recalled, the link leads nowhere: " + wish.recipient);
}

/// A false alarm, or a file that the scanner cannot take and somebody has looked at.
void release(const Context& context, const std::string& id) {
  OpenTransfer open(context);
  const Parcel parcel = find(open, id);
  const auto waiting = open->parcels.waiting(id);
  if (parcel.state != transfer::ParcelState::infected || !waiting)
    throw Error(Fault::peer,
                "it is not in quarantine (any more); `siegel transfer show` tells its state");
  transfer::Examination(open.config(), open->files, open->parcels, open->outbox, open.clock())
      .settle(parcel, *waiting, {});
  open->parcels.extend(id, open.now() + open.settings().lives.standard);
  context.say({{"released", id}}, "released, its notices leave: " + id);
}

// --- sending

struct Order {
  std::string from, message;
  std::vector<std::string> to;
  std::vector<std::filesystem::path> files;
  std::filesystem::path password_file;
  std::uint32_t days = 0;  ///< 0: as configured
};

std::string why(transfer::Refusal refusal) {
  switch (refusal) {
    case transfer::Refusal::file_too_large:
      return "larger than transfer.limits.file; divide it, or raise the limit";
    case transfer::Refusal::owner_full:
      return "the sender keeps too much already; recall some of its transfers, or raise "
             "transfer.limits.sender";
    case transfer::Refusal::store_full:
      break;
  }
  return "the vault is full; make room, or raise transfer.limits.total";
}

/// Reads `in`, and shows how far it is after each mebibyte.
transfer::OwnUploads::Source shown(std::ifstream& in, const std::string& name, std::uint64_t of) {
  constexpr std::uint64_t told_every = std::uint64_t{1} << 20U;
  return [&in, bar = progress_bar(name), of, done = std::uint64_t{0},
          told = std::uint64_t{0}](std::span<char> room) mutable {
    in.read(room.data(), static_cast<std::streamsize>(room.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    done += got;
    if (bar && (done - told >= told_every || done == of)) bar(told = done, of);
    return got;
  };
}

void put(transfer::OwnUploads& uploads, const Address& owner, const std::filesystem::path& path,
         const config::TransferSettings& settings) {
  const std::string name = printable(path.filename().string());
  std::ifstream in(path, std::ios::binary);
  std::error_code error;
  const std::uint64_t octets = std::filesystem::file_size(path, error);
  if (!in || error)
    throw Error(Fault::peer, name + ": cannot be read; check its name and its rights");
  const auto refusal = uploads.put({owner, name, "application/octet-stream", octets},
                                   shown(in, name, octets), settings);
  if (refusal) throw Error(Fault::peer, name + ": " + why(*refusal));
}

void check(const OpenTransfer& open, const Order& order, const Address& owner) {
  const auto& limits = open.settings().limits;
  const auto refuse = [](const std::string& text) { throw WrongUsage(Error(Fault::peer, text)); };
  if (!open.is_ours(owner))
    refuse("--from " + owner.str() + " is no address of ours; name one in one of \"domains\"");
  if (!is_utf8(order.message)) refuse("--message is not UTF-8; write it in a UTF-8 terminal");
  for (const std::string& to : order.to) static_cast<void>(address_argument(to));
  if (order.to.size() > limits.recipients)
    refuse("more recipients than transfer.limits.recipients");
  if (order.files.size() > limits.files) refuse("more files than transfer.limits.files");
  if (std::chrono::days(order.days) > open.settings().lives.longest)
    refuse("--days is longer than transfer.lives.longest");
}

pki::Secret password_of(const Order& order) {
  pki::Secret password = read_password(order.password_file);
  if (transfer::is_short(password.octets()))
    throw WrongUsage(Error(
        Fault::peer, fmt::format("--password-file: the password has fewer than {} characters; take "
                                 "a longer one",
                                 transfer::least_password)));
  return password;
}

void send(const Context& context, const Order& order) {
  OpenTransfer open(context);
  const Address owner = address_argument(order.from);
  check(open, order, owner);
  pki::Secret password = password_of(order);
  transfer::OwnUploads uploads(open->uploads, open->files);
  for (const auto& file : order.files) put(uploads, owner, file, open.settings());
  const auto posted = open->parcels.post(
      {.origin = transfer::Origin::staff,
       .owner = owner,
       .note = {order.message, owner.str(), {}, {}},
       .uploads = uploads.secrets(),
       .recipients = order.to,
       .life = order.days == 0 ? open.settings().lives.standard : std::chrono::days(order.days),
       .password = std::move(password)},
      open.settings().limits.transfer);
  const auto* const sent = std::get_if<Parcels::Posted>(&posted);
  if (sent == nullptr)
    throw Error(Fault::peer,
                "the files together are larger than transfer.limits.transfer; send them in parts");
  context.say({{"id", sent->waiting.parcel}},
              "handed to siegel-transfer, which scans the files and then sends the links: " +
                  sent->waiting.parcel);
}

void add_send(CLI::App& transfer, Context& context) {
  auto order = std::make_shared<Order>();
  CLI::App* const command =
      transfer.add_subcommand("send", "send files by link, as a clerk would in the portal");
  command->add_option("file", order->files, "files to send")->required();
  command->add_option("--from", order->from, "one of our addresses, in whose name")->required();
  add_repeated(*command, "--to", order->to, "a recipient; each gets a link of his own")->required();
  command->add_option("--message", order->message, "what the recipients read");
  command->add_option("--days", order->days, "how long the links live");
  command->add_option("--password-file", order->password_file,
                      "file whose first line every recipient must know");
  command->callback([&context, order] { send(context, *order); });
}

}  // namespace

void add_transfer_commands(CLI::App& app, Context& context) {
  CLI::App* const transfer = app.add_subcommand("transfer", "large files that go by link");
  transfer->require_subcommand(1);

  auto filter = std::make_shared<Filter>();
  CLI::App* const all = transfer->add_subcommand("list", "all transfers, newest first");
  all->add_option("--owner", filter->owner, "only those of this address");
  all->callback([&context, filter] { list(context, *filter); });

  auto id = std::make_shared<std::string>();
  CLI::App* const one = transfer->add_subcommand("show", "one transfer: files, links, who fetched");
  one->add_option("id", *id, "from `siegel transfer list`")->required();
  one->callback([&context, id] { show(context, *id); });

  auto wish = std::make_shared<Recall>();
  CLI::App* const back = transfer->add_subcommand("recall", "take links away, or all of it");
  back->add_option("id", wish->id, "from `siegel transfer list`")->required();
  back->add_option("--recipient", wish->recipient, "only this one's link");
  back->callback([&context, wish] { recall(context, *wish); });

  auto locked = std::make_shared<std::string>();
  CLI::App* const out = transfer->add_subcommand(
      "release", "let one out of quarantine: the scanner was wrong, or cannot look into it");
  out->add_option("id", *locked, "from `siegel transfer list`")->required();
  out->callback([&context, locked] { release(context, *locked); });

  add_send(*transfer, context);
}

}  // namespace siegel::tools
