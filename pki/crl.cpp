#include "pki/crl.h"

#include <algorithm>
#include <array>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "pki/algorithms.h"
#include "pki/asn1.h"
#include "pki/pem.h"

namespace siegel::pki {
namespace {

constexpr std::size_t octets_limit = std::size_t{50} << 20U;
constexpr std::size_t signers_limit = 100;

using Integer = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using Part = Handle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;

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

bool is_known(const X509_EXTENSION* extension) {
  constexpr std::array<int, 5> known{NID_issuing_distribution_point, NID_authority_key_identifier,
                                     NID_crl_number, NID_delta_crl, NID_certificate_issuer};
  if (X509_EXTENSION_get_critical(extension) == 0) return true;
  const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
  return std::ranges::find(known, nid) != known.end();
}

bool holds_unknown(const STACK_OF(X509_EXTENSION) * extensions) {
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i)
    if (!is_known(sk_X509_EXTENSION_value(extensions, i))) return true;
  return false;
}

bool has_unreadable_part(const X509_CRL* crl) {
  int state = 0;  // -1: it is not there; else the extension is unreadable or stands there twice
  const Part part(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &state, nullptr)));
  return !part && state != -1;
}

bool holds_unknown(X509_CRL* crl) {
  if (has_unreadable_part(crl)) return true;
  if (holds_unknown(X509_CRL_get0_extensions(crl))) return true;
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)
    if (holds_unknown(X509_REVOKED_get0_extensions(sk_X509_REVOKED_value(entries, i)))) return true;
  return false;
}

bool is_pem(std::string_view octets) {
  return octets.find("-----BEGIN ") != std::string_view::npos;
}

/// Of a PEM text, the DER of its only list.
std::string only_list_in(std::string_view pem) {
  PemReader reader(pem);
  std::optional<std::string> found;
  while (auto block = reader.next()) {
    if (block->label != PEM_STRING_X509_CRL) continue;
    if (found || block->is_broken) return {};
    found = std::move(block->octets);
  }
  return found.value_or(std::string());
}

std::optional<std::size_t> length_of_first_object(std::string_view der) {
  const auto* start = reinterpret_cast<const unsigned char*>(der.data());
  const auto* in = start;
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  const int form = ASN1_get_object(&in, &length, &tag, &tag_class, static_cast<long>(der.size()));
  static_cast<void>(drain_openssl_errors());
  if ((form & 0x80) != 0) return std::nullopt;
  return static_cast<std::size_t>(in - start) + static_cast<std::size_t>(length);
}

Error no_list(std::string_view octets) {
  const auto length = length_of_first_object(octets);
  if (length && *length < octets.size() && Crl::parse(octets.substr(0, *length)))
    return {Fault::peer,
            "there is something behind the first revocation list; give each list in a file of its "
            "own, or all of them as PEM"};
  return {Fault::peer, "this is no revocation list; give PEM or DER"};
}

}  // namespace

Crl::Crl(std::shared_ptr<X509_CRL> crl)
    : crl_(std::move(crl)),
      issuer_(printable_name(X509_CRL_get_issuer(crl_.get()))),
      number_(number_of(crl_.get())),
      // A time that cannot be read makes the list count as the oldest of all, and as out of date.
      this_update_(to_time(X509_CRL_get0_lastUpdate(crl_.get())).value_or(from_unix(0))),
      is_delta_(X509_CRL_get_ext_by_NID(crl_.get(), NID_delta_crl, -1) >= 0),
      is_enigmatic_(holds_unknown(crl_.get())),
      is_forgeable_(judge_signature(crl_.get()).strength == Strength::refused) {
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl_.get()))
    next_update_ = to_time(next).value_or(from_unix(0));
  static_cast<void>(drain_openssl_errors());
}

std::optional<Crl> Crl::parse(std::string_view octets) {
  if (octets.size() > octets_limit) return std::nullopt;
  const std::string der = is_pem(octets) ? only_list_in(octets) : std::string(octets);
  X509_CRL* crl = from_der_exactly<X509_CRL>(der, d2i_X509_CRL, X509_CRL_free);
  if (crl == nullptr) return std::nullopt;
  return Crl(std::shared_ptr<X509_CRL>(crl, X509_CRL_free));
}

std::string_view Crl::part() const {
  const int at = X509_CRL_get_ext_by_NID(crl_.get(), NID_issuing_distribution_point, -1);
  if (at < 0) return {};
  return octets_of(X509_EXTENSION_get_data(X509_CRL_get_ext(crl_.get(), at)));
}

bool Crl::is_later_than(const Crl& other) const {
  if (number_.empty() || other.number_.empty() || number_ == other.number_)
    return this_update_ > other.this_update_;
  // RFC 5280 §5.2.3: numbers increase monotonically; hexadecimal without leading zeros, so that the
  // longer one is the greater.
  if (number_.size() != other.number_.size()) return number_.size() > other.number_.size();
  return number_ > other.number_;
}

// RFC 5280 §5.2.5: two lists of different parts never replace each other.
bool Crl::supersedes(const Crl& older) const {
  return is_delta_ == older.is_delta_ &&
         X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_CRL_get_issuer(older.crl_.get())) ==
             0 &&
         part() == older.part() && is_later_than(older);
}

bool Crl::is_signed_by(const Certificate& issuer) const {
  if (X509_NAME_cmp(X509_get_subject_name(issuer.x509()), X509_CRL_get_issuer(crl_.get())) != 0)
    return false;
  const std::string& key = issuer.key_id();
  const auto known = signers_->with([&](const auto& signers) -> std::optional<bool> {
    const auto found = signers.find(key);
    return found == signers.end() ? std::nullopt : std::optional(found->second);
  });
  if (known) return *known;
  const bool did =
      issuer.public_key() != nullptr && X509_CRL_verify(crl_.get(), issuer.public_key()) == 1;
  static_cast<void>(drain_openssl_errors());
  signers_->with([&](auto& signers) {
    // Anybody can send certificates of this name; what is remembered of them must not grow for
    // ever.
    if (signers.size() >= signers_limit) signers.clear();
    signers.emplace(key, did);
  });
  return did;
}

std::string Crl::der() const {
  return to_der(crl_.get(), i2d_X509_CRL);
}

std::vector<Crl> read_crls(std::string_view octets) {
  std::vector<Crl> lists;
  PemReader reader(is_pem(octets) ? octets : std::string_view());
  std::size_t number = 0;
  while (const auto block = reader.next()) {
    ++number;
    if (block->label != PEM_STRING_X509_CRL) continue;
    auto list = block->is_broken ? std::nullopt : Crl::parse(block->octets);
    if (!list)
      throw Error(Fault::peer, "PEM block " + std::to_string(number) +
                                   " is damaged: no revocation list can be read from it; fetch the "
                                   "list anew");
    lists.push_back(std::move(*list));
  }
  if (!lists.empty()) return lists;
  auto single = Crl::parse(octets);
  if (!single) throw no_list(octets);
  return {std::move(*single)};
}

}  // namespace siegel::pki
