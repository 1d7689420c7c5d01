#include "config/checks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "config/checks_discovery.h"
#include "config/checks_transfer.h"
#include "config/network.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

using Problems = std::vector<Problem>;

void check_listener(const Listener& listener, const TreeNode& node, Problems& problems) {
  if (listener.side != Side::inside) return;
  if (listener.clients.empty()) {
    report(problems, node.at,
           "this listener is for inside and names no clients: everybody could send in our name; "
           "write clients: [10.0.0.0/8] with the networks of your mail servers");
  }
  const auto is_everybody = [](const Network& network) {
    const auto prefix = Prefix::parse(network.text);
    return prefix && prefix->length == 0;
  };
  if (std::ranges::any_of(listener.clients, is_everybody)) {
    report(problems, place_of(node, "clients"),
           "these clients are everybody: the relay would be open to the world; name the networks "
           "of your mail servers only");
  }
}

void check_listeners(const std::vector<Listener>& listeners, const TreeNode& node,
                     Problems& problems) {
  if (listeners.empty())
    report(problems, node.at, "\"listen\" is empty; name at least one address and port");
  std::map<std::pair<std::string, std::uint16_t>, std::uint32_t> lines;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const SocketAddress& at = listeners[i].at;
    const TreeNode& item = node.children[i];
    check_listener(listeners[i], item, problems);
    const auto [first, is_new] = lines.try_emplace({at.host, at.port}, item.at.line);
    if (is_new || at.port == 0) continue;
    report(problems, place_of(item, "at"),
           "line " + std::to_string(first->second) + " listens at this address and port already");
  }
}

void check_delivery(const Delivery& delivery, const TreeNode& node, Problems& problems) {
  const bool is_verified = delivery.tls == TlsDemand::verified;
  if (delivery.to.kind == NextHop::Kind::maildir && node.find("tls") != nullptr) {
    report(problems, place_of(node, "tls"), "\"tls\" means nothing for a maildir; take it out");
  } else if (is_verified && !delivery.ca_file) {
    report(problems, place_of(node, "tls"),
           "tls: verified needs \"ca_file\": the certificates to which the next hop's must chain");
  } else if (!is_verified && delivery.ca_file) {
    report(problems, place_of(node, "ca_file"),
           "\"ca_file\" counts only with tls: verified; write that, or take ca_file out");
  }
}

void check_retry(const Retry& retry, const TreeNode& node, Problems& problems) {
  if (retry.after.empty()) {
    report(problems, place_of(node, "after"),
           "\"after\" is empty; write at least one wait, such as [5 min]");
  }
  if (retry.delay_notice >= retry.give_up) {
    report(problems, place_of(node, "delay_notice"),
           "\"delay_notice\" would never be sent: \"give_up\" comes first; make it shorter");
  }
  if (retry.give_up_confidential > retry.give_up) {
    report(problems, place_of(node, "give_up_confidential"),
           "\"give_up_confidential\" is longer than \"give_up\"; make it as long or shorter");
  }
}

/// Finds texts that stand twice, in one list or in several that must not share any.
class Once {
 public:
  explicit Once(Problems& problems) : problems_(problems) {}

  void add(const std::string& text, const TreeNode& item) {
    const std::string line = "line " + std::to_string(item.at.line);
    const auto [first, is_new] = homes_.try_emplace(ascii::lower(text), line);
    if (is_new) return;
    report(problems_, item.at,
           in_quotes(text) + " stands in " + first->second + " already; take one of them out");
  }
  void add(const std::vector<std::string>& texts, const TreeNode& list) {
    for (std::size_t i = 0; i < texts.size(); ++i) add(texts[i], list.children[i]);
  }
  void add_default(const std::vector<std::string>& texts, std::string_view key) {
    for (const std::string& text : texts)
      homes_.try_emplace(ascii::lower(text), "the default of " + in_quotes(key));
  }

 private:
  Problems& problems_;
  std::map<std::string, std::string> homes_;
};

void check_domains(const std::vector<std::string>& domains, const TreeNode& node,
                   Problems& problems) {
  if (domains.empty())
    report(problems, node.at, "\"domains\" is empty; write at least one, such as [stadt.example]");
  Once(problems).add(domains, node);
}

/// One tag with two meanings, or one that we show and obey, would surprise somebody.
void check_tags(const Tags& tags, const TreeNode& node, Problems& problems) {
  const std::vector<std::pair<std::string_view, std::vector<std::string>>> all{
      {"encrypt", tags.encrypt}, {"plain", tags.plain}, {"sign", tags.sign},
      {"good", {tags.good}},     {"bad", {tags.bad}},   {"decrypted", {tags.decrypted}}};
  Once once(problems);
  for (const auto& [key, texts] : all) {
    if (node.find(key) == nullptr) once.add_default(texts, key);
  }
  for (const auto& [key, texts] : all) {
    const TreeNode* const written = node.find(key);
    if (written == nullptr) continue;
    if (written->kind == TreeNode::Kind::sequence) once.add(texts, *written);
    if (written->kind == TreeNode::Kind::scalar) once.add(texts.front(), *written);
  }
}

void check_limits(const Limits& limits, const TreeNode& node, Problems& problems) {
  if (limits.sessions_per_client <= limits.sessions) return;
  report(problems, place_of(node, "sessions_per_client"),
         "\"sessions_per_client\" is larger than \"sessions\" and would never count; make it as "
         "large or smaller");
}

void check_enrolment(const Config& config, const TreeNode& node, Problems& problems) {
  const auto& sender = config.enrolment.sender;
  if (config.enrolment.escalate_to && !sender)
    report(problems, place_of(node, "escalate_to"),
           "\"escalate_to\" is of no use without \"sender\", from whom its mail would come; write "
           "\"sender\" too");
  if (!sender || config.is_ours(*sender)) return;
  report(problems, place_of(node, "sender"),
         in_quotes(sender->str()) +
             " is no address of ours, so its mail could not be signed; "
             "write one in one of \"domains\"");
}

// --- rules ---------------------------------------------------------------------------------------

/// A pattern that is left out holds for every address.
bool covers(const std::optional<AddressPattern>& earlier,
            const std::optional<AddressPattern>& later) {
  return !earlier || earlier->str() == "*" || (later && earlier->covers(*later));
}

template <typename T>
bool covers_value(const std::optional<T>& earlier, const std::optional<T>& later) {
  return !earlier || earlier == later;
}

bool covers_tag(const OutgoingRule& earlier, const OutgoingRule& later) {
  return !earlier.subject_tag ||
         (later.subject_tag &&
          ascii::equals_ignoring_case(*earlier.subject_tag, *later.subject_tag));
}

bool holds_tag(const std::vector<std::string>& tags, const std::string& tag) {
  return std::ranges::any_of(
      tags, [&](const std::string& one) { return ascii::equals_ignoring_case(one, tag); });
}

/// True if a message with the tag of `later` always asks for what `earlier` waits for.
bool covers_trigger(const OutgoingRule& earlier, const OutgoingRule& later, const Tags& tags) {
  if (covers_value(earlier.trigger, later.trigger)) return true;
  if (!later.subject_tag) return false;
  switch (*earlier.trigger) {
    case Trigger::encrypt:
      return holds_tag(tags.encrypt, *later.subject_tag);
    case Trigger::plain:
      return holds_tag(tags.plain, *later.subject_tag);
    case Trigger::sign:
      return holds_tag(tags.sign, *later.subject_tag);
  }
  return false;
}

void check_treatment(const OutgoingRule& rule, const TreeNode& node, Problems& problems) {
  if (!rule.without_key || rule.encrypt == EncryptDemand::required) return;
  report(problems, place_of(node, "without_key"),
         "\"without_key\" counts only with encrypt: required; write that, or take without_key out");
}

/// First match wins: a rule whose conditions are covered by an earlier one never gets its turn.
template <typename Rule, typename Covers>
void check_reachable(const std::vector<Rule>& rules, const TreeNode& list,
                     const Covers& covers_rule, Problems& problems) {
  for (std::size_t later = 1; later < rules.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (!covers_rule(rules[earlier], rules[later])) continue;
      report(problems, list.children[later].at,
             "this rule can never match: the rule in line " + std::to_string(rules[earlier].line) +
                 " takes all that it would match; put it before that line, or take it out");
      break;
    }
  }
}

/// For every rule of a list that has `offload`.
template <typename Rule>
void check_offload(const std::vector<Rule>& rules, bool has_transfer, const TreeNode& list,
                   Problems& problems) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].offload && !has_transfer)
      report(problems, place_of(list.children[i], "offload"),
             "\"offload\" needs the service for large files; write the section \"transfer\", or "
             "take offload out");
  }
}

/// What a rule wants of a part of Siegel that is not set up.
void check_services(const OutgoingRule& rule, const Config& config, const TreeNode& node,
                    Problems& problems) {
  if (rule.without_key == WithoutKey::pickup && !config.transfer)
    report(problems, place_of(node, "without_key"),
           "\"pickup\" needs the transfer service, in which the mail waits; write the section "
           "\"transfer\", or refuse or hold here");
  const bool wants_openpgp =
      rule.scheme == SchemeChoice::openpgp || rule.scheme == SchemeChoice::openpgp_only;
  if (wants_openpgp && !config.openpgp)
    report(problems, place_of(node, "scheme"),
           "OpenPGP is not set up; write the section \"openpgp\", or smime here");
  if (rule.hide_subject && !config.protect_headers)
    report(problems, place_of(node, "hide_subject"),
           "without \"protect_headers\" nobody could read a hidden subject; take one of the two "
           "out");
}

void check_outgoing(const Config& config, const TreeNode& list, Problems& problems) {
  const auto& rules = config.rules.outgoing;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    check_treatment(rules[i], list.children[i], problems);
    check_services(rules[i], config, list.children[i], problems);
  }
  check_offload(rules, config.transfer.has_value(), list, problems);
  const auto covers_rule = [&](const OutgoingRule& earlier, const OutgoingRule& later) {
    return covers(earlier.from, later.from) && covers(earlier.to, later.to) &&
           covers_tag(earlier, later) && covers_trigger(earlier, later, config.tags);
  };
  check_reachable(rules, list, covers_rule, problems);
}

void check_incoming(const Config& config, const TreeNode& list, Problems& problems) {
  const auto covers_rule = [](const IncomingRule& earlier, const IncomingRule& later) {
    return covers(earlier.from, later.from) && covers(earlier.to, later.to) &&
           covers_value(earlier.verdict, later.verdict);
  };
  check_offload(config.rules.incoming, config.transfer.has_value(), list, problems);
  check_reachable(config.rules.incoming, list, covers_rule, problems);
}

}  // namespace

void check_whole(const Config& config, const TreeNode& root, std::vector<Problem>& problems) {
  const Problems before = problems;
  const RelaySettings& relay = config.relay;
  const TreeNode* const domains = sound(root, {"domains"}, before);
  if (domains != nullptr) check_domains(config.domains, *domains, problems);
  if (const TreeNode* node = sound(root, {"relay", "listen"}, before))
    check_listeners(relay.listen, *node, problems);
  if (const TreeNode* node = sound(root, {"relay", "deliver", "inside"}, before))
    check_delivery(relay.inside, *node, problems);
  if (const TreeNode* node = sound(root, {"relay", "deliver", "world"}, before))
    check_delivery(relay.world, *node, problems);
  if (const TreeNode* node = sound(root, {"relay", "limits"}, before))
    check_limits(relay.limits, *node, problems);
  if (const TreeNode* node = sound(root, {"relay", "retry"}, before))
    check_retry(relay.retry, *node, problems);
  if (const TreeNode* node = sound(root, {"tags"}, before))
    check_tags(config.tags, *node, problems);
  if (const TreeNode* node = sound(root, {"enrolment"}, before);
      node != nullptr && domains != nullptr)
    check_enrolment(config, *node, problems);
  if (const TreeNode* node = sound(root, {"discovery"}, before))
    check_discovery(config, *node, problems);
  if (const TreeNode* node = sound(root, {"transfer"}, before);
      node != nullptr && domains != nullptr)
    check_transfer(config, *node, problems);
  if (const TreeNode* node = sound(root, {"rules", "outgoing"}, before))
    check_outgoing(config, *node, problems);
  if (const TreeNode* node = sound(root, {"rules", "incoming"}, before))
    check_incoming(config, *node, problems);
}

}  // namespace siegel::config
