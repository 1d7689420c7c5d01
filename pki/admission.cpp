#include "pki/admission.h"

#include <algorithm>

#include "pki/peers.h"
#include "pki/provenance.h"

namespace siegel::pki {
namespace {

std::optional<CertificateUse> use_of(const Certificate& certificate,
                                     const config::SmimeSettings& settings) {
  const bool signs = certificate.may_sign(settings.any_extended_key_usage);
  const bool encrypts = certificate.may_encrypt(settings.any_extended_key_usage);
  if (signs && encrypts) return CertificateUse::both;
  if (signs) return CertificateUse::sign;
  if (encrypts) return CertificateUse::encrypt;
  return std::nullopt;
}

std::string named_addresses(const Certificate& certificate) {
  if (certificate.addresses().empty()) {
    return certificate.has_unclean_address() ? "no clean mail address" : "no mail address";
  }
  std::string list;
  for (const Address& address : certificate.addresses()) {
    list += (list.empty() ? "" : ", ") + address.str();
  }
  return list;
}

bool names_exactly(const Certificate& certificate, const Address& mailbox) {
  const auto& addresses = certificate.addresses();
  return std::find(addresses.begin(), addresses.end(), mailbox) != addresses.end();
}

/// For a whole domain ("*@stadt.example") a certificate that names any address of it will do.
bool names_mailbox(const Certificate& certificate, const Application& application) {
  const Address& mailbox = application.mailbox;
  if (!is_domain_wide(mailbox))
    return names(certificate, mailbox, application.trust->material().settings);
  return std::ranges::any_of(certificate.addresses(), [&](const Address& each) {
    return each.domain() == mailbox.domain();
  });
}

/// The trouble with a path, or nothing if it may be installed on it.
std::string path_trouble(const PathResult& path, bool ignores_trust) {
  switch (path.status) {
    case PathStatus::trusted:
    case PathStatus::unchecked_revocation:
      return {};
    case PathStatus::revoked:
      return "was revoked: " + path.reason + "; ask for a new one";
    case PathStatus::unfit:
      return "does not fit: " + path.reason + "; ask for one for e-mail";
    case PathStatus::weak:
      return "rests on a forbidden algorithm: " + path.reason + "; ask for a stronger one";
    case PathStatus::unknown_issuer:
    case PathStatus::untrusted:
    case PathStatus::expired:
    case PathStatus::not_yet_valid:
      break;
  }
  if (ignores_trust) return {};
  return "has no path to a trust anchor: " + path.reason +
         "; add its root with `siegel trust add`, or import without this check";
}

/// RFC 5280 §6 at a moment when the certificate itself was valid: that it has expired is no reason
/// not to decrypt old mail with it.
PathResult path_of(const Certificate& certificate, CertificateUse use,
                   const Application& application) {
  // OpenSSL counts the last second as expired already.
  const Time last = certificate.not_after() - std::chrono::seconds(1);
  const Time at = std::clamp(application.now, std::min(certificate.not_before(), last), last);
  const auto purpose = use == CertificateUse::encrypt ? Purpose::encrypt : Purpose::sign;
  return application.trust->validate(certificate, application.helpers, purpose, at);
}

/// What an admin should know of a certificate that is taken.
std::string caution(const Certificate& certificate, const Application& application) {
  if (certificate.not_before() > application.now) {
    return " is not valid before " + rfc3339(certificate.not_before()) +
           "; until then it is not used";
  }
  if (!is_domain_wide(application.mailbox) && !names_exactly(certificate, application.mailbox)) {
    return " writes the address in another case, " + named_addresses(certificate) +
           "; some recipients may not accept that";
  }
  return {};
}

Admission refused(const Certificate& certificate, const std::string& why) {
  return {std::nullopt, called(certificate) + ' ' + why};
}

Admission admit_expired(const Certificate& certificate, CertificateUse use) {
  const std::string expired = "expired on " + rfc3339(certificate.not_after());
  if (use == CertificateUse::sign) return refused(certificate, expired + "; ask for a new one");
  return {CertificateUse::encrypt,
          called(certificate) + ' ' + expired + "; it is kept to decrypt old mail only"};
}

}  // namespace

std::string called(const Certificate& certificate) {
  return "certificate " + certificate.fingerprint().substr(0, 16) + " (" + certificate.subject() +
         ")";
}

Admission admit(const Certificate& certificate, const Application& application) {
  const config::SmimeSettings& settings = application.trust->material().settings;
  if (!names_mailbox(certificate, application)) {
    return refused(certificate, "is for " + named_addresses(certificate) + ", not for " +
                                    application.mailbox.str() +
                                    "; import it for its own mailbox, or ask for a new one");
  }
  const auto use = use_of(certificate, settings);
  if (!use) {
    return refused(certificate,
                   "may neither sign nor encrypt mail (key usage); ask for one for e-mail");
  }
  const std::string trouble =
      path_trouble(path_of(certificate, *use, application), application.ignores_trust);
  if (!trouble.empty()) return refused(certificate, trouble);
  if (certificate.not_after() < application.now) return admit_expired(certificate, *use);
  const std::string note = caution(certificate, application);
  return {use, note.empty() ? note : called(certificate) + note};
}

}  // namespace siegel::pki
