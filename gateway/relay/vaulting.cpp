#include "gateway/relay/vaulting.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/utf8.h"
#include "gateway/transfer/scanner.h"

namespace siegel::relay {
namespace {

constexpr std::size_t piece_octets = std::size_t{64} << 10U;
constexpr std::size_t name_limit = 400;

/// Goes through octets that lie in several pieces, without a copy of the whole.
class Walk {
 public:
  explicit Walk(const Octets& octets) : octets_(octets) {}

  /// At most so many; none at the end.
  std::string_view next(std::size_t most) {
    while (slice_ < octets_.slices().size()) {
      const std::string_view rest = octets_.slices()[slice_].view().substr(at_);
      if (rest.empty()) {
        ++slice_;
        at_ = 0;
        continue;
      }
      const std::string_view piece = rest.substr(0, most);
      at_ += piece.size();
      return piece;
    }
    return {};
  }

 private:
  const Octets& octets_;
  std::size_t slice_ = 0, at_ = 0;
};

Error refused(const std::string& file, const std::string& german, const std::string& english) {
  const std::string name = printable(file, name_limit);
  return {Fault::peer, "Anhang \"" + name + "\": " + german + " / attachment: " + english};
}

Error refused_by_vault(const std::string& file, transfer::Refusal refusal) {
  switch (refusal) {
    case transfer::Refusal::file_too_large:
      return refused(file, "zu groß", "larger than transfer.limits.file; send it in parts");
    case transfer::Refusal::owner_full:
      return {Fault::world,
              "Ihr Postfach hat zu viele Dateien im Abruf; löschen Sie einige im Portal / this "
              "mailbox keeps too many files; delete some of its transfers in the portal"};
    case transfer::Refusal::store_full:
      break;
  }
  return {Fault::world, "there is no room for large attachments, please try again later"};
}

}  // namespace

void scan(const config::TransferSettings& settings, const Named& file) {
  if (!settings.clamd) return;
  Walk walk(file.octets);
  const auto result =
      transfer::Scanner(*settings.clamd).scan([&walk] { return walk.next(piece_octets); });
  if (const auto* const infected = std::get_if<transfer::Infected>(&result))
    throw refused(file.name, "enthält Schadsoftware (" + infected->virus + ")",
                  "contains malware; remove it and send the mail again");
  if (const auto* const away = std::get_if<transfer::ScannerAway>(&result))
    throw Error(Fault::world, "the virus scanner is not available, please try again later",
                away->why);
  if (std::holds_alternative<transfer::TooLarge>(result) &&
      settings.unscannable == config::Unscannable::refuse)
    throw refused(file.name, "zu groß für die Virenprüfung",
                  "too large for the virus scanner; send it in parts");
}

void put(transfer::OwnUploads& uploads, const Address& owner, const Named& file,
         const config::TransferSettings& settings) {
  Walk walk(file.octets);
  const auto source = [&walk](std::span<char> room) {
    const std::string_view piece = walk.next(room.size());
    std::ranges::copy(piece, room.begin());
    return piece.size();
  };
  const auto refusal =
      uploads.put({owner, file.name, file.media_type, file.octets.size()}, source, settings);
  if (refusal) throw refused_by_vault(file.name, *refusal);
}

}  // namespace siegel::relay
