// Foreign CMS: whatever comes, verifying and decrypting end with a fact, and what they give out
// keeps the promises of smime.h.

#include <cstdint>
#include <cstdlib>

#include "gateway/crypt/smime.h"
#include "tests/crypt/keyring.h"
#include "tests/fuzz/cms_identities.h"

namespace siegel::tests {
namespace {

std::string from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    octets += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  return octets;
}

pki::DecryptionKey identity(std::string_view certificate, std::string_view key) {
  return {*pki::Certificate::from_der(from_hex(certificate)),
          *pki::PrivateKey::from_der(from_hex(key))};
}

pki::Trust trust_in(const std::vector<pki::DecryptionKey>& identities) {
  pki::Trust::Material material;
  for (const auto& each : identities)
    material.anchors.push_back({each.certificate, config::RevocationMode::soft_fail, "fuzz"});
  return pki::Trust(std::move(material));
}

struct Gateway {
  std::vector<pki::DecryptionKey> identities{identity(ec_certificate, ec_key),
                                             identity(rsa_certificate, rsa_key)};
  Keyring keys{identities};
  pki::Trust trust = trust_in(identities);
  Time at = *parse_rfc3339("2027-01-01T00:00:00Z");
};

void demand(bool promise) {
  if (!promise) std::abort();
}

void check(const crypt::smime::Verified& verified) {
  demand(verified.certificates.size() <= 10);
  demand(verified.layer.status != policy::Status::good || verified.signer.has_value());
}

void run(std::string_view cms) {
  static const Gateway gateway;
  constexpr std::string_view covered = "Content-Type: text/plain\r\n\r\nHallo\r\n";
  check(crypt::smime::verify_detached(cms, covered, gateway.trust, {}, gateway.at));
  check(crypt::smime::verify_opaque(cms, gateway.trust, {}, gateway.at));
  const auto opened = crypt::smime::decrypt(cms, gateway.keys);
  demand(opened.layer.status == policy::Status::good || opened.content.empty());
  demand(opened.content.size() <= cms.size());
  static_cast<void>(crypt::smime::content_kind(cms));
}

}  // namespace
}  // namespace siegel::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  siegel::tests::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
