#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "gateway/relay/vault.h"

namespace siegel::relay {

/// An attachment, and its length when it is decoded.
struct Sized {
  const mail::Entity* part;
  std::size_t octets;
};
[[nodiscard]] std::vector<Sized> sizes_of(const mail::Message& message);
/// The largest ones, without which the rest have at most `limit` octets together; in the order of
/// the message. Empty if they have that already.
[[nodiscard]] std::vector<const mail::Entity*> too_large(std::vector<Sized> sizes,
                                                         std::uint64_t limit);

/// A message as its routes get it, while nobody has it yet: goes without keep(), and all that was
/// put into the vault for it is erased again.
class Lightened {
 public:
  explicit Lightened(transfer::Storage* storage) : parked_(storage) {}

  void put(std::size_t route, mail::Message message) {
    messages_.insert_or_assign(route, std::move(message));
  }
  void put_parcel(std::string id) { parked_.put(std::move(id)); }

  /// The message for this route of the decision; nullptr if it leaves as it came.
  [[nodiscard]] const mail::Message* message(std::size_t route) const;
  /// The links may be used: the mail is ours.
  void keep() { parked_.keep(); }

 private:
  Parked parked_;
  std::map<std::size_t, mail::Message> messages_;
};

/// Moves large attachments into the vault and puts links in their place. Thread-safe.
class Offload {
 public:
  Offload(const Current<config::Config>& config, Vault& vault, const Log& log)
      : config_(config), vault_(vault), log_(log) {}

  /// Opens vault and tables if a rule needs them, so that a broken set-up is told at the start and
  /// not by the first large attachment. Throws Error with what to do.
  void open();

  /// Does what the routes demand. Throws Error{peer} for an attachment with a virus, or one that
  /// the vault never takes, and Error{world} if the scanner or the vault is away: then nothing was
  /// kept.
  [[nodiscard]] Lightened apply(const mail::Envelope& envelope, const mail::Message& message,
                                const policy::Decision& decision);

 private:
  /// Routes from which the same attachments are taken share a parcel.
  struct Group {
    std::vector<const mail::Entity*> files;
    std::vector<std::size_t> routes;
  };
  [[nodiscard]] static std::vector<Group> groups(const mail::Envelope& envelope,
                                                 const mail::Message& message,
                                                 const policy::Decision& decision);
  void move(const Group& group, const mail::Envelope& envelope, const mail::Message& message,
            const policy::Decision& decision, Lightened& result);

  const Current<config::Config>& config_;
  Vault& vault_;
  const Log& log_;
};

}  // namespace siegel::relay
