// What a responder says, given any octets: no crash, nothing believed that the issuer has not
// signed, texts bounded, and what was believed is about the certificate that was asked for.

#include "pki/ocsp.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/ocsp_need.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  static const pki::StatusNeed need = fuzz::need();
  static const pki::OcspRequest asked = pki::make_ocsp_request(need);
  static const std::string subject = status_subject(need.certificate, need.issuer);
  const auto reading = pki::read_ocsp_response({reinterpret_cast<const char*>(data), size}, need,
                                               asked, fuzz::seeds_were_made);
  if (reading.answer.has_value() != reading.refusal.empty()) std::abort();
  if (reading.refusal.size() > 1000) std::abort();
  if (!reading.answer) return 0;
  if (reading.answer->subject != subject) std::abort();
  if (!reading.answer->is_current(fuzz::seeds_were_made)) std::abort();
  return 0;
}
