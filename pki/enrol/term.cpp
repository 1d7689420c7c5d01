#include "pki/enrol/term.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace siegel::pki::enrol {
namespace {

constexpr std::chrono::days told_of_after_the_end{30};

bool covers(CertificateUse use, CertificateUse wanted) {
  return use == CertificateUse::both || use == wanted;
}

/// It signs or is encrypted to as long as its time lasts.
bool serves(const Term& term) {
  return term.request ? is_in_service(term.request->state) : term.own.has_key;
}

/// It was needed to its end: neither superseded nor revoked.
bool has_run_out(const Office& office, const Term& term) {
  if (!term.request) return false;
  const auto history = office.ledger.history(term.request->id);
  return std::ranges::find(history, State::expired, &Transition::to) != history.end();
}

/// Another certificate does what `term` does for this use, and longer.
bool has_other(const std::vector<Term>& all, const Term& term, CertificateUse use) {
  return std::ranges::any_of(all, [&](const Term& other) {
    return other.own.mailbox == term.own.mailbox && serves(other) && covers(other.own.use, use) &&
           other.own.certificate.not_after() > term.own.certificate.not_after();
  });
}

bool is_replaced(const std::vector<Term>& all, const Term& term) {
  constexpr std::array uses{CertificateUse::sign, CertificateUse::encrypt};
  return std::ranges::all_of(uses, [&](CertificateUse use) {
    return !covers(term.own.use, use) || has_other(all, term, use);
  });
}

std::string month_of(std::chrono::year_month month) {
  return rfc3339(std::chrono::sys_days(month / 1)).substr(0, 7);
}

}  // namespace

std::vector<Term> terms(const Office& office) {
  std::map<std::string, Request> requests;
  for (Request& request : office.ledger.list())
    if (!request.fingerprint.empty()) requests.insert_or_assign(request.fingerprint, request);
  const Time now = office.clock.now();
  std::vector<Term> found;
  for (OwnCertificate& own : office.store.own_certificates()) {
    const auto request = requests.find(own.certificate.fingerprint());
    const auto left = std::chrono::floor<std::chrono::days>(own.certificate.not_after() - now);
    found.push_back({std::move(own),
                     request == requests.end() ? std::nullopt : std::optional(request->second),
                     left.count()});
  }
  return found;
}

std::vector<Term> ending(const Office& office, std::chrono::seconds time) {
  const Time now = office.clock.now();
  const auto all = terms(office);
  std::vector<Term> found;
  std::ranges::copy_if(all, std::back_inserter(found), [&](const Term& term) {
    const Time end = term.own.certificate.not_after();
    if (end > now + time || end < now - told_of_after_the_end) return false;
    return (serves(term) || has_run_out(office, term)) && !is_replaced(all, term);
  });
  return found;
}

std::map<std::string, std::int64_t> forecast(const Office& office, int months) {
  const std::chrono::year_month_day today(
      std::chrono::floor<std::chrono::days>(office.clock.now()));
  std::map<std::string, std::int64_t> found;
  for (int i = 0; i < months; ++i)
    found[month_of(today.year() / today.month() + std::chrono::months(i))] = 0;
  for (const Term& term : terms(office)) {
    const auto month = found.find(rfc3339(term.own.certificate.not_after()).substr(0, 7));
    if (serves(term) && month != found.end()) ++month->second;
  }
  return found;
}

}  // namespace siegel::pki::enrol
