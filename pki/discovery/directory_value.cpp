#include "pki/discovery/directory_value.h"

#include <algorithm>

#include "base/error.h"
#include "pki/import_gathering.h"

namespace siegel::pki::discovery {
namespace {

/// The first thing that is wrong is the one to tell.
void pass_over(Finds& finds, const char* why) {
  if (finds.trouble.empty()) finds.trouble = why;
}

void take(const Certificate& certificate, Finds& finds) {
  if (std::ranges::find(finds.certificates, certificate) != finds.certificates.end()) return;
  if (finds.certificates.size() >= finds_limit)
    return pass_over(finds, "it holds more than 10 certificates; the others were passed over");
  finds.certificates.push_back(certificate);
}

bool is_too_large(std::string_view value, Finds& finds) {
  if (value.size() <= find_octets_limit) return false;
  pass_over(finds, "a value is larger than 64 KiB and was passed over");
  return true;
}

}  // namespace

void take_certificate(std::string_view value, Finds& finds) {
  if (is_too_large(value, finds)) return;
  if (const auto certificate = Certificate::from_der(value)) return take(*certificate, finds);
  pass_over(finds, "a value is no certificate and was passed over");
}

void take_smime_certificates(std::string_view value, Finds& finds) {
  if (is_too_large(value, finds)) return;
  if (const auto certificate = Certificate::from_der(value)) return take(*certificate, finds);
  Gathering gathering({});
  try {
    if (!read_pkcs7(value, gathering))
      return pass_over(finds, "a value is no PKCS#7 and was passed over");
  } catch (const Error&) {  // the limit of a bundle
    return pass_over(finds, "a value holds too many certificates and was passed over");
  }
  for (const Certificate& each : gathering.take().certificates) take(each, finds);
}

}  // namespace siegel::pki::discovery
