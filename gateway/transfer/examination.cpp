#include "gateway/transfer/examination.h"

#include "gateway/transfer/letters.h"
#include "gateway/transfer/pickup_letters.h"
#include "gateway/transfer/sealed_file.h"

namespace siegel::transfer {
namespace {

/// The pieces of a sealed file, as a scanner wants them.
Pieces pieces_of(SealedReader& reader) {
  return [&reader, offset = std::uint64_t{0}]() mutable {
    const std::string_view piece = reader.read(offset);
    offset += piece.size();
    return piece;
  };
}

}  // namespace

Finding Examination::scan(const Parcel& parcel, const Waiting& waiting) const {
  if (!config_.transfer->clamd) return {};
  const Scanner scanner(*config_.transfer->clamd);
  const bool delivers_large = config_.transfer->unscannable == config::Unscannable::deliver;
  for (const ParcelFile& file : parcel.files) {
    ScanResult result = scan(scanner, parcel, file, waiting);
    if (std::holds_alternative<Clean>(result)) continue;
    if (delivers_large && std::holds_alternative<TooLarge>(result)) continue;
    return {std::move(result), file.name};
  }
  return {};
}

ScanResult Examination::scan(const Scanner& scanner, const Parcel& parcel, const ParcelFile& file,
                             const Waiting& waiting) const {
  const pki::Secret key = parcels_.file_key(parcel, file, waiting.key);
  SealedReader reader(store_, {file.id, key, file.octets});
  return scanner.scan(pieces_of(reader));
}

void Examination::settle(const Parcel& parcel, const Waiting& waiting, const Finding& finding) {
  const auto house = letters::house_of(*config_.transfer);
  if (const auto* const infected = std::get_if<Infected>(&finding.result))
    return refuse(parcel, letters::infected(house, parcel, finding.file, infected->virus));
  if (std::holds_alternative<TooLarge>(finding.result))
    return refuse(parcel, letters::unscannable(house, parcel, finding.file));
  parcels_.release(parcel.id, notices(parcel, waiting), outbox_);
}

/// The owner is told before it is locked away: twice is better than never.
void Examination::refuse(const Parcel& parcel, Wording why) {
  outbox_.put(Mail{parcel.owner, config_.transfer->look.name, parcel.owner, std::move(why)});
  parcels_.quarantine(parcel.id, clock_.now() + config_.transfer->lives.quarantine);
}

/// What was answered, with what was enclosed; from here on its key is in the mail.
Mail Examination::answer(const Parcel& parcel, const Waiting& waiting) const {
  const auto house = letters::house_of(*config_.transfer);
  Mail mail{.from = parcel.owner,
            .from_name = house.name,
            .to = parcel.owner,
            .words = letters::answer(house, parcel),
            .parcel = parcel.id,
            .reply_to = Address::parse(parcel.note.sender),
            .answers_to = parcel.note.answers_to};
  for (const ParcelFile& file : parcel.files)
    mail.enclosures.push_back({file.id,
                               std::string(parcels_.file_key(parcel, file, waiting.key).octets()),
                               file.name, file.media_type, file.octets});
  return mail;
}

std::vector<Mail> Examination::notices(const Parcel& parcel, const Waiting& waiting) const {
  if (parcel.origin == Origin::answer) return {answer(parcel, waiting)};
  const auto house = letters::house_of(*config_.transfer);
  std::vector<Mail> mails;
  for (const NewLink& link : waiting.links) {
    const auto recipient = Address::parse(link.recipient);
    if (!recipient) continue;  // a link that stands in a mail already
    const std::string secret = link.secret.text();
    mails.push_back({parcel.owner, house.name, *recipient,
                     parcel.origin == Origin::citizen
                         ? letters::files_arrived(house, parcel, secret)
                         : letters::files_for_you(house, parcel, secret, waiting.has_password),
                     parcel.id, link.recipient});
  }
  return mails;
}

}  // namespace siegel::transfer
