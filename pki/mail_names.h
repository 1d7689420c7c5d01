#pragma once

#include <vector>

#include <openssl/x509v3.h>

#include "base/address.h"

namespace siegel::pki {

/// The mail addresses that a certificate names; `unclean` if it names one that is none.
struct MailNames {
  std::vector<Address> addresses;
  bool unclean = false;
};

/// RFC 8550 §3, RFC 9598: SAN rfc822Name and SmtpUTF8Mailbox; the subject's emailAddress only if
/// the SAN holds no mail name. Each name is taken with its explicit length and must be a bare
/// addr-spec: no white space, control, NUL or quotes (CVE-2026-2748). At most 500 names.
[[nodiscard]] MailNames mail_names(const X509* x509);

/// Those of a subjectAltName alone.
[[nodiscard]] MailNames mail_names(const GENERAL_NAMES* names);

}  // namespace siegel::pki
