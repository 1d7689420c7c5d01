#pragma once

#include "base/blob.h"
#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/crypt/inspect.h"
#include "gateway/mail/envelope.h"
#include "gateway/policy/decision.h"
#include "gateway/relay/decision_recorder.h"
#include "gateway/relay/offload.h"
#include "gateway/relay/pickup.h"
#include "gateway/relay/seeker.h"
#include "gateway/smtp/reply.h"
#include "gateway/spool/spool.h"
#include "pki/keys.h"
#include "pki/ring.h"

namespace siegel::relay {

/// The ways that lead past the mail itself, through the vault.
struct Ways {
  Offload& offload;  ///< of large attachments
  Pickup& pickup;    ///< of whole messages
};

/// The flow of one message, from the end of DATA to the reply. The whole work is done before the
/// reply: what fails, fails while the peer still holds its copy, and a positive reply means that
/// finished mail is durable. Thread-safe; all references must outlive it.
class Intake {
 public:
  Intake(const Current<config::Config>& config, pki::Keys& keys, spool::Spool& spool, Ways ways,
         const Log& log)
      : config_(config), keys_(keys), spool_(spool), ways_(ways), log_(log) {}

  /// Has keys of recipients without one looked for. To be said before the first message.
  void find_keys_by(Seeker& seeker) { seeker_ = &seeker; }

  /// Has every decision kept, so that it can be explained later. To be said before the first
  /// message.
  void have_decisions_kept_by(DecisionRecorder& recorder) { recorder_ = &recorder; }

  /// Throws Error: the peer keeps its copy, and sends it again.
  [[nodiscard]] smtp::Reply accept(const mail::Envelope& envelope, Blob octets) const;

 private:
  [[nodiscard]] std::optional<smtp::Reply> refuse_early(const config::Config& config,
                                                        const mail::Message& received) const;
  [[nodiscard]] policy::Decision plan(const mail::Envelope& envelope, const mail::Message& received,
                                      const crypt::Inspection& seen) const;
  [[nodiscard]] pki::Ring ring_for(const mail::Envelope& envelope,
                                   const mail::Message& received) const;
  void remember(const mail::Envelope& envelope, const mail::Message& received,
                const crypt::Inspection& seen) const;
  void remember_openpgp(const mail::Envelope& envelope, const crypt::Inspection& seen) const;
  void log_decision(const mail::Envelope& envelope, const crypt::Inspection& seen,
                    const policy::Decision& decision) const;

  const Current<config::Config>& config_;
  pki::Keys& keys_;
  spool::Spool& spool_;
  Ways ways_;
  const Log& log_;
  Seeker* seeker_ = nullptr;
  DecisionRecorder* recorder_ = nullptr;
};

}  // namespace siegel::relay
