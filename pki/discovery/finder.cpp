#include "pki/discovery/finder.h"

#include <algorithm>

#include "base/error.h"

namespace siegel::pki::discovery {
namespace {

using Outcome = Answer::Outcome;

constexpr std::size_t remembered_limit = 10'000;
constexpr std::size_t breakers_limit = 1'000;
/// Whoever could not be asked may be there again soon.
constexpr std::chrono::minutes after_failure{1};

/// A certificate that ends soon is to be looked for again when it has (STANDARDS §5.5: at most
/// until its notAfter).
std::chrono::seconds lasting(const Finds& finds, Time now, std::chrono::seconds keep) {
  for (const Certificate& each : finds.certificates) {
    if (!each.is_authority() && each.not_after() > now)
      keep =
          std::min(keep, std::chrono::duration_cast<std::chrono::seconds>(each.not_after() - now));
  }
  return keep;
}

}  // namespace

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::found:
      return "found";
    case Outcome::none:
      return "none";
    case Outcome::failed:
      return "failed";
    case Outcome::resting:
      return "resting";
  }
  return "failed";
}

Finder::Finder(std::vector<std::unique_ptr<Place>> places, Terms terms, const Clock& clock)
    : places_(std::move(places)), terms_(terms), clock_(clock) {
  std::ranges::stable_sort(places_, {}, [](const auto& place) { return place->provenance(); });
}

bool Finder::is_worth_asking(const Address& address) const {
  const bool is_served =
      std::ranges::any_of(places_, [&](const auto& place) { return place->serves(address); });
  return is_served && remembered_.with([&](const auto& remembered) {
    const auto found = remembered.find(address);
    return found == remembered.end() || found->second <= clock_.now();
  });
}

void Finder::find(const Address& address, const Taker& take) {
  bool has_failed = false;
  for (const auto& place : places_) {
    if (!place->serves(address)) continue;
    const Answer answer = ask(*place, address);
    has_failed = has_failed || answer.outcome == Outcome::failed ||
                 answer.outcome == Outcome::resting || answer.finds.is_partial;
    if (taken(answer, address, take))
      return remember(address, lasting(answer.finds, clock_.now(), terms_.keep));
  }
  remember(address, has_failed ? std::min<std::chrono::seconds>(after_failure, terms_.keep_none)
                               : terms_.keep_none);
}

/// Where nobody can take what was found (a database that is away), the places are not asked again
/// with every mail.
bool Finder::taken(const Answer& answer, const Address& address, const Taker& take) {
  try {
    return take(answer);
  } catch (...) {
    remember(address, after_failure);
    throw;
  }
}

Answer Finder::ask(const Place& place, const Address& address) {
  Answer answer{place.asked(address), place.provenance()};
  if (!admits(answer.asked)) {
    answer.outcome = Outcome::resting;
    answer.trouble = "it has failed too often of late and is left alone for a while";
    return answer;
  }
  try {
    answer.finds = place.ask(address, terms_.patience);
    answer.outcome = answer.finds.is_empty() ? Outcome::none : Outcome::found;
    answer.trouble = answer.finds.trouble;
  } catch (const Error& error) {
    answer.outcome = Outcome::failed;
    answer.trouble = error.what();
  }
  note(answer.asked, answer.outcome);
  return answer;
}

bool Finder::admits(const std::string& asked) {
  return breakers_.with([&](auto& breakers) {
    const auto found = breakers.find(asked);
    return found == breakers.end() || found->second.admits(clock_.now());
  });
}

/// Only those that have failed have a breaker at all.
void Finder::note(const std::string& asked, Outcome outcome) {
  breakers_.with([&](auto& breakers) {
    if (outcome != Outcome::failed) {
      breakers.erase(asked);
      return;
    }
    if (breakers.size() >= breakers_limit && !breakers.contains(asked))
      breakers.erase(breakers.begin());
    breakers[asked].failed(clock_.now());
  });
}

void Finder::remember(const Address& address, std::chrono::seconds time) {
  remembered_.with([&](auto& remembered) {
    const Time now = clock_.now();
    if (remembered.size() >= remembered_limit)
      std::erase_if(remembered, [&](const auto& each) { return each.second <= now; });
    if (remembered.size() >= remembered_limit) remembered.erase(remembered.begin());
    remembered.insert_or_assign(address, now + time);
  });
}

}  // namespace siegel::pki::discovery
