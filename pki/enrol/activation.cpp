#include "pki/enrol/activation.h"

#include "base/error.h"

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
    if (request.state == State::checked) request = install(std::move(request));
    if (request.state == State::installed && request.purpose != Purpose::sign)
      request = publish(std::move(request));
    // Before the last step, so that nothing is left to do once it is taken.
    supersede_predecessor(request);
    return office_.ledger.advance(std::move(request), State::active, office_.because("in service"));
  }

 private:
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
    return office_.ledger.advance(
        std::move(request), State::published,
        office_.because("handed over with every signed mail of the mailbox"));
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
  ready.states = {State::checked, State::installed, State::published};
  const Activation activation(office, self_test);
  return for_each(
      office.ledger.list(ready), [&](const Request& request) { return activation.run(request); },
      progress);
}

}  // namespace siegel::pki::enrol
