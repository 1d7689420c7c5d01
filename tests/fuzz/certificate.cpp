// Certificates, in DER and PEM, given any octets: no crash, every text bounded and printable, and
// what was accepted reads the same again. Validation is tried too, since it runs on what strangers
// send.

#include "pki/certificate.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "pki/algorithms.h"
#include "pki/trust.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

void use(const pki::Certificate& certificate) {
  demand(pki::Certificate::from_der(certificate.der()) == certificate);
  for (const auto& text : {certificate.subject(), certificate.issuer(), certificate.serial()}) {
    demand(text.size() <= 210);
    demand(is_utf8(text) && printable(text, 400) == text);
  }
  for (const Address& address : certificate.addresses())
    demand(Address::parse(address.str()) == address);
  static_cast<void>(certificate.may_sign() || certificate.may_encrypt());
  demand(!pki::judge_key(certificate.public_key()).name.empty());
  demand(!pki::judge_signature(certificate.x509()).name.empty());
  static const pki::Trust nobody{{}};
  const auto result =
      nobody.validate(certificate, {&certificate, 1}, pki::Purpose::sign, certificate.not_before());
  demand(result.status != pki::PathStatus::trusted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto certificate = pki::Certificate::from_der(octets)) use(*certificate);
  for (const auto& certificate : pki::certificates_from_pem(octets, 10)) use(certificate);
  return 0;
}
