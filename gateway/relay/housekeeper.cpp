#include "gateway/relay/housekeeper.h"

#include <exception>
#include <set>
#include <utility>

#include "base/release.h"
#include "pki/fetch_guarded.h"
#include "pki/lists.h"
#include "pki/statuses.h"

namespace siegel::relay {
namespace {

constexpr auto failure = "housekeeping_failed";
constexpr std::chrono::minutes round_time{1};
constexpr std::chrono::seconds tick{2};
constexpr std::chrono::days expiry_warning{30};
constexpr std::chrono::days expiry_repeated{1};

}  // namespace

Housekeeper::Housekeeper(const Current<config::Config>& config, pki::KeyStore& store,
                         spool::Spool& spool, const Clock& clock, const Log& log)
    : config_(config), store_(store), spool_(spool), clock_(clock), log_(log), rounds_([this] {
        return go_on();
      }) {}

void Housekeeper::start(std::chrono::seconds patience) {
  rounds_.start();
  if (rounds_.wait_for_first(patience)) return;
  log_.warning("revocation_lists_late",
               {{"what", "serving mail while lists are still being fetched"}});
}

void Housekeeper::wake() {
  is_due_ = true;
  rounds_.wake();
}

/// Between two rounds only what mail is waiting for.
std::chrono::milliseconds Housekeeper::go_on() {
  const auto now = std::chrono::steady_clock::now();
  // Taken before the round: who wakes us in the middle of it gets another one.
  if (is_due_.exchange(false) || now >= next_round_) {
    round();
    next_round_ = now + round_time;
  } else {
    attempt(log_, failure, "revocation statuses", [this] { refresh_statuses(); });
  }
  return tick;
}

void Housekeeper::round() {
  attempt(log_, failure, "clock", [this] { report_clock(); });
  attempt(log_, failure, "revocation lists",
          [this] { pki::refresh_lists(*config_.load(), store_, clock_, log_); });
  attempt(log_, failure, "revocation statuses", [this] { care_for_statuses(); });
  attempt(log_, failure, "damaged items", [this] { report_damaged(); });
  attempt(log_, failure, "peer keys", [this] { report_expired_peers(); });
  attempt(log_, failure, "mailboxes", [this] { report_mailboxes(); });
  attempt(log_, failure, "certificates that end", [this] { report_expiring(); });
}

/// The only place where URLs out of certificates are asked.
void Housekeeper::refresh_statuses() const {
  const auto config = config_.load();
  if (config->revocation.hosts.empty()) return;
  static_cast<void>(
      pki::refresh_statuses(store_, pki::GuardedFetch(config->revocation.hosts), clock_, log_));
}

void Housekeeper::care_for_statuses() const {
  store_.forget_old_statuses();
  if (config_.load()->revocation.hosts.empty()) return;
  pki::note_own_needs(store_, clock_);
  refresh_statuses();
}

/// nothing is trusted by a wrong clock; each round says so until somebody has set it right.
/// One that nothing keeps right is told when it comes to be so: in a container it may stay so.
void Housekeeper::report_clock() {
  const bool is_adrift = !clock_.is_synchronised();
  if (is_adrift && !adrift_told_)
    log_.warning("clock_unsynchronised",
                 {{"what", config_.load()->smime.synchronised_clock
                               ? "no signature is good until the kernel calls the clock "
                                 "synchronised; set up NTP"
                               : "the kernel does not call the clock synchronised; set up NTP, in "
                                 "a container on its host"}});
  adrift_told_ = is_adrift;
  if (clock_.now() >= release_time()) return;
  log_.alarm("clock_wrong", {{"shows", rfc3339(clock_.now())},
                             {"what", "no signature is good by this clock; set it right"}});
}

void Housekeeper::report_damaged() const {
  for (const std::string& id : spool_.take_damaged()) {
    log_.alarm(
        "item_damaged",
        {{"id", id}, {"what", "set aside in the spool's folder damaged/, please look at it"}});
  }
  for (const std::string& row : store_.take_damaged())
    log_.alarm("row_damaged", {{"row", row}, {"what", "passed over until it is restored"}});
}

/// what was encrypted so far is refused, or leaves in clear, by the rules: somebody must
/// know.
void Housekeeper::report_expired_peers() const {
  for (const Address& peer : store_.note_expired_peers(clock_.now())) {
    log_.warning("peer_key_expired", {{"peer", peer.str()},
                                      {"what",
                                       "no usable key is left; mail to this address can no "
                                       "longer be encrypted"}});
  }
}

/// A mailbox that has a certificate to sign with, and yet cannot: it was revoked, or has expired.
/// Each reason is told once.
void Housekeeper::report_mailboxes() {
  std::set<Address> has_certificate, signs;
  for (const pki::OwnCertificate& own : store_.own_certificates()) {
    if (own.use == pki::CertificateUse::encrypt) continue;
    has_certificate.insert(own.mailbox);
    if (own.signs_now) signs.insert(own.mailbox);
  }
  std::map<std::string, std::string> silent;
  for (const Address& mailbox : has_certificate) {
    if (signs.contains(mailbox)) continue;
    const std::string why = store_.why_no_signer(mailbox, clock_.now());
    silent[mailbox.str()] = why;
    if (silent_[mailbox.str()] == why) continue;
    log_.alarm("mailbox_cannot_sign", {{"mailbox", mailbox.str()},
                                       {"why", why},
                                       {"what", "install a new one with siegel cert import"}});
  }
  silent_ = std::move(silent);
}

void Housekeeper::report_expiring() {
  const Time now = clock_.now();
  if (now >= expiring_told_ && now < expiring_told_ + expiry_repeated) return;
  for (const pki::OwnCertificate& own : store_.own_certificates()) {
    if (!own.signs_now || own.certificate.not_after() > now + expiry_warning) continue;
    log_.warning("certificate_expires", {{"mailbox", own.mailbox.str()},
                                         {"until", rfc3339(own.certificate.not_after())},
                                         {"certificate", own.certificate.fingerprint()}});
  }
  expiring_told_ = now;
}

}  // namespace siegel::relay
