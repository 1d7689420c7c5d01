#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <openssl/ocsp.h>

#include "pki/local_ca.h"
#include "pki/ocsp.h"
#include "tests/pki/forge.h"

/// Answers that no honest responder gives, and some that one does.
namespace siegel::tests {

struct ForgedAnswer {
  int status = V_OCSP_CERTSTATUS_GOOD;
  int reason = -1;
  Time this_update;
  std::optional<Time> next_update{};
  std::string nonce{};  ///< octets of the extension's value; none if empty
  Digest digest = Digest::sha256;
  int times = 1;  ///< how often the response answers for the certificate
  std::optional<pki::StatusNeed> also{};
  std::optional<std::string> critical{};  ///< OID of an extension
};

/// Signed by `signer`, whose certificate goes with it.
std::string forge_answer(const ForgedAnswer& forgery, const pki::StatusNeed& about,
                         const pki::LocalCa& signer);
/// A response without an answer, such as OCSP_RESPONSE_STATUS_TRYLATER.
std::string refusal(int status);

}  // namespace siegel::tests
