#include "gateway/relay/offload.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/mail/detach.h"
#include "gateway/mail/fields.h"
#include "gateway/relay/vaulting.h"
#include "gateway/transfer/letters.h"
#include "gateway/transfer/own_uploads.h"

namespace siegel::relay {
namespace {

using mail::Entity;
using mail::Message;
using policy::Decision;

constexpr std::size_t name_limit = 400, subject_limit = 1000;

/// One attachment as a file.
struct File {
  std::string name, media_type;
  Octets octets;

  [[nodiscard]] Named named() const { return {name, media_type, octets}; }
};

/// What mail programs attach without a name, and the ending by which it can be opened.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> endings{{
    {"message/rfc822", ".eml"},
    {"text/plain", ".txt"},
    {"text/html", ".html"},
    {"application/pdf", ".pdf"},
    {"application/zip", ".zip"},
    {"image/jpeg", ".jpg"},
    {"image/png", ".png"},
    {"image/gif", ".gif"},
    {"image/tiff", ".tif"},
    {"audio/mpeg", ".mp3"},
    {"video/mp4", ".mp4"},
}};

std::string name_of(const Entity& part, std::string_view media_type) {
  if (!part.file_name.empty()) return printable(part.file_name, name_limit);
  const auto* const known = std::ranges::find(endings, media_type, [](auto& e) { return e.first; });
  return "Anhang" + std::string(known == endings.end() ? "" : known->second);
}

File file_of(const Entity& part) {
  std::string media_type = part.content_type.type + '/' + part.content_type.subtype;
  std::string name = name_of(part, media_type);
  return {std::move(name), std::move(media_type), Octets(Blob(part.decoded_body()))};
}

/// Who sees the parcel in the portal: whoever of us wrote the mail, or to whom it goes.
/// Nothing if nobody of us did, as with forwarded mail.
std::optional<Address> owner_of(const config::Config& config, const mail::Envelope& envelope,
                                const Message& message, const policy::Route& route) {
  // Of several recipients none may see, or erase, what the others have.
  if (envelope.side == config::Side::world)
    return route.recipients.size() == 1 ? route.recipients.front().address
                                        : config.transfer->sender;
  for (const auto& address : {mail::author(message.top()).address, envelope.reverse_path})
    if (address && config.is_ours(*address)) return address;
  return std::nullopt;
}

/// Whom the page names as the sender.
std::string sender_of(const mail::Envelope& envelope, const Message& message) {
  const auto author = mail::author(message.top()).address;
  if (author) return author->str();
  return envelope.reverse_path ? envelope.reverse_path->str() : std::string();
}

std::string recipients_of(const policy::Route& route) {
  std::string text;
  for (const mail::Recipient& recipient : route.recipients)
    text += (text.empty() ? "" : ", ") + recipient.address.str();
  return text;
}

std::string subject_of(const Message& message) {
  const mail::Field* const subject = message.top().field("Subject");
  return subject == nullptr ? std::string()
                            : printable(mail::decode_text(subject->body), subject_limit);
}

/// A body is never longer when it is decoded: most mails need no closer look.
bool may_be_too_large(const Message& message, const Decision& decision) {
  std::uint64_t octets = 0;
  for (const Entity* const part : mail::attachments(message)) octets += part->body.size();
  return std::ranges::any_of(decision.routes, [&](const policy::Route& route) {
    return route.treatment.offload && octets > *route.treatment.offload;
  });
}

}  // namespace

std::vector<Sized> sizes_of(const Message& message) {
  std::vector<Sized> sizes;
  for (const Entity* const part : mail::attachments(message))
    sizes.push_back({part, part->decoded_body().size()});
  return sizes;
}

std::vector<const Entity*> too_large(std::vector<Sized> sizes, std::uint64_t limit) {
  std::uint64_t sum =
      std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0},
                      [](std::uint64_t before, const Sized& one) { return before + one.octets; });
  std::ranges::stable_sort(sizes, std::ranges::greater{}, &Sized::octets);
  std::vector<const Entity*> found;
  for (auto largest = sizes.begin(); sum > limit && largest != sizes.end(); ++largest) {
    found.push_back(largest->part);
    sum -= largest->octets;
  }
  std::ranges::sort(found, {}, [](const Entity* part) { return part->octets.data(); });
  return found;
}

// --- Lightened

const Message* Lightened::message(std::size_t route) const {
  const auto found = messages_.find(route);
  return found == messages_.end() ? nullptr : &found->second;
}

// --- Offload

void Offload::open() {
  const auto config = config_.load();
  const auto offloads = [](const auto& rule) { return rule.offload.has_value(); };
  if (std::ranges::any_of(config->rules.outgoing, offloads) ||
      std::ranges::any_of(config->rules.incoming, offloads))
    static_cast<void>(vault_.storage());
}

Lightened Offload::apply(const mail::Envelope& envelope, const Message& message,
                         const Decision& decision) {
  const auto found = groups(envelope, message, decision);
  if (found.empty()) return Lightened(nullptr);
  Lightened result(&vault_.storage());
  for (const Group& group : found) move(group, envelope, message, decision, result);
  return result;
}

std::vector<Offload::Group> Offload::groups(const mail::Envelope& envelope, const Message& message,
                                            const Decision& decision) {
  std::vector<Group> found;
  if (!may_be_too_large(message, decision)) return found;
  const std::vector<Sized> sizes = sizes_of(message);
  // Incoming, each route keeps its own: nobody sees whom else a mail went to.
  const bool is_shared = envelope.side == config::Side::inside;
  for (std::size_t i = 0; i < decision.routes.size(); ++i) {
    const auto limit = decision.routes[i].treatment.offload;
    auto files = limit ? too_large(sizes, *limit) : std::vector<const Entity*>();
    if (files.empty()) continue;
    const auto same = std::ranges::find(found, files, &Group::files);
    if (is_shared && same != found.end())
      same->routes.push_back(i);
    else
      found.push_back({std::move(files), {i}});
  }
  return found;
}

void Offload::move(const Group& group, const mail::Envelope& envelope, const Message& message,
                   const Decision& decision, Lightened& result) {
  const auto config = config_.load();
  const config::TransferSettings& settings = config->transfer.value();
  const auto owner = owner_of(*config, envelope, message, decision.routes[group.routes.front()]);
  if (!owner) return;
  transfer::OwnUploads uploads(vault_.storage().uploads, vault_.storage().files);
  for (const Entity* const part : group.files) {
    const File file = file_of(*part);
    scan(settings, file.named());
    put(uploads, *owner, file.named(), settings);
  }
  transfer::ParcelWish wish{.origin = envelope.side == config::Side::world
                                          ? transfer::Origin::received
                                          : transfer::Origin::mail,
                            .owner = *owner,
                            .note = {subject_of(message), sender_of(envelope, message), {}, {}},
                            .uploads = uploads.secrets(),
                            .recipients = {},
                            .life = settings.lives.standard,
                            .password = {},
                            .is_examined = true,
                            .on_trial_for = envelope.id};
  for (const std::size_t route : group.routes)
    wish.recipients.push_back(recipients_of(decision.routes[route]));
  const auto posted = vault_.storage().parcels.post(wish, settings.limits.transfer);
  const auto* const parcel = std::get_if<transfer::Parcels::Posted>(&posted);
  if (parcel == nullptr)
    throw Error(Fault::peer, "the attachments together are larger than transfer.limits.transfer");
  result.put_parcel(parcel->waiting.parcel);
  const auto made = vault_.storage().parcels.find(parcel->waiting.parcel).value();
  const auto house = transfer::letters::house_of(settings);
  for (std::size_t i = 0; i < group.routes.size(); ++i) {
    const std::string secret = parcel->waiting.links.at(i).secret.text();
    const auto words = transfer::letters::attachments_by_link(house, made, secret);
    result.put(group.routes[i], Message::parse(mail::detached(message, group.files, words).join()));
  }
  log_.info("offloaded", {{"id", envelope.id},
                          {"parcel", made.id},
                          {"files", made.files.size()},
                          {"octets", made.octets}});
}

}  // namespace siegel::relay
