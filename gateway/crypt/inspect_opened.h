#pragma once

#include <string>

#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"

/// What comes out of an encryption, of either scheme.
namespace siegel::crypt {

/// one outcome for everything that can go wrong once we hold a key. Which step failed would
/// tell an attacker who alters ciphertexts what came out.
void make_undecryptable(policy::Layer& layer);

/// True if decrypted octets begin like a MIME entity: a head of clean fields. Garbage that a wrong
/// key or an altered ciphertext leaves does not.
[[nodiscard]] bool is_well_formed(const mail::Message& entity);

/// `text` with every line ended by CRLF: what other systems encrypt is not always in canonical form
/// (RFC 8551 §3.1.1), and bare line ends must never reach a next hop.
[[nodiscard]] std::string with_crlf(std::string text);

}  // namespace siegel::crypt
