#include "pki/statuses.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/error.h"
#include "base/release.h"
#include "pki/certificate_urls.h"
#include "pki/path_revocation.h"

namespace siegel::pki {
namespace {

constexpr std::chrono::seconds round_limit{8};
constexpr std::chrono::minutes first_wait{1};
constexpr std::chrono::minutes longest_wait{60};
constexpr std::int64_t doublings = 6;
constexpr std::size_t kept_octets_limit = std::size_t{32} << 20U;

bool is_due(const WantedStatus& wanted, Time now) {
  if (wanted.attempts == 0) return true;
  const auto wait = first_wait * (1 << std::min(wanted.attempts - 1, doublings));
  // A clock that was set back must not put the next attempt off for years.
  return now - wanted.tried >= std::min(wait, longest_wait) || now < wanted.tried;
}

Error useless(const std::string& why) {
  return {Fault::world, why};
}

/// One round over the list; what happened is counted, logged and remembered.
class Round {
 public:
  Round(KeyStore& store, const GuardedFetch& fetch, const Clock& clock, const Log& log)
      : store_(store), fetch_(fetch), clock_(clock), log_(log) {}

  void settle(const StatusNeed& need) {
    if (!is_wanted(need)) {
      ++counts_.spared;
      return store_.settle_wanted(need);
    }
    is_unchanged_ = false;
    std::string trouble;
    const bool is_newer = ask_responders(need, trouble) || ask_for_lists(need, trouble);
    if (is_newer || !is_wanted(need)) {
      ++counts_.learned;
      return store_.settle_wanted(need);
    }
    store_.note_attempt(need, clock_.now(), trouble);
    if (is_unchanged_) {
      ++counts_.waiting;
      return;
    }
    ++counts_.failed;
    log_.warning("status-unknown",
                 {{"certificate", need.certificate.fingerprint()}, {"reason", trouble}});
  }

  [[nodiscard]] const StatusRound& counts() const noexcept { return counts_; }

 private:
  /// since it was noted the anchor may have gone, or the status may have become known.
  [[nodiscard]] bool is_wanted(const StatusNeed& need) const {
    return store_.trust()->wants(need, clock_.now());
  }

  /// The end of an attempt that has brought what we have already.
  Error unchanged(const std::string& why) {
    is_unchanged_ = true;
    return useless(why);
  }

  bool ask_responders(const StatusNeed& need, std::string& trouble) {
    return first_that_helps(responder_urls(need.certificate), trouble,
                            [&](const std::string& url) { take_answer(need, url); });
  }

  bool ask_for_lists(const StatusNeed& need, std::string& trouble) {
    return first_that_helps(list_urls(need.certificate), trouble,
                            [&](const std::string& url) { take_list(need, url); });
  }

  /// Runs `ask` for each URL that is allowed, until one does not throw. All troubles are told: the
  /// operator must see which of the ways is closed, and why.
  template <typename Ask>
  bool first_that_helps(const std::vector<std::string>& urls, std::string& trouble,
                        const Ask& ask) {
    for (const std::string& url : urls) {
      const std::string why =
          silent_.contains(url) ? "no answer a moment ago" : fetch_.why_not(url);
      if (!why.empty()) {
        add(trouble, why);
        continue;
      }
      try {
        ask(url);
        return true;
      } catch (const Error& problem) {
        add(trouble, problem.what());
      }
    }
    return false;
  }

  /// One server that hangs must not cost its time for every certificate that names it.
  template <typename Fetch>
  auto fetched(const std::string& url, const Fetch& fetch) -> decltype(fetch()) {
    try {
      return fetch();
    } catch (const Error&) {
      silent_.insert(url);
      throw;
    }
  }

  void take_answer(const StatusNeed& need, const std::string& url) {
    const OcspRequest request = make_ocsp_request(need);
    const std::string octets = fetched(url, [&] { return fetch_.ask_responder(url, request.der); });
    const OcspReading reading = read_ocsp_response(octets, need, request, clock_.now());
    if (!reading.answer) throw useless(reading.refusal);
    check_responder(need, reading);
    if (reading.answer->status == OcspAnswer::Status::unknown)
      throw useless("the OCSP responder does not know the certificate");
    keep(*reading.answer, need, url);
  }

  // RFC 6960 §4.2.2.2.1: a delegated responder may itself be revoked.
  void check_responder(const StatusNeed& need, const OcspReading& reading) const {
    if (!reading.responder) return;
    const auto trust = store_.trust();
    const std::array<Certificate, 2> path{*reading.responder, need.issuer};
    const OcspAnswers& answers = trust->material().answers;
    const auto known = answers.find(status_subject(*reading.responder, need.issuer));
    const bool is_revoked = PathRevocation(trust->material(), {}, clock_.now()).revokes(path, 0) ||
                            (known != answers.end() && known->second.revokes(clock_.now()));
    if (is_revoked) throw useless("the certificate of the OCSP responder was revoked");
    // What it says against a certificate is heard all the same.
    if (reading.is_responder_revocable && reading.answer->status == OcspAnswer::Status::good)
      check_revocable({*reading.responder, need.issuer, need.above});
  }

  /// Its authority does not vouch for the whole life of this responder: as much must be known of it
  /// as of whatever it speaks about.
  void check_revocable(const StatusNeed& responder) const {
    const PathResult path = store_.trust()->check(responder, clock_.now());
    if (path.status == PathStatus::trusted) return;
    const bool is_unknown = path.status == PathStatus::unchecked_revocation;
    if (is_unknown && path.soft_fail) return;
    if (is_unknown) store_.note_wanted(path.wanted, clock_.now());
    throw useless("it is not known whether the OCSP responder itself was revoked: " + path.reason);
  }

  void keep(const OcspAnswer& answer, const StatusNeed& need, const std::string& url) {
    switch (store_.keep_answer(answer, need, url)) {
      case KeyStore::AnswerTaken::newer:
        log_.info("status-learned",
                  {{"certificate", need.certificate.fingerprint()},
                   {"status", answer.status == OcspAnswer::Status::good ? "good" : "revoked"},
                   {"source", url}});
        return;
      case KeyStore::AnswerTaken::same:
        throw unchanged("the OCSP responder has nothing newer yet");
      case KeyStore::AnswerTaken::rollback:
        log_.alarm("status-refused", {{"certificate", need.certificate.fingerprint()},
                                      {"source", url},
                                      {"what",
                                       "an older answer than the one we have; ask the "
                                       "authority whether its responder was set back"}});
        throw useless("the answer is older than the one we have");
    }
  }

  void take_list(const StatusNeed& need, const std::string& url) {
    const Crl list = list_at(url);
    switch (store_.keep_crl(list, url, {&need.issuer, 1})) {
      case KeyStore::CrlTaken::newer:
        log_.info("list-taken",
                  {{"source", url}, {"issuer", list.issuer()}, {"number", list.number()}});
        return;
      case KeyStore::CrlTaken::same:
        throw unchanged("there is no newer revocation list yet");
      case KeyStore::CrlTaken::rollback:
        log_.alarm("list-refused", {{"source", url}, {"issuer", list.issuer()}});
        throw useless("the revocation list is older than the one we have");
      case KeyStore::CrlTaken::foreign:
        throw useless("the revocation list is not signed by the issuer of the certificate");
      case KeyStore::CrlTaken::unusable:
        throw useless("the revocation list relies on an algorithm or extension not accepted here");
    }
  }

  /// A list that all certificates of an authority name is fetched once in a round.
  Crl list_at(const std::string& url) {
    if (const auto known = lists_.find(url); known != lists_.end()) return known->second;
    return fetched(url, [&] {
      const std::string octets = fetch_.get(url);
      const auto list = Crl::parse(octets);
      if (!list) throw useless("what " + url + " gives is no revocation list");
      kept_octets_ += octets.size();
      if (kept_octets_ <= kept_octets_limit) lists_.emplace(url, *list);
      return *list;
    });
  }

  static void add(std::string& trouble, const std::string& more) {
    if (!trouble.empty()) trouble += "; ";
    trouble += more;
  }

  KeyStore& store_;
  const GuardedFetch& fetch_;
  const Clock& clock_;
  const Log& log_;
  std::set<std::string> silent_;  // URLs that gave no answer in this round
  std::map<std::string, Crl> lists_;
  std::size_t kept_octets_ = 0;
  bool is_unchanged_ = false;  // the present need: some place has what we have already
  StatusRound counts_;
};

}  // namespace

StatusRound refresh_statuses(KeyStore& store, const GuardedFetch& fetch, const Clock& clock,
                             const Log& log) {
  Round round(store, fetch, clock, log);
  if (clock.now() < release_time()) return round.counts();  // no answer could be judged
  const auto end = std::chrono::steady_clock::now() + round_limit;
  for (const WantedStatus& wanted : store.wanted_statuses()) {
    if (std::chrono::steady_clock::now() >= end) break;
    if (is_due(wanted, clock.now())) round.settle(wanted.need);
  }
  return round.counts();
}

void note_own_needs(KeyStore& store, const Clock& clock) {
  const Time now = clock.now();
  const auto trust = store.trust();
  std::vector<StatusNeed> wanted;
  for (const OwnCertificate& own : store.own_certificates()) {
    if (!own.has_key) continue;
    const auto purpose = own.use == CertificateUse::encrypt ? Purpose::encrypt : Purpose::sign;
    std::ranges::move(trust->validate(own.certificate, {}, purpose, now).wanted,
                      std::back_inserter(wanted));
  }
  store.note_wanted(wanted, now);
}

bool can_be_asked(const StatusNeed& need, const GuardedFetch& fetch) {
  const auto is_open = [&](const std::string& url) { return fetch.why_not(url).empty(); };
  return std::ranges::any_of(responder_urls(need.certificate), is_open) ||
         std::ranges::any_of(list_urls(need.certificate), is_open);
}

}  // namespace siegel::pki
