#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/cms.h>
#include <openssl/err.h>

#include "base/blob.h"
#include "pki/asn1.h"
#include "pki/openssl.h"

/// What all S/MIME operations share: owners of OpenSSL's CMS objects, parsing with limits, and the
/// way of octets into a structure. Internal to the files smime_*.
namespace siegel::crypt::smime {

using CmsHandle = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;

/// Leaves this thread's OpenSSL error queue empty: what is wrong with a message is a fact about the
/// message, and must not turn up in the next operation's error.
class QuietErrors {
 public:
  QuietErrors() { ERR_clear_error(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_clear_error(); }
};

/// A detached signature holds certificates and attributes only; what is larger is an attack.
constexpr std::size_t max_signature_octets = std::size_t{4} << 20U;
/// CMS with content inside; the mail server's own limit is usually far below.
constexpr std::size_t max_content_octets = std::size_t{256} << 20U;

/// A ContentInfo in DER or BER of at most `limit` octets, nothing behind it; null if it is none.
[[nodiscard]] CmsHandle parse_cms(std::string_view octets, std::size_t limit);

/// The DER encoding.
[[nodiscard]] std::string der_of(CMS_ContentInfo* cms);

/// Passes `entity` slice by slice through what `cms` does with content (digests or cipher) and
/// completes it. Copies nothing.
void fill(CMS_ContentInfo* cms, const Octets& entity);

/// NID of an algorithm's OID, NID_undef for one that OpenSSL does not know.
[[nodiscard]] int nid_of(const X509_ALGOR* algorithm);

/// The same, from the content octets of an OBJECT IDENTIFIER.
[[nodiscard]] int nid_of_object(std::string_view content);

using pki::octets_of;

/// The digest of `octets`; empty if OpenSSL cannot calculate this one.
[[nodiscard]] std::string digest_of(std::string_view octets, int nid);
/// True if both are the same, and there at all. Takes as long wherever they differ.
[[nodiscard]] bool same_digest(std::string_view a, std::string_view b);

/// One element of BER: its tag octet, and its content.
struct Element {
  std::uint8_t tag = 0;
  std::string_view content;
};

/// Reads elements of definite length one after another (X.690 §8.1), only low tag numbers. For the
/// few values of attributes that OpenSSL has no public type for.
class DerReader {
 public:
  explicit DerReader(std::string_view octets) : rest_(octets) {}
  /// Nothing at the end, or where the octets are no element.
  [[nodiscard]] std::optional<Element> next();
  /// The same, but only if the next element has this tag.
  [[nodiscard]] std::optional<Element> next(std::uint8_t tag);

 private:
  std::string_view rest_;
};

constexpr std::uint8_t tag_integer = 0x02;
constexpr std::uint8_t tag_octet_string = 0x04;
constexpr std::uint8_t tag_object = 0x06;
constexpr std::uint8_t tag_sequence = 0x30;

}  // namespace siegel::crypt::smime
