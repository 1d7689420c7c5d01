#include "gateway/policy/outgoing.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/mail/fields.h"
#include "gateway/policy/demand.h"
#include "gateway/policy/intent.h"
#include "gateway/policy/scheme.h"

namespace siegel::policy {
namespace {

/// What is looked up once per message.
struct Outgoing {
  const config::Config& config;
  const mail::Envelope& envelope;
  const Verdict& verdict;
  const pki::Ring& ring;
  Kind kind;
  Intent intent;
  std::optional<Address> author;  ///< the only From address; else the reverse-path
  bool is_author_clear;
  bool has_autocrypt;  ///< the client tells its own key
};

Outgoing look(const Sending& sending) {
  const mail::Author author = mail::author(sending.top);
  return {sending.config,
          sending.envelope,
          sending.verdict,
          sending.ring,
          kind_of(sending.top),
          read_intent(sending.top, sending.config.tags),
          author.address ? author.address : sending.envelope.reverse_path,
          author.address.has_value(),
          sending.top.count("Autocrypt") > 0};
}

// --- signature
// ----------------------------------------------------------------------------------------------

/// STANDARDS §2.4: why a message of this kind is not signed; empty if it may be.
std::string_view why_not_signed(const Outgoing& out, const Demand& demand) {
  if (demand.sign == config::SignDemand::never) return "the rule says never";
  if (out.verdict.encrypted || out.kind.is_encrypted) return "already encrypted";
  if (out.kind.is_signed && !demand.replace_signature) return "already signed by the client";
  if (out.kind.is_report) return "a report, its type must stay on top";
  if (!out.envelope.reverse_path) return "there is no sender address, as with reports";
  if (out.kind.is_invitation && !demand.invitations)
    return "an invitation, clients would show it as text";
  if (out.kind.is_fragment) return "a fragment or a reference, a signature would mean nothing";
  return {};
}

std::string why_no_signer(const pki::Ring& ring, Scheme scheme) {
  if (scheme == Scheme::smime || !ring.openpgp) return ring.why_no_signer;
  return ring.openpgp->why_no_signer;
}

/// REQUIRES: the mailbox can sign by `scheme`.
void sign(Route& route, const Outgoing& out, Scheme scheme) {
  route.treatment.replace_signature = out.kind.is_signed;
  if (scheme == Scheme::smime) {
    route.treatment.sign = out.ring.signer;
    route.reason += fmt::format("; signed as {}", out.ring.signer->mailbox.str());
    return;
  }
  route.treatment.sign_openpgp = out.ring.openpgp->signer;
  route.reason += fmt::format("; signed by OpenPGP as {}", out.author->str());
}

void plan_signature(Route& route, const Outgoing& out, const Demand& demand, Scheme scheme) {
  if (const auto why = why_not_signed(out, demand); !why.empty()) {
    route.reason += fmt::format("; not signed: {}", why);
    return;
  }
  if (can_sign(out.ring, scheme)) return sign(route, out, scheme);
  const std::string why = why_no_signer(out.ring, scheme);
  route.reason += fmt::format("; not signed: {}", why);
  if (demand.sign == config::SignDemand::always)
    refuse(route, "a signature is required", advise_no_signer(out.config, why));
}

// --- encryption
// ----------------------------------------------------------------------------------------------

void without_key(Route& route, const Outgoing& out, const Demand& demand,
                 const Address& recipient) {
  const std::string reason =
      fmt::format("encryption is required and {} has no usable key", recipient.str());
  route.reason = demand.origin;  // no signature that was planned comes to anything
  if (demand.without_key == config::WithoutKey::hold) {
    route.action = Action::hold;
    route.treatment = {};
    route.reason += "; held, not signed: " + reason;
    return;
  }
  if (demand.without_key == config::WithoutKey::pickup) {
    route.action = Action::pickup;
    route.treatment = {};
    route.treatment.clean_controls = true;
    // Its reader has no program that would check a signature, and an opaque one hides the text.
    route.reason += "; by pickup, not signed: " + reason;
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

bool wants_key(const Outgoing& out, const Demand& demand) {
  if (demand.encrypt == config::EncryptDemand::never || is_sealed(out.verdict)) return false;
  return demand.encrypt == config::EncryptDemand::required || !is_better_in_clear(out, demand);
}

KeyChoice choose(const Outgoing& out, const Demand& demand, const Address& recipient) {
  if (!wants_key(out, demand)) return {};
  const bool must_be_signed =
      demand.sign == config::SignDemand::always && why_not_signed(out, demand).empty();
  return choose_key({out.ring, demand, recipient, must_be_signed});
}

/// Gateway to gateway: who writes should know that the recipient's own gateway reads it.
constexpr std::string_view to_domain = " to the domain's key";

void plan_encryption(Plan& plan, const Outgoing& out, const Demand& demand,
                     const KeyChoice& choice) {
  Route& route = plan.route;
  plan.remark = choice.remark;
  route.confidential = demand.encrypt == config::EncryptDemand::required;
  if (choice.is_none()) {
    if (route.confidential && wants_key(out, demand))
      without_key(route, out, demand, route.recipients.front().address);
    return;
  }
  if (choice.smime != nullptr) {
    route.treatment.encrypt_to = {*choice.smime};
    route.treatment.encrypt_to_self = out.ring.own_encryption;
    route.reason += "; encrypted";
    if (pki::is_domain_wide(choice.smime->address)) route.reason += to_domain;
  } else {
    route.treatment.encrypt_to_openpgp = {*choice.openpgp};
    route.treatment.encrypt_to_self_openpgp = out.ring.openpgp->own_encryption;
    route.reason += "; encrypted by OpenPGP";
    if (pki::is_domain_wide(choice.openpgp->address)) route.reason += to_domain;
  }
}

// --- what goes along
// ----------------------------------------------------------------------------------------------

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

void plan_protection(Route& route, const Outgoing& out, const Demand& demand) {
  const bool is_wrapped = route.treatment.signs() || route.treatment.encrypts();
  route.treatment.protect_headers = out.config.protect_headers && is_wrapped;
  route.treatment.hide_subject = demand.hide_subject && route.treatment.encrypts();
}

/// Autocrypt Level 1 §3.1: everybody is told the key, whether or not this message is encrypted.
/// Readers of a report ignore it, and of two fields that differ they take none.
void plan_autocrypt(Route& route, const Outgoing& out) {
  const bool is_on = out.config.openpgp && out.config.openpgp->autocrypt;
  if (!is_on || !out.ring.openpgp || out.has_autocrypt) return;
  if (out.kind.is_report || !out.envelope.reverse_path) return;
  route.treatment.autocrypt = out.ring.openpgp->own_encryption;
}

Plan plan_for(const Outgoing& out, const mail::Recipient& recipient) {
  const Demand demand = demand_for(out.config.rules, out.intent,
                                   {out.author, recipient.address, out.is_author_clear});
  Plan plan{.route = {.recipients = {recipient}, .reason = demand.origin}};
  Route& route = plan.route;
  route.treatment.clean_controls = true;
  const KeyChoice choice = choose(out, demand, recipient.address);
  plan_signature(route, out, demand, signing_scheme(choice, out.ring));
  if (route.action != Action::refuse) plan_encryption(plan, out, demand, choice);
  if (route.action != Action::relay) return plan;
  plan_offload(route, out, demand);
  plan_protection(route, out, demand);
  plan_autocrypt(route, out);
  return plan;
}

}  // namespace

void refuse(Route& route, const std::string& reason, Advice advice) {
  route.action = Action::refuse;
  route.treatment = {};
  route.reason += "; " + reason;
  route.advice_de = std::move(advice.de);
  route.advice_en = std::move(advice.en);
}

std::vector<Plan> plan_outgoing(const Sending& sending) {
  const Outgoing out = look(sending);
  std::vector<Plan> plans;
  for (const mail::Recipient& to : sending.envelope.recipients) plans.push_back(plan_for(out, to));
  return plans;
}

}  // namespace siegel::policy
