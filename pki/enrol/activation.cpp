#include "pki/enrol/activation.h"

#include <algorithm>

#include "base/error.h"
#include "pki/enrol/check.h"

namespace siegel::pki::enrol {
namespace {

Error cannot_install(const Imported& imported) {
  return {Fault::peer, imported.remarks.empty() ? "could not be installed"
                                                : "was not installed: " + imported.remarks.front()};
}

/// One request on its last steps.
class Activation {
 public:
  Activation(const Office& office, const SelfTest& self_test)
      : office_(office), self_test_(self_test) {}

  Request run(Request request) const {
    using enum State;
    if (request.state == issued || request.state == mismatch)
      request = check_again(office_, std::move(request));
    if (request.state == mismatch) return request;
    if (request.state == checked && !is_ripe(request)) return wait_or_reject(std::move(request));
    return put_into_service(std::move(request));
  }

 private:
  Request put_into_service(Request request) const {
    if (request.state == State::checked) request = install(std::move(request));
    if (request.state == State::installed && request.purpose != Purpose::sign) {
      if (!is_signing(request) && will_sign(request))
        return note(std::move(request),
                    "waits for the signing certificate of its mailbox: signed mail hands it to "
                    "partners");
      request = publish(std::move(request));
    }
    // Before the last step, so that nothing is left to do once it is taken.
    supersede_predecessor(request);
    return office_.ledger.advance(std::move(request), State::active, office_.because("in service"));
  }

  [[nodiscard]] bool is_ripe(const Request& request) const {
    const Certificate certificate = certificate_of(request);
    const Time now = office_.clock.now();
    return certificate.not_before() <= now && now <= certificate.not_after();
  }

  /// A successor may begin when its predecessor ends: until then that one serves.
  Request wait_or_reject(Request request) const {
    const Certificate certificate = certificate_of(request);
    if (certificate.not_after() < office_.clock.now())
      return office_.ledger.advance(
          std::move(request), State::mismatch,
          office_.because("the certificate expired on " + rfc3339(certificate.not_after()) +
                          " before it was put into service; ask for a new one"));
    return note(std::move(request), "goes into service on " + rfc3339(certificate.not_before()));
  }

  Request note(Request request, const std::string& reason) const {
    if (request.reason == reason) return request;
    request.reason = reason;
    return office_.ledger.note(std::move(request));
  }

  Request install(Request request) const {
    const Certificate certificate = certificate_of(request);
    test(request, certificate);
    const auto imported = office_.store.import(request.wish.mailbox, {{certificate}, {}}, false);
    if (imported.installed.empty() && imported.present.empty()) throw cannot_install(imported);
    return office_.ledger.advance(
        std::move(request), State::installed,
        office_.because("self-test passed, key and certificate are in the store"));
  }

  void test(const Request& request, const Certificate& certificate) const {
    const auto trouble =
        self_test_(certificate, office_.key_of(request), *office_.store.trust(), request.purpose);
    if (trouble)
      throw Error(Fault::peer, "failed its self-test and was not put into service: " + *trouble);
  }

  // STANDARDS §6.4: visible to partners, or its hand-over documented. Every signed mail of the
  // mailbox carries the encryption certificate (RFC 8551 §2.5.3).
  Request publish(Request request) const {
    const auto* const how = is_signing(request)
                                ? "handed over with every signed mail of the mailbox"
                                : "the mailbox signs no mail that would hand it over; partners get "
                                  "it by another way";
    return office_.ledger.advance(std::move(request), State::published, office_.because(how));
  }

  /// The ledger knows at once what the store would have to be read anew for, after each step.
  [[nodiscard]] bool is_signing(const Request& request) const {
    return request.purpose == Purpose::both || any_to_sign(request, is_in_service) ||
           office_.store.signer(request.wish.mailbox, office_.clock.now()).has_value();
  }

  /// The mailbox has a request for a signing certificate.
  [[nodiscard]] bool will_sign(const Request& request) const {
    return any_to_sign(request, [](State state) { return !is_final(state); });
  }

  [[nodiscard]] bool any_to_sign(const Request& request, bool (*stands)(State)) const {
    return std::ranges::any_of(office_.ledger.list({.mailbox = request.wish.mailbox}),
                               [&](const Request& other) {
                                 return other.purpose != Purpose::encrypt && stands(other.state);
                               });
  }

  void supersede_predecessor(const Request& request) const {
    if (request.renews == 0) return;
    const auto before = office_.ledger.find(request.renews);
    if (!before || before->state != State::renewal_due) return;
    office_.ledger.advance(
        *before, State::superseded,
        office_.because("request " + std::to_string(request.id) + " has taken its place"));
  }

  const Office& office_;
  const SelfTest& self_test_;
};

}  // namespace

Report activate(const Office& office, const Filter& filter, const SelfTest& self_test,
                const Progress& progress) {
  Filter ready = filter;
  using enum State;
  ready.states = {issued, mismatch, checked, installed, published};
  const Activation activation(office, self_test);
  return for_each(
      office.ledger.list(ready), [&](const Request& request) { return activation.run(request); },
      progress);
}

}  // namespace siegel::pki::enrol
