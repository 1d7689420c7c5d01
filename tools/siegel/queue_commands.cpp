#include <iostream>

#include "base/disk.h"
#include "base/error.h"
#include "gateway/spool/spool.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

using spool::Item;
using spool::Spool;

/// The spool of a relay that may be running: looked at and changed as a visitor.
class OpenSpool {
 public:
  explicit OpenSpool(const Context& context)
      : spool_(disk_, context.config()->storage.spool(), spool::Role::visitor) {}
  [[nodiscard]] Spool* operator->() { return &spool_; }

 private:
  PosixDisk disk_;
  Spool spool_;
};

std::string reverse_path(const Item& item) {
  const auto& from = item.consignment.envelope.reverse_path;
  return from ? from->str() : "<>";
}

Json recipients(const Item& item) {
  Json list = Json::array();
  for (const mail::Recipient& each : item.consignment.envelope.recipients)
    list.push_back(each.address.str());
  return list;
}

std::string state(const Item& item) {
  if (item.held) return "held";
  return item.attempts == 0 ? "new" : "waiting";
}

void list(const Context& context) {
  OpenSpool spool(context);
  Table table({"id", "state", "arrived", "attempts", "next_attempt", "from", "to", "last_answer"});
  for (const Item& item : spool->list()) {
    table.add({item.id, state(item), rfc3339(item.arrived), item.attempts,
               item.held ? Json(nullptr) : Json(rfc3339(item.next_attempt)), reverse_path(item),
               recipients(item), item.last_answer});
  }
  table.print(std::cout, context.json);
}

Spool::Claim claim(OpenSpool& spool, const std::string& id) {
  auto claimed = spool->claim(id);
  if (!claimed) {
    throw Error(Fault::peer, "no item " + id +
                                 " is free: it was delivered, is being delivered just now, or "
                                 "never was; `siegel queue list` shows all");
  }
  return std::move(*claimed);
}

void show(const Context& context, const std::string& id) {
  OpenSpool spool(context);
  const auto claimed = claim(spool, id);
  const Item& item = claimed.item();
  const Json json{
      {"id", item.id},
      {"state", state(item)},
      {"from", reverse_path(item)},
      {"to", recipients(item)},
      {"towards", item.consignment.towards == config::Side::inside ? "inside" : "world"},
      {"reason", item.consignment.reason},
      {"confidential", item.consignment.confidential},
      {"octets", claimed.message().size()},
      {"arrived", rfc3339(item.arrived)},
      {"attempts", item.attempts},
      {"next_attempt", rfc3339(item.next_attempt)},
      {"last_answer", item.last_answer}};
  if (context.json) {
    print_json(std::cout, json);
    return;
  }
  Table table({"what", "value"});
  for (const auto& [key, value] : json.items()) table.add({key, value});
  table.print(std::cout, false);
}

void retry(const Context& context, const std::string& id) {
  OpenSpool spool(context);
  auto claimed = claim(spool, id);
  Item item = claimed.item();
  item.held = false;
  item.next_attempt = SystemClock().now();
  claimed.update(item);
  context.say({{"retried", id}},
              "will be tried now, or as soon as its next hop answers again: " + id);
}

void hold(const Context& context, const std::string& id) {
  OpenSpool spool(context);
  auto claimed = claim(spool, id);
  Item item = claimed.item();
  item.held = true;
  claimed.update(item);
  context.say({{"held", id}}, "held until `siegel queue retry`: " + id);
}

void remove(const Context& context, const std::string& id) {
  OpenSpool spool(context);
  claim(spool, id).remove();
  context.say({{"deleted", id}}, "deleted, nobody is told: " + id);
}

using Action = void (*)(const Context&, const std::string&);

void add_verb(CLI::App& queue, Context& context, const std::pair<std::string, std::string>& verb,
              Action action) {
  CLI::App* command = queue.add_subcommand(verb.first, verb.second);
  auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "from `siegel queue list`")->required();
  command->callback([&context, action, id] { action(context, *id); });
}

}  // namespace

void add_queue_commands(CLI::App& app, Context& context) {
  CLI::App* queue = app.add_subcommand("queue", "mail that is on its way");
  queue->require_subcommand(1);
  queue->add_subcommand("list", "all items, oldest first")->callback([&context] { list(context); });
  add_verb(*queue, context, {"show", "one item with its reasons"}, show);
  add_verb(*queue, context, {"retry", "try again now, also if it was held"}, retry);
  add_verb(*queue, context, {"hold", "keep it until retry"}, hold);
  add_verb(*queue, context, {"delete", "throw it away without telling anybody"}, remove);
}

}  // namespace siegel::tools
