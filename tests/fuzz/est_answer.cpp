// An EST server that sends any octets. The input is the status, Content-Type, Retry-After and
// Location, a line each, and then the body.

#include "pki/enrol/est_answer.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace siegel;

std::string take_line(std::string_view& rest) {
  const std::string line(rest.substr(0, rest.find('\n')));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

pki::enrol::HttpAnswer read(std::string_view input) {
  pki::enrol::HttpAnswer answer;
  const std::string status = take_line(input);
  std::from_chars(status.data(), status.data() + status.size(), answer.status);
  answer.reason = status;
  answer.type = take_line(input);
  answer.retry_after = unless_empty(take_line(input));
  answer.location = unless_empty(take_line(input));
  answer.body = input;
  return answer;
}

template <typename Result>
void check_reason(const Result& result) {
  std::string reason = "none";
  if (const auto* refused = std::get_if<pki::enrol::Refused>(&result)) reason = refused->reason;
  if (const auto* unreachable = std::get_if<pki::enrol::Unreachable>(&result))
    reason = unreachable->reason;
  if (reason.empty() || reason.size() > 800 || reason.find('\n') != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  const auto answer = read({reinterpret_cast<const char*>(data), size});
  const Time now = from_unix(1'790'000'000);
  const auto enrolled = pki::enrol::understand_enrolment(answer, key, "simpleenroll", now);
  if (const auto* issued = std::get_if<pki::enrol::Issued>(&enrolled))
    if (!key.fits(issued->certificate)) std::abort();
  if (const auto* waiting = std::get_if<pki::enrol::Waiting>(&enrolled))
    if (waiting->next_try <= now || waiting->next_try > now + std::chrono::hours(24)) std::abort();
  check_reason(enrolled);
  check_reason(pki::enrol::understand_authorities(answer));
  return 0;
}
