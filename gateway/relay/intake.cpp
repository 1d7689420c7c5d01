#include "gateway/relay/intake.h"

#include <algorithm>

#include "base/rounds.h"
#include "gateway/crypt/transform.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/message.h"
#include "gateway/mail/trace.h"
#include "gateway/policy/decide.h"
#include "gateway/relay/consign.h"
#include "gateway/relay/keyless.h"

namespace siegel::relay {
namespace {

using crypt::Inspection;
using mail::Envelope;
using mail::Message;
using policy::Decision;
using policy::Route;

/// What must stay free beside a message and its transformed copies, for the database's sake.
constexpr std::uint64_t free_reserve = std::uint64_t{16} << 20U;

/// SMTP has one reply for all recipients: a route that is refused refuses the message, and nothing
/// of it is sent to anybody.
const Route* refused_route(const Decision& decision) {
  const auto refused = std::ranges::find(decision.routes, policy::Action::refuse, &Route::action);
  return refused == decision.routes.end() ? nullptr : &*refused;
}

std::string_view scheme_of(const policy::Treatment& treatment) {
  if (!treatment.signs() && !treatment.encrypts()) return "none";
  const bool is_openpgp = treatment.sign_openpgp || !treatment.encrypt_to_openpgp.empty();
  return name(is_openpgp ? policy::Scheme::openpgp : policy::Scheme::smime);
}

smtp::Reply reply_to(const Route& refused) {
  switch (refused.refusal) {
    case policy::Refusal::too_large:
      return smtp::replies::header_too_large(refused.reason, refused.advice_de, refused.advice_en);
    case policy::Refusal::too_complex:
      return smtp::replies::too_complex(refused.reason, refused.advice_de, refused.advice_en);
    case policy::Refusal::by_rule:
      break;
  }
  return smtp::replies::refused(refused.reason, refused.advice_de, refused.advice_en);
}

/// Mail that leaves says nothing of others' keys.
crypt::KeysToKeep keys_to_keep(const config::Config& config, const Envelope& envelope) {
  if (envelope.side != config::Side::world || !config.harvest.enabled || !config.openpgp)
    return crypt::KeysToKeep::none;
  return config.openpgp->autocrypt ? crypt::KeysToKeep::all : crypt::KeysToKeep::attached;
}

}  // namespace

smtp::Reply Intake::accept(const Envelope& envelope, Blob octets) const {
  const auto config = config_.load();
  const Message received = Message::parse(std::move(octets));
  if (const auto reply = refuse_early(*config, received)) return *reply;

  const Inspection seen =
      crypt::inspect(received, keys_, config->smime,
                     {envelope.id, envelope.received, keys_to_keep(*config, envelope)});
  Decision decision = plan(envelope, received, seen);
  ways_.pickup.spare_own_mail(envelope, received, decision);
  log_decision(envelope, seen, decision);
  if (recorder_ != nullptr)
    recorder_->note({*config, envelope, received.top(), seen.verdict, decision});
  if (const Route* no = refused_route(decision)) {
    // A sender whose mail is refused while a status is unknown will try again.
    keys_.note_wanted(seen.wanted, envelope.received);
    return reply_to(*no);
  }

  Lightened light = ways_.offload.apply(envelope, received, decision);
  Entrusted entrusted = ways_.pickup.apply(envelope, received, seen, decision);
  spool::Spool::Batch batch = spool_.begin(envelope);
  for (std::size_t i = 0; i < decision.routes.size(); ++i) {
    const Route& route = decision.routes[i];
    if (route.action == policy::Action::pickup) continue;  // it stays here; its notices leave
    const Message* const lighter = light.message(i);
    const Octets finished = transform(*config, envelope, lighter == nullptr ? received : *lighter,
                                      seen, route.treatment, keys_.openpgp());
    for (const auto& consignment : consign(*config, envelope, route))
      batch.add(consignment, finished);
  }
  for (const Posting& notice : entrusted.postings()) batch.add(notice.consignment, notice.octets);
  remember(envelope, received, seen);
  batch.commit();  // durable from here on: the mail is ours
  light.keep();
  entrusted.keep();

  return smtp::replies::queued(envelope.id);
}

std::optional<smtp::Reply> Intake::refuse_early(const config::Config& config,
                                                const Message& received) const {
  // RFC 5321 §6.3: counting Received fields is how loops are found.
  if (mail::hops(received.top()) > config.relay.limits.received_fields) {
    return smtp::replies::loop_detected();
  }
  if (spool_.free_octets() < free_reserve + 2 * received.blob().size())
    return smtp::replies::disk_full();
  return std::nullopt;
}

/// Keys that are missing are looked for. The mail waits for that only where it could not go as the
/// rules demand; else what is found helps the next one.
Decision Intake::plan(const Envelope& envelope, const Message& received,
                      const Inspection& seen) const {
  const auto config = config_.load();
  const auto decide_now = [&](const pki::Ring& ring) {
    return decide(*config, envelope, received, seen.verdict, ring);
  };
  const pki::Ring ring = ring_for(envelope, received);
  Decision decision = decide_now(ring);
  if (seeker_ == nullptr) return decision;
  const auto missing = keyless(*config, envelope, received, ring);
  const auto waited_for = stranded(decision, missing);
  seeker_->seek_first(waited_for);
  seeker_->seek(missing);
  if (!seeker_->wait_for(waited_for, config->discovery.wait)) return decision;
  return decide_now(ring_for(envelope, received));
}

/// Keys matter for outgoing mail only; incoming mail leaves as it came.
pki::Ring Intake::ring_for(const Envelope& envelope, const Message& received) const {
  if (envelope.side == config::Side::world) return {};
  std::vector<Address> recipients;
  for (const mail::Recipient& recipient : envelope.recipients)
    recipients.push_back(recipient.address);
  return gather(keys_, mail::author(received.top()).address, recipients, envelope.received);
}

/// Before the commit: if it fails, the peer tries again and nothing is half done. Keys of our own
/// mailboxes are never learned from the world, whoever says so: we have the right ones.
void Intake::remember(const Envelope& envelope, const Message& received,
                      const Inspection& seen) const {
  if (envelope.side != config::Side::world) return;
  keys_.note_wanted(seen.wanted, envelope.received);
  const auto config = config_.load();
  if (!config->harvest.enabled) return;
  for (const pki::Harvested& harvested : seen.harvest) {
    if (config->is_ours(harvested.address)) continue;
    const pki::Learned learned = keys_.learn(harvested, envelope.received);
    log_.info("harvest", {{"id", envelope.id},
                          {"peer", harvested.address.str()},
                          {"certificate", harvested.certificate.fingerprint()},
                          {"result", name(learned)}});
  }
  remember_openpgp(envelope, seen);
  const auto author = mail::author(received.top()).address;
  if (seen.unknown_root && author)
    keys_.note_unknown_root(*seen.unknown_root, *author, envelope.received);
}

/// What only its sender has said of a key is learned where `openpgp.autocrypt` is on. All this is a
/// hint for replies: the mail itself does not wait for gpg to be repaired.
void Intake::remember_openpgp(const Envelope& envelope, const Inspection& seen) const {
  pki::OpenPgpKeys* const openpgp = keys_.openpgp();
  const auto config = config_.load();
  if (openpgp == nullptr || !config->openpgp) return;
  if (!seen.harvest_trouble.empty())
    log_.warning("harvest_failed", {{"task", envelope.id}, {"why", seen.harvest_trouble}});
  for (const pki::HarvestedOpenPgp& harvested : seen.harvest_openpgp) {
    if (config->is_ours(harvested.address)) continue;
    if (harvested.provenance == pki::Provenance::autocrypt && !config->openpgp->autocrypt) continue;
    attempt(log_, "harvest_failed", envelope.id, [&] {
      const pki::Learned learned = openpgp->learn(harvested, envelope.received);
      log_.info("harvest", {{"id", envelope.id},
                            {"peer", harvested.address.str()},
                            {"key", harvested.key.fingerprint()},
                            {"provenance", name(harvested.provenance)},
                            {"result", name(learned)}});
    });
  }
}

void Intake::log_decision(const Envelope& envelope, const Inspection& seen,
                          const Decision& decision) const {
  log_.info("inspected", {{"id", envelope.id},
                          {"verdict", name(seen.verdict.summary())},
                          {"layers", seen.verdict.layers.size()},
                          {"encrypted", seen.verdict.encrypted ? "yes" : "no"},
                          {"decrypted", seen.verdict.decrypted ? "yes" : "no"}});
  for (const Route& route : decision.routes) {
    log_.info("decided", {{"id", envelope.id},
                          {"action", name(route.action)},
                          {"recipients", route.recipients.size()},
                          {"signed", route.treatment.signs() ? "yes" : "no"},
                          {"encrypted", route.treatment.encrypts() ? "yes" : "no"},
                          {"scheme", scheme_of(route.treatment)},
                          {"reason", route.reason}});
  }
}

}  // namespace siegel::relay
