#pragma once

#include <map>
#include <string>
#include <string_view>

#include <openssl/cms.h>

#include "gateway/crypt/smime.h"

/// The examination of one signer of a SignedData.
namespace siegel::crypt::smime {

/// The octets that a signature covers, hashed once per digest algorithm however many signers there
/// are.
class Covered {
 public:
  explicit Covered(std::string_view octets) : octets_(octets) {}
  /// Empty if this digest cannot be calculated.
  [[nodiscard]] const std::string& digest(int nid);
  [[nodiscard]] std::string_view octets() const noexcept { return octets_; }

 private:
  std::string_view octets_;
  std::map<int, std::string> digests_;
};

/// By what a signer is judged.
struct Measure {
  const pki::Trust& trust;
  const config::SmimeSettings& settings;
  Time at;
};

/// What came of it: everything of `Verified` but the content.
struct Examined {
  Verified verified;
  bool digest_fits = false;
};

/// Signature and certificate of one signer. `certificates` are those of the message: nobody is
/// believed for being among them.
[[nodiscard]] Examined examine(CMS_SignerInfo* signer, const STACK_OF(X509) * certificates,
                               Covered& covered, const Measure& measure);

/// How bad a layer is, for comparison only: a higher number is worse, none is good.
[[nodiscard]] int badness(const policy::Layer& layer) noexcept;

}  // namespace siegel::crypt::smime
