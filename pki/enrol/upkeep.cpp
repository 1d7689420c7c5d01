#include "pki/enrol/upkeep.h"

#include <algorithm>

#include "pki/enrol/renewal.h"
#include "pki/trust.h"

namespace siegel::pki::enrol {
namespace {

using enum State;

/// "90 days"
std::string in_days(std::chrono::seconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::days>(time).count()) + " days";
}

class Round {
 public:
  explicit Round(const Office& office) : office_(office), now_(office.clock.now()) {}

  /// As far as time has moved it, over several states if need be.
  Request run(Request request) {
    for (;;) {
      const State before = request.state;
      request = step(std::move(request));
      if (request.state == before) return request;
      if (before == active && request.state == renewal_due) return request;
    }
  }

  [[nodiscard]] std::vector<Request> take_successors() { return std::move(successors_); }

 private:
  Request step(Request request) {
    switch (request.state) {
      case pending_ra:
        return wait_for_answer(std::move(request));
      case active:
        return look_ahead(std::move(request));
      case renewal_due:
        return look_at_successor(std::move(request));
      case superseded:
        return overlap(std::move(request));
      case revoke_requested:
        return look_for_revocation(std::move(request));
      case revoked:
        return out_of_service(std::move(request), "its certificate is revoked");
      case expired:
        return out_of_service(std::move(request), "its certificate has expired");
      case decrypt_only:
        return retain(std::move(request));
      default:
        return request;
    }
  }

  Request wait_for_answer(Request request) const {
    const auto longest = deadlines(request).answer;
    if (now_ - request.since <= longest) return request;
    return advance(std::move(request), timed_out,
                   "no answer within " + in_days(longest) +
                       "; ask the registration authority what became of it, then try it again "
                       "(`siegel enrol retry`) or cancel it");
  }

  Request look_ahead(Request request) {
    const Time end = certificate_of(request).not_after();
    if (end < now_) return expire(std::move(request), end);
    if (end - now_ > renew_before(request)) return request;
    // Somebody has cancelled it: whether there is to be another is for a person to say.
    const auto successor = successor_of(office_, request);
    if (successor && successor->state == cancelled) return request;
    Renewal renewal =
        begin_renewal(office_, request, "its certificate ends on " + rfc3339_date(end));
    successors_.push_back(std::move(renewal.successor));
    return std::move(renewal.present);
  }

  /// Never in the first half of its life: where an authority issues for less than the profile
  /// expects, each successor would be due at once.
  [[nodiscard]] std::chrono::milliseconds renew_before(const Request& request) const {
    const Certificate certificate = certificate_of(request);
    const auto life = certificate.not_after() - certificate.not_before();
    return std::min<std::chrono::milliseconds>(deadlines(request).renew_before, life / 2);
  }

  Request look_at_successor(Request request) {
    const Time end = certificate_of(request).not_after();
    const auto successor = successor_of(office_, request);
    // An activation that was interrupted in between.
    if (successor && is_in_service(successor->state))
      return advance(std::move(request), superseded,
                     "request " + std::to_string(successor->id) + " has taken its place");
    if (end < now_) return expire(std::move(request), end);
    if (successor && successor->state != cancelled) return request;
    return advance(std::move(request), active, "its successor was cancelled");
  }

  Request expire(Request request, Time end) const {
    return advance(std::move(request), expired, "its certificate ended on " + rfc3339_date(end));
  }

  Request overlap(Request request) const {
    const auto longest = deadlines(request).overlap;
    if (now_ - request.since <= longest) return request;
    return out_of_service(std::move(request),
                          "its successor has been in service for " + in_days(longest));
  }

  Request look_for_revocation(Request request) const {
    const auto purpose =
        request.purpose == Purpose::encrypt ? pki::Purpose::encrypt : pki::Purpose::sign;
    const auto path = office_.store.trust()->validate(certificate_of(request), {}, purpose, now_);
    if (path.status == PathStatus::revoked)
      return advance(std::move(request), revoked, "confirmed by its authority: " + path.reason);
    // RFC 5280 §3.3: lists need not name a certificate that has ended; nobody will confirm it now.
    const Time end = certificate_of(request).not_after();
    return end < now_ ? expire(std::move(request), end) : request;
  }

  /// What was encrypted to it has to stay readable; a signing key is of no more use to anybody but
  /// a thief.
  Request out_of_service(Request request, const std::string& why) const {
    const bool only_signs = request.purpose == Purpose::sign;
    const std::string key_id = request.key_id, fingerprint = request.fingerprint;
    const std::string mailbox = request.wish.mailbox.str();
    return office_.ledger.advance(
        std::move(request), only_signs ? archived : decrypt_only,
        office_.because(why + (only_signs ? "; its key is destroyed" : "; its key only decrypts")),
        [&](Database::Session& session) {
          KeyStore::retire(
              session, fingerprint,
              {office_.actor, "certificate-retired", mailbox, fingerprint + ": " + why}, now_);
          if (only_signs) destroy(session, key_id, mailbox, why);
        });
  }

  /// For ever, unless the profile says how long.
  Request retain(Request request) const {
    const auto* const profile = office_.find_profile(request.wish.profile);
    if (profile == nullptr) return request;
    const auto longest = profile->deadlines.keep_decrypting;
    if (!longest || now_ - request.since <= *longest) return request;
    const std::string why = "it has only decrypted for " + in_days(*longest);
    const std::string key_id = request.key_id, mailbox = request.wish.mailbox.str();
    return office_.ledger.advance(
        std::move(request), archived, office_.because(why + "; its key is destroyed"),
        [&](Database::Session& session) { destroy(session, key_id, mailbox, why); });
  }

  /// Unless somebody has installed another certificate for the same key, which still serves.
  void destroy(Database::Session& session, const std::string& key_id, const std::string& mailbox,
               const std::string& why) const {
    if (!KeyStore::serves(session, key_id))
      office_.store.destroy_key(session, key_id,
                                {office_.actor, "key-destroyed", mailbox, key_id + ": " + why});
  }

  Request advance(Request request, State to, const std::string& reason) const {
    return office_.ledger.advance(std::move(request), to, office_.because(reason));
  }

  [[nodiscard]] const config::Deadlines& deadlines(const Request& request) const {
    return office_.profile(request.wish.profile).deadlines;
  }

  const Office& office_;
  const Time now_;
  std::vector<Request> successors_;
};

}  // namespace

Report keep_up(const Office& office) {
  const auto requests =
      office.ledger.list({.states = {pending_ra, active, renewal_due, superseded, revoke_requested,
                                     revoked, expired, decrypt_only}});
  Round round(office);
  Report report = for_each(requests, [&](const Request& request) { return round.run(request); });
  report = with_successors(std::move(report), round.take_successors());
  return with_token_cleared(office, std::move(report));
}

}  // namespace siegel::pki::enrol
