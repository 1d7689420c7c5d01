#include "gateway/crypt/self_test.h"

#include "gateway/crypt/smime.h"
#include "pki/loose_keys.h"

namespace siegel::crypt {
namespace {

using pki::enrol::Purpose;

constexpr std::string_view entity =
    "Content-Type: text/plain; charset=us-ascii\r\n\r\nSelf-test of a new certificate.\r\n";

/// What one certificate is tried with.
struct Subject {
  const pki::Certificate& certificate;
  const pki::PrivateKey& key;
  const pki::Trust& trust;
  const config::SmimeSettings& settings;
  Time now;
};

Address any_address(const pki::Certificate& certificate) {
  return certificate.addresses().front();
}

std::optional<std::string> try_signing(const Subject& subject) {
  const Octets text{Blob{std::string(entity)}};
  const pki::SigningKey signer{
      any_address(subject.certificate), subject.certificate, {}, subject.key, {}};
  const std::string cms = smime::sign_detached(text, signer, subject.now);
  const auto verified =
      smime::verify_detached(cms, entity, subject.trust, subject.settings, subject.now);
  using policy::Status;
  const Status status = verified.layer.status;
  if (status == Status::good || status == Status::unchecked_revocation) return std::nullopt;
  return "what it signed does not verify: " + verified.layer.reason;
}

std::optional<std::string> try_encryption(const Subject& subject) {
  pki::PeerKey recipient{any_address(subject.certificate), subject.certificate, {}};
  const auto enveloped =
      smime::encrypt(Octets{Blob{std::string(entity)}}, {recipient}, std::nullopt);
  const pki::LooseKeys keys({}, {{subject.certificate, subject.key}}, {});
  const auto decrypted = smime::decrypt(enveloped.der, keys);
  if (decrypted.content == entity) return std::nullopt;
  return "what was encrypted to it cannot be opened: " + decrypted.layer.reason;
}

}  // namespace

pki::enrol::SelfTest make_self_test(const config::SmimeSettings& settings, const Clock& clock) {
  return
      [settings, &clock](const pki::Certificate& certificate, const pki::PrivateKey& key,
                         const pki::Trust& trust, Purpose purpose) -> std::optional<std::string> {
        if (certificate.addresses().empty()) return "it names no mail address";
        if (!key.fits(certificate)) return "its private key belongs to another certificate";
        const Subject subject{certificate, key, trust, settings, clock.now()};
        if (purpose != Purpose::encrypt)
          if (auto trouble = try_signing(subject)) return trouble;
        if (purpose != Purpose::sign) return try_encryption(subject);
        return std::nullopt;
      };
}

}  // namespace siegel::crypt
