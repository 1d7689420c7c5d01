#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/blob.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/policy/verdict.h"
#include "pki/keys.h"

/// S/MIME (RFC 8551, CMS RFC 5652) on octets: no mail structure here but MIME entities as such.
namespace siegel::crypt::smime {

// --- sign
// ----------------------------------------------------------------------------------------------

/// Detached SignedData (DER) over `entity`: signed attributes content-type, message-digest,
/// signing-time, SMIMECapabilities, encryption key preference (both spellings),
/// signing-certificate-v2; chain and encryption certificate included (STANDARDS §2.2).
[[nodiscard]] std::string sign_detached(const Octets& entity, const pki::SigningKey& key, Time now);
/// The same with the content inside (opaque signing, rule 9).
[[nodiscard]] std::string sign_opaque(const Octets& entity, const pki::SigningKey& key, Time now);
/// The value for the micalg parameter: "sha-256".
[[nodiscard]] std::string_view micalg(const pki::SigningKey& key);

// --- verify
// --------------------------------------------------------------------------------------------

/// Everything found out about one SignedData.
struct Verified {
  policy::Layer layer;                    ///< signer not yet matched against an author
  std::vector<Address> signer_addresses;  ///< addresses of the signing certificate
  std::optional<pki::Certificate> signer;
  std::vector<pki::Certificate> certificates;  ///< all that came along, at most 10 (R-38)
  std::vector<pki::Certificate> chain;         ///< as validated, leaf first
  std::vector<pki::StatusNeed> wanted;         ///< of that path, as pki::PathResult::wanted
  /// The signature holds: what its attributes say is the signer's own word.
  bool is_authentic = false;
  std::optional<Time> signing_time;
  std::optional<pki::Capabilities> capabilities;
  std::optional<std::string>
      preferred_fingerprint;  ///< of the encryption key preference, if it came along
  std::string content;        ///< of an opaque signature, only if its digest is right
};

/// Checks a detached signature over exactly `covered` (CMS_BINARY: the octets on the wire).
/// Embedded content is refused. `cms` is DER or BER of any origin.
[[nodiscard]] Verified verify_detached(std::string_view cms, std::string_view covered,
                                       const pki::Trust& trust,
                                       const config::SmimeSettings& settings, Time at);
[[nodiscard]] Verified verify_opaque(std::string_view cms, const pki::Trust& trust,
                                     const config::SmimeSettings& settings, Time at);

// --- encrypt and decrypt
// -------------------------------------------------------------------------------

/// DER and which of the two forms it has: AuthEnvelopedData with AES-256-GCM if every recipient can
/// read it, else EnvelopedData with AES-256-CBC.
struct Enveloped {
  std::string der;
  bool authenticated = false;
};
[[nodiscard]] Enveloped encrypt(const Octets& entity, const std::vector<pki::PeerKey>& recipients,
                                const std::optional<pki::Certificate>& own_copy);

struct Decrypted {
  policy::Layer layer;
  std::string content;  ///< empty unless layer.status is good
};
/// All failures look alike from outside.
[[nodiscard]] Decrypted decrypt(std::string_view cms, const pki::Keys& keys);

/// What a CMS blob claims to be, from its outer ContentInfo.
enum class ContentKind { signed_data, enveloped, auth_enveloped, compressed, other, none };
[[nodiscard]] ContentKind content_kind(std::string_view cms);

}  // namespace siegel::crypt::smime
