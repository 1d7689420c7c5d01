#include "pki/enrol/revoke.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"

namespace siegel::pki::enrol {
namespace {

using enum State;

constexpr std::array reasons{RevocationReason::unspecified, RevocationReason::key_compromise,
                             RevocationReason::affiliation_changed, RevocationReason::superseded,
                             RevocationReason::cessation_of_operation};

/// It has, or may have, a certificate that the world still believes in.
bool can_be_revoked(const Request& request) {
  return !request.certificate.empty() &&
         (request.state == revoke_requested ||
          is_allowed(request.state, revoke_requested, request.purpose));
}

/// What stands in place of an authority's answer where only a person can go to it.
ByHand by_hand(const std::string& profile, const Certificate& certificate,
               RevocationReason reason) {
  return {"write to or call the registration authority of the CA profile " + profile +
          ", as its rules say, and have the certificate with serial number " +
          certificate.serial() + " of " + certificate.issuer() + ", for " + certificate.subject() +
          ", revoked with reason " + std::string(name(reason)) + " (" +
          std::to_string(static_cast<int>(reason)) +
          "); it counts as revoked when its revocation list says so"};
}

class Revocation {
 public:
  Revocation(const Office& office, const Connect& connect, RevocationReason reason)
      : office_(office), connect_(connect), reason_(reason) {}

  Request take_out_of_service(const Request& request) const {
    if (request.state == revoke_requested) return request;
    const std::string why = "revocation was asked for: " + std::string(name(reason_));
    return office_.ledger.advance(
        request, revoke_requested, office_.because(why), [&](Database::Session& session) {
          KeyStore::retire(session, request.fingerprint,
                           {office_.actor, "certificate-retired", request.wish.mailbox.str(),
                            request.fingerprint + ": " + why},
                           office_.clock.now());
        });
  }

  Request ask(Request request) {
    const Certificate certificate = certificate_of(request);
    const RevocationAnswer answer = answer_for(request, certificate);
    if (std::holds_alternative<Done>(answer))
      return office_.ledger.advance(std::move(request), revoked,
                                    office_.because("its authority has revoked it"));
    request.reason = in_words(answer);
    request = office_.ledger.note(std::move(request));
    throw Error(Fault::peer, request.reason);
  }

 private:
  RevocationAnswer answer_for(const Request& request, const Certificate& certificate) {
    const std::string& profile = request.wish.profile;
    auto& authority = authorities_[profile];
    if (!authority) authority = connect_(office_.profile(profile));
    const auto key = office_.store.own_key(certificate.key_id());
    if (!authority || !key) return by_hand(profile, certificate, reason_);
    return authority->revoke(certificate, *key, reason_);
  }

  static std::string in_words(const RevocationAnswer& answer) {
    if (const auto* refused = std::get_if<Refused>(&answer))
      return "out of service here, but its authority refuses to revoke it: " + refused->reason;
    if (const auto* unreachable = std::get_if<Unreachable>(&answer))
      return "out of service here, but not revoked yet: " + unreachable->reason +
             "; give the same command again later";
    return "out of service here; now " + std::get<ByHand>(answer).instruction;
  }

  const Office& office_;
  const Connect& connect_;
  RevocationReason reason_;
  std::map<std::string, std::unique_ptr<CertificateAuthority>> authorities_;
};

Trouble nothing_to_revoke() {
  return {"revocation",
          "no request that fits has a certificate that can be revoked; `siegel enrol "
          "status` shows where each stands, and `siegel enrol cancel` gives up what "
          "has no certificate yet"};
}

/// Both halves of the work, each request once.
Report merged(Report requested, Report asked) {
  std::erase_if(requested.moved, [&](const Request& request) {
    return std::ranges::find(asked.moved, request.id, &Request::id) != asked.moved.end();
  });
  requested.add(std::move(asked));
  return requested;
}

}  // namespace

Report revoke(const Office& office, const Connect& connect, const Filter& filter,
              RevocationReason reason) {
  std::vector<Request> requests = office.ledger.list(filter);
  std::erase_if(requests, [](const Request& request) { return !can_be_revoked(request); });
  if (requests.empty()) return {{}, {nothing_to_revoke()}};
  Revocation revocation(office, connect, reason);
  // All of them stop at once, before the first authority keeps us waiting.
  std::vector<Request> stopped;
  Report requested = for_each(requests, [&](const Request& request) {
    return stopped.emplace_back(revocation.take_out_of_service(request));
  });
  Report asked = for_each(stopped, [&](const Request& request) { return revocation.ask(request); });
  return merged(std::move(requested), std::move(asked));
}

Report confirm_revocation(const Office& office, const Filter& filter, const std::string& evidence) {
  Filter asked = filter;
  asked.states = {revoke_requested};
  const auto requests = office.ledger.list(asked);
  if (requests.empty()) return {{}, {nothing_to_revoke()}};
  return for_each(requests, [&](const Request& request) {
    return office.ledger.advance(
        request, revoked,
        office.because("confirmed by its authority to " + office.actor, evidence));
  });
}

std::span<const RevocationReason> final_reasons() {
  return reasons;
}

std::string_view name(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::unspecified:
      return "unspecified";
    case RevocationReason::key_compromise:
      return "keyCompromise";
    case RevocationReason::affiliation_changed:
      return "affiliationChanged";
    case RevocationReason::superseded:
      return "superseded";
    case RevocationReason::cessation_of_operation:
      return "cessationOfOperation";
    case RevocationReason::certificate_hold:
      return "certificateHold";
  }
  return "";
}

std::optional<RevocationReason> parse_reason(std::string_view word) {
  for (const RevocationReason reason : reasons)
    if (name(reason) == word) return reason;
  return std::nullopt;
}

}  // namespace siegel::pki::enrol
