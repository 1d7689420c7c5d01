#pragma once

#include <mutex>
#include <vector>

#include "base/blob.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/crypt/inspect.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "gateway/relay/pickup_proofs.h"
#include "gateway/relay/vault.h"
#include "gateway/spool/spool.h"
#include "pki/keys.h"

namespace siegel::relay {

/// A mail of our own, signed, ready for the spool.
struct Posting {
  spool::Consignment consignment;
  Octets octets;
};

/// Messages that lie sealed in the vault while nobody knows of them yet: goes without keep(), and
/// all of it is erased again.
class Entrusted {
 public:
  explicit Entrusted(transfer::Storage* storage) : parked_(storage) {}

  void put_parcel(std::string id) { parked_.put(std::move(id)); }
  void put(Posting posting) { postings_.push_back(std::move(posting)); }

  /// What tells the recipients where, and the sender which passwords: they belong into the batch
  /// with the rest of the mail.
  [[nodiscard]] const std::vector<Posting>& postings() const { return postings_; }
  /// The mail is ours, and so the links work.
  void keep() { parked_.keep(); }

 private:
  Parked parked_;
  std::vector<Posting> postings_;
};

/// Delivers messages to people who have no key: what would have left lies sealed in the vault, and
/// they get a link. Thread-safe.
class Pickup {
 public:
  Pickup(const Current<config::Config>& config, const pki::Keys& keys, Vault& vault, const Log& log)
      : config_(config), keys_(keys), vault_(vault), log_(log) {}

  /// Opens vault and tables if a rule needs them, so that a broken set-up is told at the start.
  /// Throws Error with what to do.
  void open();

  /// What the portal itself sends, a code above all, is not locked behind another pickup: it leaves
  /// signed and in clear, as every notice does. It is known by its Message-ID, which is random and
  /// stands in the sealed outbox for as long as it is being handed over. Throws Error if the vault
  /// is away.
  void spare_own_mail(const mail::Envelope& envelope, const mail::Message& received,
                      policy::Decision& decision) const;

  /// Does what the routes with Action::pickup demand. Throws Error{peer} for a message with a
  /// virus, one that none of us sends, one for more people than transfer.limits.recipients, or one
  /// that the vault never takes, and Error{world} if the scanner or the vault is away: then nothing
  /// was kept.
  [[nodiscard]] Entrusted apply(const mail::Envelope& envelope, const mail::Message& received,
                                const crypt::Inspection& seen, const policy::Decision& decision);

 private:
  /// One message that is entrusted for one route.
  struct Errand {
    const config::Config& config;
    const mail::Envelope& envelope;
    Address owner;
    CodeWish wish;
  };
  void entrust(const Errand& errand, const policy::Route& route, const Octets& octets,
               Entrusted& result);
  [[nodiscard]] transfer::Waiting seal(const Errand& errand, const Octets& octets,
                                       const std::vector<transfer::letters::Proof>& proofs);
  void tell(const Errand& errand, const transfer::Waiting& waiting,
            const std::vector<transfer::letters::Proof>& proofs, Entrusted& result);
  [[nodiscard]] Posting posting(const Errand& errand, transfer::Mail mail);

  const Current<config::Config>& config_;
  const pki::Keys& keys_;
  Vault& vault_;
  const Log& log_;
  std::mutex stretching_;  // a password takes 64 MiB while it is stretched: one at a time
};

}  // namespace siegel::relay
