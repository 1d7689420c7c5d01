#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "base/time.h"
#include "pki/openssl.h"

/// Small translations from ASN.1 as OpenSSL holds it to our values; for pki's own sources.
namespace siegel::pki {

/// One printable line, RFC 2253 order and escapes, UTF-8, at most 200 octets.
[[nodiscard]] std::string printable_name(const X509_NAME* name);

/// Nothing if the time is malformed (RFC 5280 §4.1.2.5).
[[nodiscard]] std::optional<Time> to_time(const ASN1_TIME* time);

/// The octets of an ASN.1 string, with its own length: embedded NULs stay visible.
[[nodiscard]] std::string_view octets_of(const ASN1_STRING* text);

/// A serial number as `openssl x509 -serial` prints it. RFC 5280 §4.1.2.2 allows 20 octets; what is
/// far beyond that is cut and says so.
[[nodiscard]] std::string serial_text(const ASN1_INTEGER* serial);

/// SHA-256 as lower-case hexadecimal.
[[nodiscard]] std::string sha256_hex(std::string_view octets);

/// The DER of an OpenSSL object by its i2d function: `to_der(x509, i2d_X509)`. Empty if it cannot
/// be encoded.
template <typename T, typename Encode>
[[nodiscard]] std::string to_der(const T* object, Encode encode) {
  const int size = encode(object, nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  encode(object, &out);
  return der;
}

/// The object whose DER `octets` are, to the last octet; null (and no queued error) if they are
/// not. The caller owns it.
template <typename T, typename Decode>
[[nodiscard]] T* from_der_exactly(std::string_view octets, Decode decode, void (*release)(T*)) {
  const auto* in = reinterpret_cast<const unsigned char*>(octets.data());
  const auto* const end = in + octets.size();
  T* object = decode(nullptr, &in, static_cast<long>(octets.size()));
  if (object != nullptr && in == end) return object;
  release(object);
  static_cast<void>(drain_openssl_errors());
  return nullptr;
}

}  // namespace siegel::pki
