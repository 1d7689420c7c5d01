#pragma once

#include <string>

#include "config/config.h"
#include "gateway/crypt/transform.h"
#include "tests/crypt/smime_world.h"

/// What the benchmarks work on.
namespace siegel::bench {

/// A plain 7-bit text message of about `octets` octets from bauamt@stadt.example to
/// anna@buerger.example.
[[nodiscard]] std::string plain_message(std::size_t octets);

/// The gateway that the benchmarks play.
[[nodiscard]] config::Config gateway_config();
[[nodiscard]] mail::Envelope outgoing_envelope();

/// The author, with a key of this type; the certificate serves for signing and encryption.
[[nodiscard]] const tests::Party& author(pki::KeyType type);

/// `message` as it leaves: signed, or encrypted, or both.
[[nodiscard]] std::string treated(const std::string& message, const policy::Treatment& treatment);
[[nodiscard]] policy::Treatment sign_as(const tests::Party& party);
[[nodiscard]] policy::Treatment encrypt_to(const tests::Party& party);

}  // namespace siegel::bench
