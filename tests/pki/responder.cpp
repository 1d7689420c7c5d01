#include "tests/pki/responder.h"

#include "pki/asn1.h"

namespace siegel::tests {
namespace {

using pki::checked;
using Basic = Handle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using Response = Handle<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using CertId = Handle<OCSP_CERTID, OCSP_CERTID_free>;
using Moment = Handle<ASN1_TIME, ASN1_TIME_free>;

Moment moment(const std::optional<Time>& time) {
  return Moment(time ? ASN1_GENERALIZEDTIME_set(nullptr, to_unix(*time)) : nullptr);
}

void add(OCSP_BASICRESP* basic, const ForgedAnswer& forgery, const pki::StatusNeed& about) {
  const CertId id(OCSP_cert_to_id(EVP_sha1(), about.certificate.x509(), about.issuer.x509()));
  const Moment from = moment(forgery.this_update);
  const Moment until = moment(forgery.next_update);
  (void)checked(OCSP_basic_add1_status(basic, id.get(), forgery.status, forgery.reason, from.get(),
                                       from.get(), until.get()),
                "OCSP_basic_add1_status");
}

void add_extensions(OCSP_BASICRESP* basic, const ForgedAnswer& forgery) {
  const auto put = [&](ASN1_OBJECT* type, const std::string& value, int critical) {
    const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> octets(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(value.data()),
                          static_cast<int>(value.size()));
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509_EXTENSION_create_by_OBJ(nullptr, type, critical, octets.get()));
    checked(OCSP_BASICRESP_add_ext(basic, extension.get(), -1), "OCSP_BASICRESP_add_ext");
  };
  if (!forgery.nonce.empty()) put(OBJ_nid2obj(NID_id_pkix_OCSP_Nonce), forgery.nonce, 0);
  if (!forgery.critical) return;
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj(forgery.critical->c_str(), 1));
  put(type.get(), std::string("\x05\x00", 2), 1);
}

}  // namespace

std::string forge_answer(const ForgedAnswer& forgery, const pki::StatusNeed& about,
                         const pki::LocalCa& signer) {
  const Basic basic(OCSP_BASICRESP_new());
  for (int i = 0; i < forgery.times; ++i) add(basic.get(), forgery, about);
  if (forgery.also) add(basic.get(), forgery, *forgery.also);
  add_extensions(basic.get(), forgery);
  const EVP_MD* digest = forgery.digest == Digest::sha1 ? EVP_sha1() : EVP_sha256();
  checked(OCSP_basic_sign(basic.get(), signer.certificate().x509(), signer.key().get(), digest,
                          nullptr, 0),
          "OCSP_basic_sign");
  const Response response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  return pki::to_der(response.get(), i2d_OCSP_RESPONSE);
}

std::string refusal(int status) {
  const Response response(OCSP_response_create(status, nullptr));
  return pki::to_der(response.get(), i2d_OCSP_RESPONSE);
}

}  // namespace siegel::tests
