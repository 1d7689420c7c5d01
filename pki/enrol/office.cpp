#include "pki/enrol/office.h"

#include <algorithm>
#include <iterator>

#include "base/utf8.h"

namespace siegel::pki::enrol {

const config::CaProfile* Office::find_profile(const std::string& name) const {
  const auto found = std::ranges::find(profiles, name, &config::CaProfile::name);
  return found == profiles.end() ? nullptr : &*found;
}

const config::CaProfile& Office::profile(const std::string& name) const {
  const auto* const found = find_profile(name);
  if (found == nullptr)
    throw Error(Fault::peer, "there is no CA profile " + printable(name) +
                                 "; name its file under `enrolment: profiles:` of siegel.yaml");
  return *found;
}

PrivateKey Office::key_of(const Request& request) const {
  auto key = store.own_key(request.key_id);
  if (!key)
    throw Error(Fault::peer,
                "its private key is not in the database any more; restore the database from a "
                "backup that holds it");
  return *std::move(key);
}

void Report::add(Report other) {
  std::ranges::move(other.moved, std::back_inserter(moved));
  std::ranges::move(other.troubles, std::back_inserter(troubles));
}

Report with_token_cleared(const Office& office, Report report) {
  try {
    office.store.clear_token();
  } catch (const Error& error) {
    report.troubles.push_back({"token", std::string("still holds keys that were destroyed: ") +
                                            error.what() + "; then run `siegel enrol run`"});
  }
  return report;
}

bool goes_by_files(const Office& office, const Request& request) {
  const auto* const profile = office.find_profile(request.wish.profile);
  return profile != nullptr && profile->connector == config::Connector::batch;
}

std::string called(const Request& request) {
  return request.wish.mailbox.str() + " (" + std::string(name(request.purpose)) + ")";
}

Certificate certificate_of(const Request& request) {
  auto certificate = Certificate::from_der(request.certificate);
  if (!certificate)
    throw Error(Fault::ours, "the set-up is broken",
                "its certificate in the database cannot be read; restore the backup");
  return *std::move(certificate);
}

void guard(Report& report, const std::string& about, const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    if (error.fault() == Fault::world) throw;
    report.troubles.push_back({about, error.what()});
  }
}

Report for_each(const std::vector<Request>& requests,
                const std::function<Request(const Request&)>& step, const Progress& progress) {
  Report report;
  std::size_t done = 0;
  for (const Request& request : requests) {
    guard(report, called(request), [&] {
      Request after = step(request);
      if (after.state != request.state) report.moved.push_back(std::move(after));
    });
    if (progress) progress(++done, requests.size());
  }
  return report;
}

}  // namespace siegel::pki::enrol
