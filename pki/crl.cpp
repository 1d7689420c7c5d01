#include "pki/crl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "pki/asn1.h"
#include "pki/pem.h"

namespace siegel::pki {
namespace {

constexpr std::size_t octets_limit = std::size_t{50} << 20U;

using Integer = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;

// RFC 5280 §5.2.3: a non-negative integer of at most 20 octets; anything else counts as none.
std::string number_of(const X509_CRL* crl) {
  const Integer number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)));
  if (!number || ASN1_STRING_type(number.get()) != V_ASN1_INTEGER) return {};
  const std::string_view octets = octets_of(number.get());
  if (octets.size() > 20) return {};
  const std::string text = hex(octets);
  const auto first = text.find_first_not_of('0');
  return first == std::string::npos ? "0" : text.substr(first);
}

// The issuing distribution point says what a list covers (RFC 5280 §5.2.5): two lists of different
// scope never replace each other.
std::string_view scope_of(const X509_CRL* crl) {
  const int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);
  if (at < 0) return {};
  return octets_of(X509_EXTENSION_get_data(X509_CRL_get_ext(crl, at)));
}

std::string to_der_octets(std::string_view octets) {
  if (octets.find("-----BEGIN ") == std::string_view::npos) return std::string(octets);
  PemReader reader(octets);
  while (auto block = reader.next()) {
    if (block->label == PEM_STRING_X509_CRL) return std::move(block->octets);
  }
  return {};
}

}  // namespace

Crl::Crl(std::shared_ptr<X509_CRL> crl)
    : crl_(std::move(crl)),
      issuer_(printable_name(X509_CRL_get_issuer(crl_.get()))),
      number_(number_of(crl_.get())),
      // A time that cannot be read makes the list count as the oldest of all, and as out of date.
      this_update_(to_time(X509_CRL_get0_lastUpdate(crl_.get())).value_or(from_unix(0))),
      is_delta_(X509_CRL_get_ext_by_NID(crl_.get(), NID_delta_crl, -1) >= 0) {
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl_.get()))
    next_update_ = to_time(next).value_or(from_unix(0));
  static_cast<void>(drain_openssl_errors());
}

std::optional<Crl> Crl::parse(std::string_view octets) {
  if (octets.size() > octets_limit) return std::nullopt;
  X509_CRL* crl = from_der_exactly<X509_CRL>(to_der_octets(octets), d2i_X509_CRL, X509_CRL_free);
  if (crl == nullptr) return std::nullopt;
  return Crl(std::shared_ptr<X509_CRL>(crl, X509_CRL_free));
}

bool Crl::supersedes(const Crl& older) const {
  const bool same_kind =
      is_delta_ == older.is_delta_ &&
      X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_CRL_get_issuer(older.crl_.get())) == 0 &&
      scope_of(crl_.get()) == scope_of(older.crl_.get());
  if (!same_kind) return false;
  if (number_.empty() || older.number_.empty() || number_ == older.number_)
    return this_update_ > older.this_update_;
  // RFC 5280 §5.2.3: numbers increase monotonically; hexadecimal without leading zeros, so that the
  // longer one is the greater.
  if (number_.size() != older.number_.size()) return number_.size() > older.number_.size();
  return number_ > older.number_;
}

std::string Crl::der() const {
  return to_der(crl_.get(), i2d_X509_CRL);
}

}  // namespace siegel::pki
