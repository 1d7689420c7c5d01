#include "pki/asn1.h"

#include <array>
#include <ctime>

#include <openssl/evp.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/utf8.h"

namespace siegel::pki {

std::string printable_name(const X509_NAME* name) {
  // RFC 2253 without escaping UTF-8: names are for people.
  constexpr unsigned long flags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  const BioHandle bio = growing_bio();
  if (X509_NAME_print_ex(bio.get(), name, 0, flags) < 0) {
    static_cast<void>(drain_openssl_errors());
    return "(unreadable name)";
  }
  return printable(octets_of(bio));
}

std::optional<Time> to_time(const ASN1_TIME* time) {
  std::tm parts{};
  // A null pointer would mean "now" to OpenSSL.
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    static_cast<void>(drain_openssl_errors());
    return std::nullopt;
  }
  using namespace std::chrono;
  const auto day = sys_days{year{parts.tm_year + 1900} / (parts.tm_mon + 1) / parts.tm_mday};
  return Time{day} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string serial_text(const ASN1_INTEGER* serial) {
  constexpr std::size_t shown = 64;
  const std::string_view octets = octets_of(serial);
  std::string text = octets.empty() ? "00" : hex(octets.substr(0, shown));
  for (char& c : text) c = ascii::upper(c);
  if (octets.size() > shown) text += "…";
  return ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? '-' + text : text;
}

std::string_view octets_of(const ASN1_STRING* text) {
  const int size = ASN1_STRING_length(text);
  if (size <= 0) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(size)};
}

std::string sha256_hex(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  checked(EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha256(), nullptr),
          "EVP_Digest");
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace siegel::pki
