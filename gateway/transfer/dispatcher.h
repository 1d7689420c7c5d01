#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/blob.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/smtp/outcome.h"
#include "gateway/transfer/access.h"
#include "gateway/transfer/links.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/uploads.h"

namespace siegel::transfer {

/// How long a mail is tried before its sender is told that it could not be sent.
inline constexpr std::chrono::hours give_up_mail{24 * 5};

/// What the daemon does without being asked: scans what waits, sends what is in the outbox, warns
/// of what ends soon, erases what has ended. Each of the two rounds has a thread of its own,
/// because the scan of large files takes long, and a link to sign in must not wait for it.
class Dispatcher {
 public:
  /// How the relay is given a mail; smtp::deliver in the daemon.
  using Deliver = std::function<std::vector<smtp::Outcome>(
      const config::Delivery&, const std::string&, const mail::Envelope&, const Blob&)>;

  struct Rooms {
    Database& database;
    BlobStore& store;
    Uploads& uploads;
    Parcels& parcels;
    Links& links;
    Outbox& outbox;
    Access& access;
  };
  Dispatcher(const Current<config::Config>& config, Rooms rooms, Deliver deliver,
             const Clock& clock, const Log& log);

  /// Does all that is due. They never throw.
  void scan_round();
  void mail_round();

 private:
  void look_at_or_postpone(const std::string& id);
  void look_at(const std::string& id);
  void send_mails();
  void send_or_postpone(const std::string& id);
  void send_or_give_up(const Outbox::Waiting& waiting);
  void send(const Outbox::Waiting& waiting);
  void forget(const Outbox::Waiting& waiting);
  [[nodiscard]] bool is_answer(const Mail& mail) const;
  void give_up(const Outbox::Waiting& waiting, const std::string& why);
  void warn_of_ends();
  void tell_owner(const Parcel& parcel, const std::string& what, Wording words);
  void tell_of_delay(const Parcel& parcel);
  void sweep();
  void remove_strays();

  const Current<config::Config>& config_;
  Rooms rooms_;
  Deliver deliver_;
  const Clock& clock_;
  const Log& log_;
  Time swept_{};  // by the mail round only
};

}  // namespace siegel::transfer
