#include "config/checks_transfer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/network.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

using Problems = std::vector<Problem>;

bool is_loopback(const SocketAddress& at) {
  const auto address = IpAddress::parse(at.host);
  static const auto v4 = Prefix::parse("127.0.0.0/8"), v6 = Prefix::parse("::1");
  return address && (v4->contains(*address) || v6->contains(*address));
}

void check_listen(const TransferSettings& transfer, const TreeNode& node, Problems& problems) {
  if (transfer.listen.empty())
    report(problems, place_of(node, "listen"),
           "\"listen\" is empty; name at least one address and port, such as [\"0.0.0.0:443\"]");
  if (transfer.tls) return;
  if (!std::ranges::all_of(transfer.listen, is_loopback))
    report(problems, place_of(node, "listen"),
           "without \"tls\" links and files would cross the network in clear; write \"tls\", or "
           "listen on 127.0.0.1 behind a reverse proxy");
}

void check_proxies(const TransferSettings& transfer, const TreeNode& node, Problems& problems) {
  const auto is_everybody = [](const Network& network) {
    const auto prefix = Prefix::parse(network.text);
    return prefix && prefix->length == 0;
  };
  if (std::ranges::any_of(transfer.proxies, is_everybody))
    report(problems, place_of(node, "proxies"),
           "these proxies are everybody: any client could say where it comes from; name your "
           "reverse proxies only");
}

// --- the colour must be readable: WCAG 2.1, 1.4.3 and its definition of relative luminance

double linear(unsigned channel) {
  const double share = channel / 255.0;
  return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

double contrast_to_white(const std::string& colour) {
  const auto channel = [&](std::size_t at) {
    return linear(static_cast<unsigned>(std::stoul(colour.substr(at, 2), nullptr, 16)));
  };
  const double luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05);
}

void check_look(const TransferSettings& transfer, const TreeNode& node, Problems& problems) {
  constexpr double least_contrast = 4.5;
  const TreeNode* const look = node.find("look");
  if (look == nullptr || contrast_to_white(transfer.look.colour) >= least_contrast) return;
  report(problems, place_of(*look, "colour"),
         "white text on " + transfer.look.colour +
             " cannot be read by everybody (WCAG 2.1, 1.4.3); choose a darker colour");
}

void check_lives(const Lives& lives, const TreeNode& node, Problems& problems) {
  if (lives.standard < lives.longest) return;
  const TreeNode* const written = node.find("lives");
  report(problems, written == nullptr ? node.at : place_of(*written, "standard"),
         "\"standard\" is not shorter than \"longest\": then every transfer would live as long as "
         "it can; make it shorter");
}

void check_sizes(const TransferLimits& limits, const TreeNode& node, Problems& problems) {
  const TreeNode* const written = node.find("limits");
  if (written == nullptr) return;
  const auto check = [&](std::string_view key, std::uint64_t value, std::string_view larger,
                         std::uint64_t bound) {
    if (value > bound)
      report(problems, place_of(*written, key),
             in_quotes(key) + " is larger than " + in_quotes(larger) +
                 " and would never count; make it as large or smaller");
  };
  check("file", limits.file, "transfer", limits.transfer);
  check("transfer", limits.transfer, "sender", limits.sender);
  check("sender", limits.sender, "total", limits.total);
  check("file", limits.file, "strangers", limits.strangers);
  check("connections_per_client", limits.connections_per_client, "connections", limits.connections);
}

void check_upload_addresses(const Config& config, const TreeNode& node, Problems& problems) {
  const TreeNode* const list = node.find("upload_addresses");
  std::set<Address> seen;
  for (std::size_t i = 0; i < config.transfer->upload_addresses.size(); ++i) {
    const Address& mailbox = config.transfer->upload_addresses[i].mailbox.value();
    const Place place = place_of(list->children[i], "mailbox");
    if (!config.is_ours(mailbox))
      report(problems, place,
             in_quotes(mailbox.str()) + " is no address of ours; write one in one of \"domains\"");
    if (!seen.insert(mailbox).second)
      report(problems, place, in_quotes(mailbox.str()) + " stands here twice; take one out");
  }
}

}  // namespace

void check_transfer(const Config& config, const TreeNode& node, Problems& problems) {
  const TransferSettings& transfer = *config.transfer;
  check_listen(transfer, node, problems);
  check_proxies(transfer, node, problems);
  check_look(transfer, node, problems);
  check_lives(transfer.lives, node, problems);
  check_sizes(transfer.limits, node, problems);
  check_upload_addresses(config, node, problems);
  if (transfer.sender && !config.is_ours(*transfer.sender))
    report(problems, place_of(node, "sender"),
           in_quotes(transfer.sender->str()) +
               " is no address of ours, so its mail could not be signed; write one in one of "
               "\"domains\"");
}

}  // namespace siegel::config
