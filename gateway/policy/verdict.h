#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

/// What we found out about a message: facts only. How they were found is crypt's affair, what
/// follows from them is decide's.
namespace siegel::policy {

enum class Scheme { smime, openpgp };
enum class Form { signature, encryption };

/// The outcome of one cryptographic layer.
enum class Status {
  good,
  bad,  ///< the signature does not fit the octets, or its structure lies (R-10, R-22, R-28)
  no_certificate,  ///< the signer's certificate did not come along: nobody knows who signed
  unknown_signer,  ///< no path to an anchor: an issuer is missing
  untrusted,       ///< a path, but not to an anchor of ours, or not allowed for mail
  expired,
  revoked,
  unchecked_revocation,  ///< good, but the revocation status could not be known
  weak,                  ///< good, but for an algorithm that is weak or refused
  no_key,                ///< encrypted, and not to a key of ours
  unsupported,           ///< a signature of a kind that we cannot check; it may be right
  malformed,             ///< not parseable
};
[[nodiscard]] std::string_view name(Scheme scheme) noexcept;
[[nodiscard]] std::string_view name(Form form) noexcept;
[[nodiscard]] std::string_view name(Status status) noexcept;

struct Layer {
  Scheme scheme = Scheme::smime;
  Form form = Form::signature;
  Status status = Status::malformed;
  std::optional<Address>
      signer;             ///< the certificate's address that was matched, else its first one
  std::string algorithm;  ///< "RSA-3072 with SHA-256", "AES-256-GCM"
  std::string reason;     ///< one sentence that a clerk understands
  // for annotations (RFC 7281); printable
  std::string issuer, serial;
  std::string part;  ///< of a signature: the MIME part that holds it, as "2" (RFC 3501 §6.4.5)
  bool accepted_weak = false;  ///< status weak, but within what the tenant accepts
  bool soft_fail = false;      ///< status unchecked_revocation under a soft-fail anchor
  bool authenticated = true;   ///< of an encryption: false for CBC (R-02)
};

/// The one word for a whole message, worst first where several apply.
enum class Summary {
  good,
  bad,
  untrusted,
  expired,
  revoked,
  unchecked,
  weak,
  partial,
  mismatch,
  malformed,
  none
};
[[nodiscard]] std::string_view name(Summary summary) noexcept;

struct Verdict {
  std::vector<Layer> layers;      ///< outermost first
  bool signer_is_author = false;  ///< the signer's address is the address in the only From field
  bool covers_all = false;        ///< the signature covers everything that a reader is shown
  bool encrypted = false;         ///< at least one encryption layer was there
  bool decrypted = false;         ///< all of them were opened
  std::vector<std::string>
      notes;  ///< remarks that change nothing: "display name shows another address"

  /// DESIGN §8: `good` is given for nothing that is less than good: each signature layer must be
  /// good, cover everything and come from the author. `unchecked` is good but for a revocation
  /// status that could not be known. `none` means: not signed as a message. Where several apply,
  /// the worst is said: malformed, bad, mismatch, partial, revoked, expired, untrusted, weak,
  /// unchecked. A mismatch is worse than an unknown root, because it stays wrong whatever an admin
  /// comes to trust; but where nobody knows who signed, nobody is known to be another. What cannot
  /// be checked (`unsupported`) counts as malformed here; its layer tells the difference.
  [[nodiscard]] Summary summary() const;
};

}  // namespace siegel::policy
