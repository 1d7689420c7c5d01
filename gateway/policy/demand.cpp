#include "gateway/policy/demand.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace siegel::policy {
namespace {

using config::EncryptDemand;
using config::SignDemand;

bool is_wished(const Intent& intent, config::Trigger trigger) {
  switch (trigger) {
    case config::Trigger::encrypt:
      return intent.encrypt;
    case config::Trigger::plain:
      return intent.plain;
    case config::Trigger::sign:
      return intent.sign;
  }
  return false;
}

bool has_tag(const Intent& intent, const std::string& tag) {
  return std::ranges::any_of(intent.tags, [&](const std::string& found) {
    return ascii::equals_ignoring_case(found, tag);
  });
}

bool is_from(const config::OutgoingRule& rule, const Pair& pair) {
  if (!rule.from || (pair.from && rule.from->matches(*pair.from))) return true;
  return !pair.is_author_clear && rule.encrypt == EncryptDemand::required;
}

bool matches(const config::OutgoingRule& rule, const Intent& intent, const Pair& pair) {
  if (!is_from(rule, pair)) return false;
  if (rule.to && !rule.to->matches(pair.to)) return false;
  if (rule.trigger && !is_wished(intent, *rule.trigger)) return false;
  return !rule.subject_tag || has_tag(intent, *rule.subject_tag);
}

/// True if the rule is itself about the wish to encrypt. One about `sign` or `plain` has no say in
/// it, though it matched first.
bool answers_encryption(const config::OutgoingRule& rule, const Intent& intent) {
  if (!rule.encrypt) return false;
  if (rule.trigger == config::Trigger::encrypt) return true;
  return rule.subject_tag && std::ranges::any_of(intent.encrypt_tags, [&](const std::string& tag) {
           return ascii::equals_ignoring_case(tag, *rule.subject_tag);
         });
}

Demand from_rule(const config::OutgoingRule& rule) {
  Demand demand;
  demand.sign = rule.sign.value_or(demand.sign);
  demand.encrypt = rule.encrypt.value_or(demand.encrypt);
  demand.without_key = rule.without_key.value_or(demand.without_key);
  demand.scheme = rule.scheme.value_or(demand.scheme);
  demand.replace_signature = rule.replace_signature;
  demand.hide_subject = rule.hide_subject;
  demand.invitations = rule.invitations;
  demand.offload = rule.offload;
  demand.origin = fmt::format("rule at line {}", rule.line);
  return demand;
}

void apply_wish(Demand& demand, const Intent& intent, bool may_encrypt) {
  if (intent.encrypt && may_encrypt && demand.encrypt != EncryptDemand::required) {
    demand.encrypt = EncryptDemand::required;
    demand.origin += ", the message asks for encryption";
  } else if (intent.plain && !intent.encrypt && demand.encrypt == EncryptDemand::if_possible) {
    demand.encrypt = EncryptDemand::never;
    demand.origin += ", the message asks for clear text";
  }
  if (intent.sign && demand.sign == SignDemand::if_possible) {
    demand.sign = SignDemand::always;
    demand.origin += ", the message asks for a signature";
  }
}

}  // namespace

Demand demand_for(const config::Rules& rules, const Intent& intent, const Pair& pair) {
  const auto rule = std::ranges::find_if(rules.outgoing, [&](const config::OutgoingRule& each) {
    return matches(each, intent, pair);
  });
  if (rule == rules.outgoing.end()) {
    Demand demand{.origin = "built-in rule"};
    apply_wish(demand, intent, true);
    return demand;
  }
  Demand demand = from_rule(*rule);
  apply_wish(demand, intent, !answers_encryption(*rule, intent));
  return demand;
}

}  // namespace siegel::policy
