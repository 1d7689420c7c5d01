#include "pki/enrol/cancel.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "pki/enrol/start.h"

namespace siegel::pki::enrol {
namespace {

/// What belongs to the step that ends the use of a request's key.
Ledger::Also without_key(const Office& office, const Request& request, const std::string& why) {
  return [&office, why, key_id = request.key_id,
          mailbox = request.wish.mailbox.str()](Database::Session& session) {
    if (!KeyStore::has_certificate(session, key_id))
      office.store.destroy_key(session, key_id,
                               {office.actor, "key-destroyed", mailbox, key_id + ": " + why});
  };
}

Error cannot_be_cancelled(State state) {
  return {Fault::peer, "is " + std::string(name(state)) +
                           " and cannot be cancelled any more; wait for what comes next, or "
                           "revoke its certificate when it is there"};
}

Error must_be_revoked(const Request& request) {
  return {Fault::peer,
          "has got a certificate that does not fit, and that its authority stands by; "
          "have that revoked with `siegel cert revoke --id " +
              std::to_string(request.id) +
              "`, or give the request up all the same with --although-issued"};
}

/// For the record: who else has to do something about it.
std::string still_valid(const Request& request) {
  const Certificate certificate = certificate_of(request);
  return "; the certificate with serial number " + certificate.serial() + " of " +
         certificate.issuer() + " stays valid until its authority revokes it";
}

/// As it was when it was wished for.
Request begun_anew(Request request) {
  return {.id = request.id,
          .wish = std::move(request.wish),
          .purpose = request.purpose,
          .state = request.state,
          .created = request.created,
          .renews = request.renews};
}

/// A draft is what an interrupted try has left.
bool can_be_tried_again(const Request& request) {
  return request.state == State::draft || is_allowed(request.state, State::draft, request.purpose);
}

Request as_draft(const Office& office, const Request& request, const std::string& reason) {
  if (request.state == State::draft) return request;
  return office.ledger.advance(begun_anew(request), State::draft, office.because(reason),
                               without_key(office, request, "tried again with a new key"));
}

}  // namespace

Report cancel(const Office& office, const Filter& filter, const std::string& reason,
              Misfit misfit) {
  std::vector<Request> requests = office.ledger.list(filter);
  std::erase_if(requests, [](const Request& request) {
    return is_final(request.state) || request.state == State::decrypt_only;
  });
  return with_token_cleared(office, for_each(requests, [&](Request request) {
                              if (!is_allowed(request.state, State::cancelled, request.purpose))
                                throw cannot_be_cancelled(request.state);
                              const bool is_misfit = request.state == State::mismatch;
                              if (is_misfit && misfit == Misfit::kept)
                                throw must_be_revoked(request);
                              const auto also = without_key(office, request, "cancelled");
                              const std::string why =
                                  is_misfit ? reason + still_valid(request) : reason;
                              // A batch that is being written must not ask for it any more.
                              if (request.state == State::csr_ready) request.batch.clear();
                              return office.ledger.advance(std::move(request), State::cancelled,
                                                           office.because(why), also);
                            }));
}

Report retry(const Office& office, const Filter& filter, const std::string& reason) {
  std::vector<Request> requests = office.ledger.list(filter);
  std::erase_if(requests, [](const Request& request) { return !can_be_tried_again(request); });
  std::vector<Trouble> invalid;
  Report report = for_each(requests, [&](const Request& request) {
    Request after = bring_forward(office, as_draft(office, request, reason), reason);
    if (after.state == State::invalid)
      invalid.push_back({called(after), "breaks its CA profile: " + after.reason +
                                            "; mend the profile and try again, or cancel it and "
                                            "start the mailbox anew"});
    return after;
  });
  report.add({{}, std::move(invalid)});
  return with_token_cleared(office, std::move(report));
}

}  // namespace siegel::pki::enrol
