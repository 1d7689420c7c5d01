#include "pki/enrol/renewal.h"

#include <algorithm>

#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "pki/enrol/start.h"
#include "pki/trust.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::size_t shortest_prefix = 8;

Error in_the_way(const Request& other) {
  return {Fault::peer, "cannot be renewed, because request " + std::to_string(other.id) +
                           " for the same purpose is " + std::string(name(other.state)) +
                           "; bring that one to its end, or cancel it"};
}

Trouble nothing_issued_by(const std::string& issuer) {
  return {printable(issuer),
          "has issued no certificate that is in service here; `siegel cert list` shows who has"};
}

bool is_being_renewed(const Request& request) {
  return request.state == State::renewal_due;
}

/// Which certificates an authority has issued.
class Issuer {
 public:
  Issuer(const Office& office, const std::string& given) : name_(given) {
    std::string digits = ascii::lower(given);
    std::erase(digits, ':');
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (digits.size() < shortest_prefix || !std::ranges::all_of(digits, is_digit)) return;
    const auto trust = office.store.trust();
    for (const Anchor& anchor : trust->material().anchors) consider(anchor.certificate, digits);
    for (const Certificate& each : trust->material().intermediates) consider(each, digits);
  }

  [[nodiscard]] bool has_issued(const Certificate& certificate) const {
    if (certificate.issuer().find(name_) != std::string::npos) return true;
    return std::ranges::any_of(authorities_, [&](const Certificate& authority) {
      return X509_check_issued(authority.x509(), certificate.x509()) == X509_V_OK;
    });
  }

 private:
  void consider(const Certificate& authority, const std::string& digits) {
    if (authority.fingerprint().starts_with(digits)) authorities_.push_back(authority);
  }

  std::string name_;
  std::vector<Certificate> authorities_;
};

/// The same once more, but with a key as the profile demands it by now.
Wish wish_for_successor(const Office& office, const Request& present) {
  Wish wish = present.wish;
  const auto& allowed = office.profile(wish.profile).keys.types;
  if (std::ranges::find(allowed, name(wish.key_type)) == allowed.end())
    wish.key_type = parse_key_type(allowed.front()).value();
  return wish;
}

Report renewed(const Office& office, const std::vector<Request>& requests,
               const std::string& reason) {
  std::vector<Request> successors;
  Report report = for_each(requests, [&](const Request& request) {
    Renewal renewal = begin_renewal(office, request, reason);
    successors.push_back(std::move(renewal.successor));
    return std::move(renewal.present);
  });
  return with_successors(std::move(report), std::move(successors));
}

}  // namespace

Renewal begin_renewal(const Office& office, const Request& present, const std::string& reason) {
  auto added = office.ledger.add(wish_for_successor(office, present), present.purpose,
                                 office.because(reason), present.id);
  if (added.request.renews != present.id) throw in_the_way(added.request);
  Request successor = bring_forward(office, std::move(added.request),
                                    "renews request " + std::to_string(present.id));
  if (present.state == State::renewal_due) return {present, std::move(successor)};
  return {office.ledger.advance(present, State::renewal_due, office.because(reason)),
          std::move(successor)};
}

std::optional<Request> successor_of(const Office& office, const Request& present) {
  std::optional<Request> newest;
  for (Request& request : office.ledger.list({.mailbox = present.wish.mailbox}))
    if (request.renews == present.id) newest = std::move(request);
  return newest;
}

Report with_successors(Report report, std::vector<Request> successors) {
  for (Request& successor : successors) {
    if (successor.state == State::invalid)
      report.troubles.push_back({called(successor), "cannot be renewed: " + successor.reason +
                                                        "; mend the CA profile, then "
                                                        "`siegel enrol retry --id " +
                                                        std::to_string(successor.id) + "`"});
    report.moved.push_back(std::move(successor));
  }
  return report;
}

Report renew(const Office& office, const Filter& filter, const std::string& reason) {
  std::vector<Request> requests = office.ledger.list(filter);
  std::erase_if(requests, [](const Request& request) { return request.state != State::active; });
  return renewed(office, requests, reason);
}

Report reissue(const Office& office, const std::string& issuer, Time before) {
  if (issuer.empty())
    throw Error(Fault::peer, "name the authority whose certificates are to be replaced");
  const Issuer authority(office, issuer);
  auto requests = office.ledger.list({.states = {State::active, State::renewal_due}});
  std::erase_if(requests, [&](const Request& request) {
    return !authority.has_issued(certificate_of(request));
  });
  if (requests.empty()) return {{}, {nothing_issued_by(issuer)}};
  std::erase_if(requests, is_being_renewed);
  return renewed(
      office, requests,
      "to be replaced before " + rfc3339_date(before) + ", as all certificates of its authority");
}

}  // namespace siegel::pki::enrol
