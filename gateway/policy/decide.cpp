#include "gateway/policy/decide.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/mail/fields.h"
#include "gateway/policy/advice.h"
#include "gateway/policy/grouping.h"
#include "gateway/policy/limits.h"
#include "gateway/policy/outgoing.h"

namespace siegel::policy {
namespace {

/// what was not read to its end was not inspected either; none of it is passed on.
std::optional<Route> refuse_unread(const config::Config& config, const mail::Envelope& envelope,
                                   const mail::Entity& top) {
  const auto limit = broken_limit(top);
  if (!limit) return std::nullopt;
  Route route{.recipients = envelope.recipients, .reason = "default: limits of the message"};
  refuse(route, std::string(limit->reason), advise_limit(config, limit->refusal));
  route.refusal = limit->refusal;
  return route;
}

// --- incoming
// ------------------------------------------------------------------------------------------

bool matches(const config::IncomingRule& rule, const std::optional<Address>& author,
             const Address& recipient, const Verdict& verdict) {
  if (rule.from && !(author && rule.from->matches(*author))) return false;
  if (rule.to && !rule.to->matches(recipient)) return false;
  return !rule.verdict || *rule.verdict == name(verdict.summary());
}

Route accept_in(const Verdict& verdict, const mail::Recipient& recipient, std::string reason) {
  Route route{.recipients = {recipient}, .reason = std::move(reason)};
  route.treatment.annotate = true;
  route.treatment.open = verdict.decrypted;
  return route;
}

Route apply(const config::IncomingRule& rule, Route route, const config::Config& config,
            const Verdict& verdict) {
  route.reason = fmt::format("rule at line {}", rule.line);
  // What is signed must stay whole, so that the reader's own program can verify it too.
  if (verdict.layers.empty()) route.treatment.offload = rule.offload;
  if (rule.action == config::IncomingAction::hold) route.action = Action::hold;
  if (rule.action == config::IncomingAction::refuse) {
    refuse(route, "refused by rule", advise_refused_in(config));
  }
  return route;
}

/// A layer without integrity for which we have a key: `weak` where the tenant refuses it, whether
/// or not it would have opened (R-03: the refusal must not be an oracle).
bool is_unauthenticated(const Verdict& verdict) {
  return std::ranges::any_of(verdict.layers, [](const Layer& layer) {
    return layer.form == Form::encryption && !layer.authenticated &&
           (layer.status == Status::weak || layer.status == Status::good);
  });
}

Route route_in(const config::Config& config, const std::optional<Address>& author,
               const Verdict& verdict, const mail::Recipient& recipient) {
  Route route = accept_in(verdict, recipient, "default: incoming mail is verified and relayed");
  if (!config.smime.accept_unauthenticated && is_unauthenticated(verdict)) {
    refuse(route, "encryption without integrity is not accepted (smime.accept_unauthenticated)",
           advise_unauthenticated(config));
    return route;
  }
  for (const config::IncomingRule& rule : config.rules.incoming) {
    if (matches(rule, author, recipient.address, verdict))
      return apply(rule, std::move(route), config, verdict);
  }
  return route;
}

}  // namespace

Decision decide(const config::Config& config, const mail::Envelope& envelope,
                const mail::Message& message, const Verdict& verdict, const pki::Ring& ring) {
  const mail::Entity& top = message.top();
  if (auto refused = refuse_unread(config, envelope, top)) return {{*std::move(refused)}};
  if (envelope.side == config::Side::inside)
    return grouped(plan_outgoing({config, envelope, top, verdict, ring}), top);
  std::vector<Plan> plans;
  const auto author = mail::author(top).address;
  for (const mail::Recipient& to : envelope.recipients)
    plans.push_back({route_in(config, author, verdict, to)});
  return grouped(std::move(plans), top);
}

}  // namespace siegel::policy
