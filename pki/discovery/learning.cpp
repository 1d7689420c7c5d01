#include "pki/discovery/learning.h"

#include <algorithm>

#include "pki/openpgp_keys.h"

namespace siegel::pki::discovery {
namespace {

Harvested candidate(const Address& address, const Answer& answer, const Certificate& certificate,
                    Time at) {
  Harvested found{address, certificate, {}, std::nullopt, at, {}, "found by " + answer.asked};
  found.provenance = answer.provenance;
  std::ranges::copy_if(answer.finds.certificates, std::back_inserter(found.helpers),
                       [&](const Certificate& other) { return !(other == certificate); });
  return found;
}

void learn_certificates(Keys& keys, const Address& address, const Answer& answer, Time at,
                        std::vector<Lesson>& lessons) {
  auto certificates = answer.finds.certificates;
  std::erase_if(certificates, &Certificate::is_authority);
  // The newest first: an older one must not be learnt as if it were news.
  std::ranges::sort(certificates, std::greater{}, &Certificate::not_before);
  for (const Certificate& each : certificates)
    lessons.push_back({each.fingerprint(), keys.learn(candidate(address, answer, each, at), at)});
}

void learn_openpgp(OpenPgpKeys& keys, const Address& address, const Answer& answer, Time at,
                   std::vector<Lesson>& lessons) {
  for (const std::string& octets : answer.finds.openpgp) {
    const Gpg::Read read = keys.gpg().read(octets, {});
    if (!read.trouble.empty()) lessons.push_back({{}, Learned::ignored, read.trouble});
    for (const OpenPgpKey& key : read.keys) {
      const HarvestedOpenPgp found{.address = address,
                                   .key = key,
                                   .provenance = answer.provenance,
                                   .said_at = at,
                                   .message_id = {},
                                   .why = "found by " + answer.asked};
      lessons.push_back({key.fingerprint(), keys.learn(found, at)});
    }
  }
}

}  // namespace

std::vector<Lesson> learn(Keys& keys, const Address& address, const Answer& answer, Time at) {
  std::vector<Lesson> lessons;
  learn_certificates(keys, address, answer, at, lessons);
  if (OpenPgpKeys* openpgp = keys.openpgp()) learn_openpgp(*openpgp, address, answer, at, lessons);
  return lessons;
}

bool is_of_use(const std::vector<Lesson>& lessons) {
  return std::ranges::any_of(lessons, [](const Lesson& lesson) {
    return lesson.learned == Learned::added || lesson.learned == Learned::refreshed ||
           lesson.learned == Learned::unchanged;
  });
}

}  // namespace siegel::pki::discovery
