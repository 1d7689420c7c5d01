#include "pki/enrol/key_destruction.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace siegel::pki::enrol {
namespace {

using enum State;

constexpr std::array in_use{active, renewal_due, suspended, superseded};
constexpr std::array over{revoke_requested, revoked, expired, archived, cancelled};

template <std::size_t size>
bool is_one_of(const std::array<State, size>& states, State state) {
  return std::ranges::find(states, state) != states.end();
}

Error is_on_its_way(const Request& request) {
  const std::string number = std::to_string(request.id);
  const bool can_be_given_up = is_allowed(request.state, cancelled, request.purpose);
  return {Fault::peer,
          "request " + number + " of " + called(request) + " is " +
              std::string(name(request.state)) + " and needs this key; " +
              (can_be_given_up ? "`siegel enrol cancel --id " + number + "` gives both up"
                               : "wait for its authority, or, if there is a certificate, have that "
                                 "revoked with `siegel cert revoke --id " +
                                     number + "`")};
}

Error would_be_lost(const OwnCertificate& certificate) {
  const bool opens = certificate.use != CertificateUse::sign;
  return {Fault::peer, "a certificate of " + certificate.mailbox.str() + " with this key " +
                           (certificate.is_retired ? "still opens old mail" : "is in service") +
                           "; take it out of service with `siegel cert revoke`" +
                           (opens ? ", and keep the key as long as mail to it is to be read" : "") +
                           "; --although-mail-becomes-unreadable destroys it all the same"};
}

/// One key, and all that hangs on it.
class Destruction {
 public:
  Destruction(const Office& office, const std::string& key_id, const std::string& reason)
      : office_(office),
        key_id_(key_id),
        reason_(reason),
        request_(office.ledger.find_by_key(key_id)) {
    for (OwnCertificate& each : office.store.own_certificates())
      if (each.certificate.key_id() == key_id) certificates_.push_back(std::move(each));
  }

  void demand_free(Loss loss) const {
    if (request_ && !serves() && !is_one_of(over, request_->state)) throw is_on_its_way(*request_);
    if (loss == Loss::accepted) return;
    const Time now = office_.clock.now();
    for (const OwnCertificate& each : certificates_) {
      const bool is_served = !each.is_retired && now <= each.certificate.not_after();
      if (is_served || each.use != CertificateUse::sign) throw would_be_lost(each);
    }
  }

  /// What an interruption leaves is less than before, and done by the same command again.
  Report run() {
    for (const OwnCertificate& each : certificates_)
      office_.store.retire(each.certificate.fingerprint(),
                           event("certificate-retired", each.certificate.fingerprint()));
    if (request_ && serves()) return {{moved_on()}, {}};
    office_.store.destroy_key(key_id_, event("key-destroyed", key_id_));
    return {};
  }

 private:
  [[nodiscard]] bool serves() const {
    return request_->state == decrypt_only || is_one_of(in_use, request_->state);
  }

  [[nodiscard]] Event event(const char* action, const std::string& what) const {
    const std::string subject = !certificates_.empty() ? certificates_.front().mailbox.str()
                                : request_             ? request_->wish.mailbox.str()
                                                       : key_id_;
    return {office_.actor, action, subject, what + ": " + reason_};
  }

  Request moved_on() const {
    const State to = request_->state == decrypt_only ? archived : revoke_requested;
    return office_.ledger.advance(
        *request_, to, office_.because("its key was destroyed: " + reason_),
        [&](Database::Session& session) {
          office_.store.destroy_key(session, key_id_, event("key-destroyed", key_id_));
        });
  }

  const Office& office_;
  const std::string& key_id_;
  const std::string& reason_;
  std::optional<Request> request_;
  std::vector<OwnCertificate> certificates_;
};

}  // namespace

Report destroy_key(const Office& office, const std::string& key_id, const std::string& reason,
                   Loss loss) {
  Destruction destruction(office, key_id, reason);
  destruction.demand_free(loss);
  return with_token_cleared(office, destruction.run());
}

}  // namespace siegel::pki::enrol
