#include "pki/enrol/submit.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/error.h"
#include "base/hex.h"
#include "pki/enrol/check.h"

namespace siegel::pki::enrol {
namespace {

using enum State;

constexpr std::uint32_t attempts_limit = 20;

/// 1, 2, 4 … minutes, at most four hours. REQUIRES: attempts is not 0.
std::chrono::minutes back_off(std::uint32_t attempts) {
  return std::min<std::chrono::minutes>(std::chrono::minutes(1U << std::min(attempts - 1, 8U)),
                                        std::chrono::hours(4));
}

/// What is said by `answer` becomes the request's next state.
class Settling {
 public:
  Settling(const Office& office, Request request) : office_(office), request_(std::move(request)) {}

  Request operator()(const Issued& issued) {
    const std::string evidence = "by " + request_.wish.profile;
    return take_certificate(office_, std::move(request_), issued, evidence);
  }
  Request operator()(const Waiting& waiting) {
    request_.transaction = waiting.transaction;
    request_.next_try = waiting.next_try;
    request_.attempts = 0;
    if (request_.state == pending_ra) return office_.ledger.note(std::move(request_));
    return advance(pending_ra, "the authority has the request and will decide");
  }
  Request operator()(const Refused& refused) {
    return advance(rejected, "the authority refuses: " + refused.reason);
  }
  Request operator()(const Unreachable& unreachable) {
    request_.attempts += 1;
    request_.next_try = office_.clock.now() + back_off(request_.attempts);
    request_.reason = unreachable.reason;
    if (request_.state == pending_ra) return office_.ledger.note(std::move(request_));
    request_ = advance(retry, unreachable.reason);
    if (request_.attempts < attempts_limit) return request_;
    return advance(failed, "gave up after " + std::to_string(attempts_limit) +
                               " attempts: " + unreachable.reason);
  }

 private:
  Request advance(State to, const std::string& reason) {
    return office_.ledger.advance(request_, to, office_.because(reason));
  }

  const Office& office_;
  Request request_;
};

class Round {
 public:
  Round(const Office& office, const Connect& connect) : office_(office), connect_(connect) {}

  /// Connects to the authorities of `requests`. Whoever cannot be worked with, because the set-up
  /// is broken, is told of once, and its requests are left out: nothing about them has to change.
  Report open(std::vector<Request>& requests) {
    Report report;
    std::map<std::string, bool> is_broken;
    for (const Request& request : requests) {
      const std::string& profile = request.wish.profile;
      if (request.state == issued || is_broken.contains(profile)) continue;
      auto trouble = open(profile);
      is_broken[profile] = trouble.has_value();
      if (trouble) report.troubles.push_back(*std::move(trouble));
    }
    std::erase_if(requests, [&](const Request& request) {
      return request.state != issued && is_broken[request.wish.profile];
    });
    return report;
  }

  Request run(Request request) {
    if (request.state == issued) return check_again(office_, std::move(request));
    // Whoever does not answer one request would keep us waiting for each of the others.
    if (silent_.contains(request.wish.profile)) return request;
    CertificateAuthority& authority = authority_of(request.wish.profile);
    const Submission submission = submission_of(request);
    if (request.state != pending_ra) request = sent(std::move(request));
    // Asked before the request is handed on: the order of arguments is nobody's promise.
    const Answer answer = ask(authority, submission, request);
    if (std::holds_alternative<Unreachable>(answer)) silent_.insert(request.wish.profile);
    return settle(answer, std::move(request));
  }

 private:
  /// Nothing, or why `profile` cannot be worked with. One that is gone is told with its requests.
  std::optional<Trouble> open(const std::string& profile) {
    try {
      authority_of(profile);
    } catch (const Error& error) {
      if (error.fault() != Fault::peer)
        return Trouble{"CA profile " + profile,
                       std::string(error.what()) + "; its requests wait until that is done"};
    }
    return std::nullopt;
  }

  /// What its connector throws after the request was sent is one more way in which an authority
  /// cannot be reached: the request must not stay as it is and be sent again and again.
  static Answer ask(CertificateAuthority& authority, const Submission& submission,
                    const Request& request) {
    try {
      return request.state == pending_ra ? authority.poll(submission, request.transaction)
                                         : authority.submit(submission);
    } catch (const Error& error) {
      return Unreachable{error.what()};
    }
  }

  Request settle(const Answer& answer, Request request) const {
    return std::visit(Settling(office_, std::move(request)), answer);
  }

  /// Written before it is sent: what was sent is never forgotten.
  Request sent(Request request) const {
    if (request.state == submitted)
      request = office_.ledger.advance(std::move(request), retry,
                                       office_.because("the answer was never recorded"));
    return office_.ledger.advance(std::move(request), submitted,
                                  office_.because("sent to the authority"));
  }

  CertificateAuthority& authority_of(const std::string& profile) {
    auto& authority = authorities_[profile];
    if (!authority) authority = connect_(office_.profile(profile));
    if (!authority) throw Error(Fault::peer, "goes by files; use `siegel enrol export`");
    return *authority;
  }

  [[nodiscard]] Submission submission_of(const Request& request) const {
    Submission submission{request.csr, office_.key_of(request), {}};
    const auto before = request.renews == 0 ? std::nullopt : office_.ledger.find(request.renews);
    // What has been revoked or is over proves nothing to an authority.
    if (!before || !is_in_service(before->state)) return submission;
    const auto certificate = Certificate::from_der(before->certificate);
    const auto key = office_.store.own_key(before->key_id);
    if (certificate && key) submission.present = Submission::Present{*certificate, *key};
    return submission;
  }

  const Office& office_;
  const Connect& connect_;
  std::map<std::string, std::unique_ptr<CertificateAuthority>> authorities_;
  std::set<std::string> silent_;  // CA profiles whose authority could not be asked in this round
};

bool is_due(const Request& request, Time now) {
  const bool waits = request.state == pending_ra || request.state == retry;
  return !waits || request.next_try <= now;
}

}  // namespace

Report submit(const Office& office, const Connect& connect, const Filter& filter,
              const Progress& progress) {
  Filter open = filter;
  open.states = {csr_ready, submitted, retry, pending_ra, issued};
  auto requests = office.ledger.list(open);
  const Time now = office.clock.now();
  std::erase_if(requests, [&](const Request& request) {
    return goes_by_files(office, request) || !is_due(request, now);
  });
  Round round(office, connect);
  Report report = round.open(requests);
  report.add(for_each(
      requests, [&](const Request& request) { return round.run(request); }, progress));
  return report;
}

std::optional<Time> next_round(const Office& office) {
  std::optional<Time> next;
  for (const Request& request : office.ledger.list({.states = {retry, pending_ra}})) {
    // What is overdue waits for something else than time: a set-up that has to be mended.
    if (goes_by_files(office, request) || request.next_try < office.clock.now()) continue;
    next = std::min(next.value_or(request.next_try), request.next_try);
  }
  return next;
}

}  // namespace siegel::pki::enrol
