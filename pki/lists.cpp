#include "pki/lists.h"

#include <algorithm>

#include <sys/stat.h>

#include "base/release.h"
#include "pki/fetch.h"

namespace siegel::pki {
namespace {

constexpr std::chrono::seconds again_after_failure{300};
constexpr std::string_view pem_begin = "-----BEGIN X509 CRL-----";

/// A file tells at once that it has changed. By its ctime: wget and `cp -p` set the mtime to what
/// the authority's server said.
bool is_changed_file(const std::string& source, Time since) {
  struct stat status {};
  return ::stat(source.c_str(), &status) == 0 && status.st_ctim.tv_sec >= to_unix(since);
}

bool is_due(const std::string& source, const std::optional<ListState>& state,
            std::chrono::seconds refresh, Time now) {
  if (!state || is_changed_file(source, state->tried)) return true;
  const auto wait = state->trouble.empty() ? refresh : std::min(refresh, again_after_failure);
  // A clock that was set back must not put the next attempt off for years.
  return now - state->tried >= wait || now < state->tried;
}

/// One round over the sources; what happened is counted, logged and remembered.
class Round {
 public:
  Round(KeyStore& store, const Log& log, Time now) : store_(store), log_(log), now_(now) {}

  void refresh(const std::string& source, std::optional<ListState> state) {
    ListState next{now_, state ? state->fetched : Time{}, {}};
    try {
      take(source, fetch_list(source));
      next.fetched = now_;
      ++counts_.fetched;
    } catch (const Error& problem) {
      ++counts_.failed;
      next.trouble = problem.what();
      tell(source, problem);
    }
    store_.note_list(source, next);
  }

  [[nodiscard]] const ListRound& counts() const noexcept { return counts_; }

 private:
  /// All lists of a bundle are looked at before the first trouble is told.
  void take(const std::string& source, const std::string& octets) {
    std::optional<Error> trouble;
    for (const std::string_view block : lists_in(octets)) {
      auto refused = keep(source, block);
      if (!trouble) trouble = std::move(refused);
    }
    if (trouble) throw Error(*trouble);
  }

  [[nodiscard]] std::optional<Error> keep(const std::string& source, std::string_view block) {
    const auto crl = Crl::parse(block);
    if (!crl) {
      return Error(Fault::world, "what " + source + " gives is no revocation list",
                   "check that the source names a CRL in DER or PEM");
    }
    return outcome(source, *crl, store_.keep_crl(*crl, source));
  }

  [[nodiscard]] std::optional<Error> outcome(const std::string& source, const Crl& crl,
                                             KeyStore::CrlTaken taken) {
    switch (taken) {
      case KeyStore::CrlTaken::newer:
        ++counts_.newer;
        log_.info("list-taken",
                  {{"source", source}, {"issuer", crl.issuer()}, {"number", crl.number()}});
        break;
      case KeyStore::CrlTaken::same:
        break;
      case KeyStore::CrlTaken::rollback:
        return Error(Fault::ours, "the list of " + source + " is older than the one we have",
                     "list " + crl.number() + " of " + crl.issuer() +
                         " was not taken; ask its authority whether it was set back");
      case KeyStore::CrlTaken::foreign:
        return Error(
            Fault::ours, "the list of " + source + " is signed by nobody we know",
            "add the authority " + crl.issuer() + " with `siegel trust add`, or remove the source");
      case KeyStore::CrlTaken::unusable:
        return Error(Fault::ours, "the list of " + source + " cannot be relied on",
                     "it is signed by an algorithm that anybody can forge, or holds a critical "
                     "extension that is not known here; ask the authority " +
                         crl.issuer() + " for another list");
    }
    return std::nullopt;
  }

  void tell(const std::string& source, const Error& problem) {
    const Log::Fields fields = {
        {"source", source}, {"reason", problem.said()}, {"detail", problem.detail()}};
    if (problem.fault() == Fault::world) {
      log_.warning("list-failed", fields);
    } else {
      log_.alarm("list-refused", fields);
    }
  }

  KeyStore& store_;
  const Log& log_;
  Time now_;
  ListRound counts_;
};

}  // namespace

std::vector<std::string_view> lists_in(std::string_view octets) {
  auto begin = octets.find(pem_begin);
  if (begin == std::string_view::npos) return {octets};
  std::vector<std::string_view> blocks;
  while (begin != std::string_view::npos) {
    const auto next = octets.find(pem_begin, begin + pem_begin.size());
    blocks.push_back(octets.substr(begin, next - begin));
    begin = next;
  }
  return blocks;
}

ListRound refresh_lists(const config::Config& config, KeyStore& store, const Clock& clock,
                        const Log& log) {
  Round round(store, log, clock.now());
  if (clock.now() < release_time()) return round.counts();  // what came could not be judged
  for (const std::string& source : config.revocation.lists) {
    const auto state = store.list_state(source);
    if (is_due(source, state, config.revocation.refresh, clock.now())) round.refresh(source, state);
  }
  return round.counts();
}

}  // namespace siegel::pki
