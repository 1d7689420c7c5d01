#include "gateway/relay/pickup.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/random.h"
#include "gateway/crypt/transform.h"
#include "gateway/mail/fields.h"
#include "gateway/relay/vaulting.h"
#include "gateway/transfer/letter.h"
#include "gateway/transfer/pickup_letters.h"
#include "gateway/transfer/spoken_code.h"
#include "pki/ring.h"

namespace siegel::relay {
namespace {

using mail::Message;
using policy::Action;
using policy::Decision;
using policy::Route;
using transfer::letters::Proof;

constexpr std::size_t id_octets = 16;

/// All that pick the message up, whatever the reason is for each: it lies there once.
std::optional<Route> joined(const Decision& decision) {
  std::optional<Route> all;
  for (const Route& route : decision.routes) {
    if (route.action != Action::pickup) continue;
    if (!all)
      all = route;
    else
      all->recipients.insert(all->recipients.end(), route.recipients.begin(),
                             route.recipients.end());
  }
  return all;
}

std::vector<Address> addresses_of(const Route& route) {
  std::vector<Address> found;
  for (const mail::Recipient& recipient : route.recipients) found.push_back(recipient.address);
  return found;
}

/// Who is told the passwords, and sees the parcel in the portal.
Address owner_of(const config::Config& config, const mail::Envelope& envelope,
                 const Message& message) {
  for (const auto& address : {mail::author(message.top()).address, envelope.reverse_path})
    if (address && config.is_ours(*address)) return *address;
  throw Error(Fault::peer,
              "Die Nachricht muss verschlüsselt oder abgeholt werden, aber kein Absender gehört zu "
              "uns, dem das Passwort gesagt werden kann; senden Sie sie von einem Postfach dieser "
              "Behörde / this message must be encrypted or picked up, but no sender is one of us "
              "who could be told the password; send it from a mailbox of this authority");
}

/// Each recipient costs a password that is stretched while the sender's server waits for its reply.
void refuse_too_many(const Route& route, std::size_t limit) {
  if (route.recipients.size() <= limit) return;
  throw Error(
      Fault::peer,
      fmt::format("Die Nachricht müssten {0} Empfänger abholen, erlaubt sind {1}: senden Sie "
                  "sie in mehreren Teilen an höchstens {1} / {0} recipients would have to "
                  "pick this message up, {1} may (transfer.limits.recipients): send it in "
                  "several turns to at most {1} each",
                  route.recipients.size(), limit));
}

transfer::ParcelWish wish_of(const Address& owner, const std::vector<Proof>& proofs,
                             const std::vector<const transfer::LinkSecret*>& uploads) {
  transfer::ParcelWish wish{.origin = transfer::Origin::pickup,
                            .owner = owner,
                            .note = {{}, owner.str(), {}, {}},
                            .uploads = uploads,
                            .recipients = {},
                            .life = {},
                            .password = {},
                            .is_examined = true};
  for (const Proof& proof : proofs) {
    wish.recipients.push_back(proof.recipient);
    if (proof.code_way)
      wish.code_to = proof.code_way->text();
    else
      wish.passwords.emplace_back(transfer::bare_code(proof.password));
  }
  return wish;
}

/// As any mail of this mailbox, but in clear: it tells nothing, and its reader has no key.
policy::Treatment signed_by(const pki::Ring& ring) {
  policy::Treatment treatment;
  treatment.clean_controls = true;
  treatment.sign = ring.signer;
  if (!ring.signer && ring.openpgp) treatment.sign_openpgp = ring.openpgp->signer;
  return treatment;
}

bool is_picked_up(const Route& route) {
  return route.action == Action::pickup;
}

/// The identifier of the transfer service's mail, if the message has one of that form.
std::string outbox_id(const Message& message, const std::string& our_name) {
  const mail::Field* const field = message.top().field("Message-ID");
  if (field == nullptr) return {};
  const std::string_view whole = ascii::trim(field->body);
  const std::string end = '@' + our_name + '>';
  if (!whole.starts_with('<') || !whole.ends_with(end)) return {};
  const std::string_view id = whole.substr(1, whole.size() - 1 - end.size());
  return id.size() == 2 * id_octets ? std::string(id) : std::string();
}

bool is_the_same(const transfer::Mail& mail, const mail::Envelope& envelope) {
  return envelope.reverse_path == mail.from && envelope.recipients.size() == 1 &&
         envelope.recipients.front().address == mail.to;
}

}  // namespace

void Pickup::spare_own_mail(const mail::Envelope& envelope, const Message& received,
                            Decision& decision) const {
  if (std::ranges::none_of(decision.routes, is_picked_up)) return;
  const std::string id = outbox_id(received, config_.load()->name);
  const auto own = id.empty() ? std::nullopt : vault_.storage().outbox.find(id);
  if (!own || !is_the_same(own->mail, envelope)) return;
  for (Route& route : decision.routes) {
    route.action = Action::relay;
    route.treatment = signed_by(gather(keys_, own->mail.from, {}, envelope.received));
    route.reason += "; but it is a notice of the transfer service: in clear, as all of them";
  }
}

void Pickup::open() {
  const auto config = config_.load();
  const auto picks_up = [](const auto& rule) {
    return rule.without_key == config::WithoutKey::pickup;
  };
  if (std::ranges::any_of(config->rules.outgoing, picks_up)) static_cast<void>(vault_.storage());
}

Entrusted Pickup::apply(const mail::Envelope& envelope, const Message& received,
                        const crypt::Inspection& seen, const Decision& decision) {
  const auto route = joined(decision);
  if (!route) return Entrusted(nullptr);
  const auto config = config_.load();
  refuse_too_many(*route, config->transfer.value().limits.recipients);
  const Errand errand{
      *config, envelope, owner_of(*config, envelope, received),
      read_code_wish(received.top(), addresses_of(*route), config->transfer.value().sms_domain)};
  Entrusted result(&vault_.storage());
  entrust(errand, *route,
          transform(*config, envelope, received, seen, route->treatment, keys_.openpgp()), result);
  return result;
}

void Pickup::entrust(const Errand& errand, const Route& route, const Octets& octets,
                     Entrusted& result) {
  const auto proofs = make_proofs(route.recipients, errand.wish);
  const transfer::Waiting waiting = seal(errand, octets, proofs);
  result.put_parcel(waiting.parcel);
  tell(errand, waiting, proofs, result);
  log_.info("entrusted", {{"id", errand.envelope.id},
                          {"parcel", waiting.parcel},
                          {"recipients", proofs.size()},
                          {"octets", octets.size()}});
}

transfer::Waiting Pickup::seal(const Errand& errand, const Octets& octets,
                               const std::vector<Proof>& proofs) {
  const config::TransferSettings& settings = errand.config.transfer.value();
  const Named message{"message.eml", "message/rfc822", octets};
  scan(settings, message);
  transfer::Storage& storage = vault_.storage();
  transfer::OwnUploads uploads(storage.uploads, storage.files);
  put(uploads, errand.owner, message, settings);
  const std::scoped_lock lock(stretching_);
  transfer::ParcelWish wish = wish_of(errand.owner, proofs, uploads.secrets());
  wish.life = settings.lives.standard;
  wish.on_trial_for = errand.envelope.id;
  auto posted = storage.parcels.post(wish, settings.limits.transfer);
  if (auto* const parcel = std::get_if<transfer::Parcels::Posted>(&posted))
    return std::move(parcel->waiting);
  throw Error(Fault::peer, "the message is larger than transfer.limits.transfer");
}

void Pickup::tell(const Errand& errand, const transfer::Waiting& waiting,
                  const std::vector<Proof>& proofs, Entrusted& result) {
  namespace letters = transfer::letters;
  const auto house = letters::house_of(errand.config.transfer.value());
  const auto parcel = vault_.storage().parcels.find(waiting.parcel).value();
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const std::string secret = waiting.links.at(i).secret.text();
    result.put(
        posting(errand, {errand.owner, house.name, Address::parse(proofs[i].recipient).value(),
                         letters::message_for_you(house, parcel, secret, proofs[i])}));
  }
  result.put(
      posting(errand, {errand.owner, house.name, errand.owner,
                       letters::tell_passwords(house, parcel, proofs, errand.wish.refused)}));
}

Posting Pickup::posting(const Errand& errand, transfer::Mail mail) {
  const Time now = errand.envelope.received;
  const bool is_ours = errand.config.is_ours(mail.to);
  const pki::Ring ring = gather(keys_, mail.from, {}, now);
  mail::Envelope envelope = transfer::envelope_of(mail, errand.config.name, now);
  const Message message =
      Message::parse(write_mail({random_hex(id_octets), std::move(mail), now}, errand.config.name,
                                now, vault_.storage().files));
  Posting posting;
  posting.octets =
      crypt::transform(errand.config, envelope, message, {}, signed_by(ring), keys_.openpgp());
  posting.consignment.envelope = std::move(envelope);
  posting.consignment.towards = is_ours ? config::Side::inside : config::Side::world;
  // It holds a link or a password: no report needs to show them again.
  posting.consignment.confidential = true;
  posting.consignment.reason = "pickup of " + errand.envelope.id;
  return posting;
}

}  // namespace siegel::relay
