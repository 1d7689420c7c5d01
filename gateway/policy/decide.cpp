#include "gateway/policy/decide.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/advice.h"
#include "gateway/policy/demand.h"
#include "gateway/policy/intent.h"
#include "gateway/policy/limits.h"

namespace siegel::policy {
namespace {

/// Everything that outgoing decisions are made from, looked up once per message.
struct Outgoing {
  const config::Config& config;
  const mail::Envelope& envelope;
  const Verdict& verdict;
  const pki::Ring& ring;
  Kind kind;
  Intent intent;
  std::optional<Address> author;  ///< the only From address; else the reverse-path
  bool is_author_clear;
  std::string named;  ///< the To and Cc fields, lower case
};

void refuse(Route& route, std::string reason, Advice advice) {
  route.action = Action::refuse;
  route.treatment = {};
  route.reason += "; " + std::move(reason);
  route.advice_de = std::move(advice.de);
  route.advice_en = std::move(advice.en);
}

/// STANDARDS §2.4: why a message of this kind is not signed; empty if it may be.
std::string_view why_not_signed(const Outgoing& out, const Demand& demand) {
  if (out.verdict.encrypted || out.kind.is_encrypted) return "already encrypted";
  if (out.kind.is_signed && !demand.replace_signature) return "already signed by the client";
  if (out.kind.is_report) return "a report, its type must stay on top";
  if (!out.envelope.reverse_path) return "there is no sender address, as with reports";
  if (out.kind.is_invitation && !demand.invitations)
    return "an invitation, clients would show it as text";
  if (out.kind.is_fragment) return "a fragment or a reference, a signature would mean nothing";
  return {};
}

void plan_signature(Route& route, const Outgoing& out, const Demand& demand) {
  if (demand.sign == config::SignDemand::never) {
    route.reason += "; not signed: the rule says never";
    return;
  }
  if (const auto why = why_not_signed(out, demand); !why.empty()) {
    route.reason += fmt::format("; not signed: {}", why);
    return;
  }
  if (out.ring.signer) {
    route.treatment.sign = out.ring.signer;
    route.treatment.replace_signature = out.kind.is_signed;
    route.reason += fmt::format("; signed as {}", out.ring.signer->mailbox.str());
    return;
  }
  route.reason += fmt::format("; not signed: {}", out.ring.why_no_signer);
  if (demand.sign == config::SignDemand::always) {
    refuse(route, "a signature is required", advise_no_signer(out.config, out.ring.why_no_signer));
  }
}

void without_key(Route& route, const Outgoing& out, const Demand& demand,
                 const Address& recipient) {
  const std::string reason =
      fmt::format("encryption is required and {} has no usable key", recipient.str());
  if (demand.without_key == config::WithoutKey::hold) {
    route.action = Action::hold;
    route.treatment = {};
    route.reason += "; held: " + reason;
    return;
  }
  if (demand.without_key == config::WithoutKey::pickup) {
    route.action = Action::pickup;
    route.treatment = {};
    route.treatment.clean_controls = true;
    route.reason += "; by pickup: " + reason;
    return;
  }
  refuse(route, reason, advise_no_key(out.config, recipient));
}

/// STANDARDS §2.4: encryption that nobody demanded is left out where it would do harm.
bool is_better_in_clear(const Outgoing& out, const Demand& demand) {
  return out.kind.is_report || out.kind.is_fragment || !out.envelope.reverse_path ||
         (out.kind.is_invitation && !demand.invitations);
}

/// True if nobody but its recipients can read it. What says that it is encrypted and cannot be read
/// as such is protected by nothing.
bool is_sealed(const Verdict& verdict) {
  return verdict.encrypted && std::ranges::none_of(verdict.layers, [](const Layer& layer) {
           return layer.form == Form::encryption && layer.status == Status::malformed;
         });
}

void plan_encryption(Route& route, const Outgoing& out, const Demand& demand,
                     const Address& recipient) {
  const bool is_required = demand.encrypt == config::EncryptDemand::required;
  route.confidential = is_required;
  if (demand.encrypt == config::EncryptDemand::never || is_sealed(out.verdict)) return;
  if (!is_required && is_better_in_clear(out, demand)) return;
  const auto key = out.ring.peers.find(recipient);
  if (key == out.ring.peers.end()) {
    if (is_required) without_key(route, out, demand, recipient);
    return;
  }
  route.treatment.encrypt_to = {key->second};
  route.treatment.encrypt_to_self = out.ring.own_encryption;
  route.reason += "; encrypted";
}

/// What was signed or encrypted is whole; what a machine sent to a machine stays as it is.
void plan_offload(Route& route, const Outgoing& out, const Demand& demand) {
  if (!demand.offload) return;
  const bool is_whole = out.kind.is_signed || out.kind.is_encrypted || out.verdict.encrypted;
  if (is_whole || out.kind.is_report || out.kind.is_fragment || !out.envelope.reverse_path) {
    route.reason += "; attachments stay: signed, encrypted, or a report";
    return;
  }
  route.treatment.offload = demand.offload;
}

Route route_out(const Outgoing& out, const mail::Recipient& recipient) {
  const Demand demand = demand_for(out.config.rules, out.intent,
                                   {out.author, recipient.address, out.is_author_clear});
  Route route{.recipients = {recipient}, .reason = demand.origin};
  route.treatment.clean_controls = true;
  plan_signature(route, out, demand);
  if (route.action != Action::refuse) plan_encryption(route, out, demand, recipient.address);
  if (route.action == Action::relay) plan_offload(route, out, demand);
  return route;
}

// --- grouping
// ------------------------------------------------------------------------------------------

std::string named_fields(const mail::Entity& top) {
  std::string named;
  for (const mail::Field& field : top.fields) {
    if (ascii::equals_ignoring_case(field.name, "To") ||
        ascii::equals_ignoring_case(field.name, "Cc")) {
      named += ascii::lower(field.body) + '\n';
    }
  }
  return named;
}

/// True if the address stands in `named` as a word of its own. An address that is written in a way
/// this does not recognise counts as hidden, which costs a message more and gives nobody away.
bool names(std::string_view named, const Address& address) {
  const std::string wanted = ascii::lower(address.str());
  const auto is_part_of_word = [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || ascii::is_8bit(c) || c == '.' || c == '-' ||
           c == '_';
  };
  for (auto at = named.find(wanted); at != std::string_view::npos;
       at = named.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    const bool starts = at == 0 || !is_part_of_word(named[at - 1]);
    if (starts && (end == named.size() || !is_part_of_word(named[end]))) return true;
  }
  return false;
}

bool is_alike(const Route& a, const Route& b) {
  return a.action == b.action && a.confidential == b.confidential && a.reason == b.reason &&
         a.treatment.encrypt_to.empty() == b.treatment.encrypt_to.empty() &&
         a.treatment.offload == b.treatment.offload && a.advice_en == b.advice_en;
}

void merge(Route& into, Route from) {
  std::ranges::move(from.recipients, std::back_inserter(into.recipients));
  std::ranges::move(from.treatment.encrypt_to, std::back_inserter(into.treatment.encrypt_to));
}

/// STANDARDS §2.5: a RecipientInfo shows whom else a message was encrypted to, so that a recipient
/// whom the message does not name (Bcc) gets one of its own.
bool must_stay_alone(const Outgoing& out, const Route& route) {
  return !route.treatment.encrypt_to.empty() && !names(out.named, route.recipients.front().address);
}

void add(Decision& decision, const Outgoing& out, Route route) {
  if (!must_stay_alone(out, route)) {
    for (Route& other : decision.routes) {
      if (is_alike(other, route) && !must_stay_alone(out, other))
        return merge(other, std::move(route));
    }
  }
  decision.routes.push_back(std::move(route));
}

Outgoing look(const config::Config& config, const mail::Envelope& envelope, const mail::Entity& top,
              const Verdict& verdict, const pki::Ring& ring) {
  const mail::Author author = mail::author(top);
  return {config,
          envelope,
          verdict,
          ring,
          kind_of(top),
          read_intent(top, config.tags),
          author.address ? author.address : envelope.reverse_path,
          author.address.has_value(),
          named_fields(top)};
}

// --- limits
// ------------------------------------------------------------------------------------------

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

void add_in(Decision& decision, Route route) {
  for (Route& other : decision.routes) {
    if (is_alike(other, route)) return merge(other, std::move(route));
  }
  decision.routes.push_back(std::move(route));
}

}  // namespace

Decision decide(const config::Config& config, const mail::Envelope& envelope,
                const mail::Message& message, const Verdict& verdict, const pki::Ring& ring) {
  if (auto refused = refuse_unread(config, envelope, message.top())) return {{*std::move(refused)}};
  Decision decision;
  if (envelope.side == config::Side::inside) {
    const Outgoing out = look(config, envelope, message.top(), verdict, ring);
    for (const mail::Recipient& to : envelope.recipients) add(decision, out, route_out(out, to));
    return decision;
  }
  const auto author = mail::author(message.top()).address;
  for (const mail::Recipient& to : envelope.recipients) {
    add_in(decision, route_in(config, author, verdict, to));
  }
  return decision;
}

}  // namespace siegel::policy
