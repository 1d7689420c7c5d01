#include <map>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/crypt/smime_attributes.h"
#include "tests/crypt/smime_forge.h"

namespace siegel::tests {
namespace {

using crypt::smime::Verified;
using policy::Status;
using testing::HasSubstr;

class SmimeTrust : public testing::Test {
 protected:
  [[nodiscard]] static Verified check(const std::string& cms, const pki::Trust& trust,
                                      Time at = noon()) {
    return crypt::smime::verify_detached(cms, mail_entity, trust, {}, at);
  }
  [[nodiscard]] static Verified check(const std::string& cms) {
    return check(cms, world().trust());
  }
  [[nodiscard]] static std::string sign(const Party& party) {
    return crypt::smime::sign_detached(octets(mail_entity), party.signer(), noon());
  }
  // Somebody whom nobody here knows, with an authority of his own.
  [[nodiscard]] static Party stranger(const pki::LocalCa& ca) {
    const pki::PrivateKey& key = shared_key(pki::KeyType::p256);
    return {*Address::parse("fremd@world.example"),
            key,
            ca.issue({"Fremd",
                      {"fremd@world.example"},
                      pki::Usage::both,
                      noon() - one_day,
                      noon() + one_day},
                     key),
            {ca.certificate()}};
  }

  const Party anna = world().person("anna@stadt.example");
};

// --- what the path says

TEST_F(SmimeTrust, AGoodSignatureNamesItsPath) {
  const auto verified = check(sign(anna));
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(verified.chain.size(), 3U);
  EXPECT_EQ(verified.layer.serial, anna.certificate.serial());
  EXPECT_THAT(verified.layer.issuer, HasSubstr("Test Office"));
}

TEST_F(SmimeTrust, R62_ACertificateThatCouldNotBeReadBackIsPassedOver) {
  const auto enlarge = [](X509* x509) {
    const std::string octets(70'000, 'A');
    const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(octets.data()),
                          static_cast<int>(octets.size()));
    const Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj("1.2.3.4.5", 1));
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509_EXTENSION_create_by_OBJ(nullptr, type.get(), 0, value.get()));
    X509_add_ext(x509, extension.get(), -1);
    X509_sign(x509, world().office().key().get(), EVP_sha256());
  };
  const pki::X509Handle copy(X509_dup(world().office().certificate().x509()));
  enlarge(copy.get());
  const auto large = pki::Certificate::share(copy.get());
  const auto verified = check(Forge().signed_by(anna).with_certificate(large).der());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
  EXPECT_EQ(std::ranges::count(verified.certificates, large), 0);
  const pki::X509Handle own(X509_dup(anna.certificate.x509()));
  enlarge(own.get());
  Party oversized = anna;
  oversized.certificate = pki::Certificate::share(own.get());
  EXPECT_EQ(check(Forge().signed_by(oversized).der()).layer.status, Status::no_certificate);
}

TEST_F(SmimeTrust, ARevokedCertificateIsRevoked) {
  const pki::Trust trust(world().material({anna.certificate}));
  EXPECT_EQ(check(sign(anna), trust).layer.status, Status::revoked);
}

TEST_F(SmimeTrust, AnExpiredCertificateIsExpired) {
  const Party old = world().person(
      {"Old", {"old@stadt.example"}, pki::Usage::both, noon() - 10 * one_day, noon() - 2 * one_day},
      shared_key(pki::KeyType::p256));
  EXPECT_EQ(check(sign(old)).layer.status, Status::expired);
}

TEST_F(SmimeTrust, WithoutARevocationListTheStatusIsUnchecked) {
  pki::Trust::Material material = world().material();
  material.crls.clear();
  EXPECT_EQ(check(sign(anna), pki::Trust(material)).layer.status, Status::unchecked_revocation);
  EXPECT_FALSE(check(sign(anna), pki::Trust(material)).layer.soft_fail);
  material.anchors.front().revocation = config::RevocationMode::soft_fail;
  EXPECT_TRUE(check(sign(anna), pki::Trust(material)).layer.soft_fail);
}

TEST_F(SmimeTrust, R21_TheReasonNamesWhatIsWeak) {
  Party weak = anna;
  const pki::X509Handle copy(X509_dup(anna.certificate.x509()));
  pki::checked(X509_sign(copy.get(), world().office().key().get(), EVP_sha224()), "X509_sign");
  weak.certificate = *pki::Certificate::from_der(pki::Certificate::share(copy.get()).der());
  const auto verified = check(Forge().signed_by(weak).der());
  EXPECT_EQ(verified.layer.status, Status::weak);
  EXPECT_EQ(verified.layer.algorithm, "P-256 with SHA-256");
  EXPECT_THAT(verified.layer.reason, HasSubstr("SHA-224"));
  EXPECT_THAT(verified.layer.reason, testing::Not(HasSubstr("SHA-256")));
}

TEST_F(SmimeTrust, ARefusedDigestIsNotHiddenBehindAnUnknownRevocationStatus) {
  pki::Trust::Material material = world().material();
  material.crls.clear();
  material.anchors.front().revocation = config::RevocationMode::soft_fail;
  const auto verified = check(Forge().signed_by(anna, EVP_sha1()).der(), pki::Trust(material));
  EXPECT_EQ(verified.layer.status, Status::weak);
  EXPECT_FALSE(verified.layer.soft_fail);
}

// --- what comes along

TEST_F(SmimeTrust, R26_ARootThatCameAlongIsNoAnchor) {
  const auto ca = pki::LocalCa::make("Elsewhere", "Unknown Root", pki::KeyType::p256, noon());
  const auto verified = check(Forge().signed_by(stranger(ca)).der());
  EXPECT_THAT(verified.layer.status, testing::AnyOf(Status::unknown_signer, Status::untrusted));
}

TEST_F(SmimeTrust, R26_RevocationListsThatCameAlongAreIgnored) {
  pki::Trust::Material material = world().material();
  material.crls.clear();
  const auto clean = world().office().revoke({}, 9, noon() - one_day, noon() + one_day);
  const auto lists_anna =
      world().office().revoke({anna.certificate}, 9, noon() - one_day, noon() + one_day);
  EXPECT_EQ(check(Forge().signed_by(anna).with_crl(clean).der(), pki::Trust(material)).layer.status,
            Status::unchecked_revocation);
  EXPECT_EQ(check(Forge().signed_by(anna).with_crl(lists_anna).der()).layer.status, Status::good);
}

TEST_F(SmimeTrust, R26_AtMostTenCertificatesAreTakenAndTheSignersIsOne) {
  Forge forge;
  for (int i = 0; i < 20; ++i)
    forge.with_certificate(world().person("p" + std::to_string(i) + "@stadt.example").certificate);
  const auto verified = check(forge.signed_by(anna).der());
  EXPECT_EQ(verified.certificates.size(), 10U);
  EXPECT_EQ(verified.certificates.front(), anna.certificate);
}

TEST_F(SmimeTrust, R26_AMissingIntermediateMayComeFromTheOperator) {
  Party alone = anna;
  alone.chain.clear();
  pki::Trust::Material material = world().material();
  EXPECT_EQ(check(sign(alone), pki::Trust(material)).layer.status, Status::unknown_signer);
  material.intermediates.push_back(world().office().certificate());
  EXPECT_EQ(check(sign(alone), pki::Trust(material)).layer.status, Status::good);
}

// --- whose certificate

TEST_F(SmimeTrust, R28_WithoutTheSignersCertificateTheSignerIsUnknown) {
  const auto verified = check(Forge().signed_by(anna, EVP_sha256(), CMS_NOCERTS).der());
  EXPECT_EQ(verified.layer.status, Status::no_certificate);
  EXPECT_FALSE(verified.signer);
}

TEST_F(SmimeTrust, R28_ASignerNamedByKeyIdentifierIsFound) {
  const auto verified = check(Forge().signed_by(anna, EVP_sha256(), CMS_USE_KEYID).der());
  EXPECT_EQ(verified.layer.status, Status::good) << verified.layer.reason;
}

TEST_F(SmimeTrust, R28_ASubstitutedCertificateIsBad) {
  // The same authority, serial number and key, but not the certificate that was signed with.
  const auto twin = altered(anna.certificate, [](X509* x509) {
    X509_gmtime_adj(X509_getm_notAfter(x509), 60L * 60 * 24 * 3650);
  });
  ASSERT_EQ(twin.serial(), anna.certificate.serial());
  const auto verified = check(with_certificate_replaced(sign(anna), anna.certificate, twin));
  EXPECT_EQ(verified.layer.status, Status::bad);
  EXPECT_THAT(verified.layer.reason, HasSubstr("another certificate"));
}

/// Anna's signature with signing-certificate attributes of these values.
Verified naming_certificate(const Party& anna, const std::map<int, std::string>& values) {
  const auto add = [&](CMS_SignerInfo* signer) {
    for (const auto& [nid, der] : values)
      CMS_signed_add1_attr_by_NID(signer, nid, V_ASN1_SEQUENCE, der.data(),
                                  static_cast<int>(der.size()));
  };
  const std::string cms = Forge().signed_by(anna).rework(anna, add).der();
  return crypt::smime::verify_detached(cms, mail_entity, world().trust(), {}, noon());
}

/// SigningCertificate or SigningCertificateV2: { certs { { certHash, issuerSerial } } }
std::string certificate_id(const std::string& hash, const std::string& issuer_serial = {}) {
  return element('\x30', element('\x30', element('\x30', element('\x04', hash) + issuer_serial)));
}

/// IssuerSerial of `certificate`, or with another issuer or serial number than it has.
std::string issuer_serial(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  const std::string name = element('\xA4', pki::to_der(issuer, i2d_X509_NAME));
  return element('\x30', element('\x30', name) + pki::to_der(serial, i2d_ASN1_INTEGER));
}

TEST_F(SmimeTrust, R28_IssuerAndSerialMustFitWhereTheyAreGiven) {
  const X509* const own = anna.certificate.x509();
  const X509* const office = world().office().certificate().x509();
  const auto with = [&](const std::string& given) {
    const std::string hash = crypt::smime::digest_of(anna.certificate.der(), NID_sha256);
    return naming_certificate(anna,
                              {{NID_id_smime_aa_signingCertificateV2, certificate_id(hash, given)}})
        .layer;
  };
  const X509_NAME* const issuer = X509_get_issuer_name(own);
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(own);
  EXPECT_EQ(with("").status, Status::good);
  EXPECT_EQ(with(issuer_serial(issuer, serial)).status, Status::good);
  const auto foreign = with(issuer_serial(X509_get_issuer_name(office), serial));
  EXPECT_EQ(foreign.status, Status::bad);
  EXPECT_THAT(foreign.reason, HasSubstr("another certificate"));
  EXPECT_EQ(with(issuer_serial(issuer, X509_get0_serialNumber(office))).status, Status::bad);
  EXPECT_EQ(with(element('\x30', "")).status, Status::bad);
  EXPECT_EQ(with(element('\x04', "x")).status, Status::bad);
}

TEST_F(SmimeTrust, R28_BothFormsMustFitWhereBothAreThere) {
  const auto with = [&](const std::string& old_hash, const std::string& new_hash) {
    return naming_certificate(anna,
                              {{NID_id_smime_aa_signingCertificate, certificate_id(old_hash)},
                               {NID_id_smime_aa_signingCertificateV2, certificate_id(new_hash)}})
        .layer.status;
  };
  const std::string sha1 = crypt::smime::digest_of(anna.certificate.der(), NID_sha1);
  const std::string sha256 = crypt::smime::digest_of(anna.certificate.der(), NID_sha256);
  EXPECT_EQ(with(sha1, sha256), Status::good);
  EXPECT_EQ(with(std::string(20, 'x'), sha256), Status::bad);
  EXPECT_EQ(with(sha1, std::string(32, 'x')), Status::bad);
}

TEST_F(SmimeTrust, R28_TheOldFormOfTheSigningCertificateCountsToo) {
  const auto with = [&](const std::string& der) {
    return naming_certificate(anna, {{NID_id_smime_aa_signingCertificate, der}});
  };
  const std::string hash = crypt::smime::digest_of(anna.certificate.der(), NID_sha1);
  EXPECT_EQ(with(certificate_id(hash)).layer.status, Status::good);
  EXPECT_EQ(with(certificate_id(std::string(20, 'x'))).layer.status, Status::bad);
  EXPECT_EQ(with("\x30\x02\x30\x7F").layer.status, Status::bad);
}

TEST_F(SmimeTrust, R29_TheResultIsBoundToTheCertificateNotToTheSignature) {
  // Two certificates for one key: without the signing certificate attribute, both fit.
  const auto twin = altered(anna.certificate, [](X509* x509) {
    X509_gmtime_adj(X509_getm_notAfter(x509), 60L * 60 * 24 * 3650);
  });
  const std::string cms = Forge().signed_by(anna).der();
  const auto one = check(cms);
  const auto other = check(with_certificate_replaced(cms, anna.certificate, twin));
  ASSERT_TRUE(one.signer && other.signer);
  EXPECT_NE(one.signer->fingerprint(), other.signer->fingerprint());
}

// ---

// A socket that listens, and knows whether anybody came.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    bind(socket_, reinterpret_cast<sockaddr*>(&address_), size);
    listen(socket_, 5);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(socket_); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/x";
  }
  [[nodiscard]] bool was_called() const {
    pollfd waiting{socket_, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
  }

 private:
  int socket_;
  sockaddr_in address_{};
};

void add_extension(X509* x509, int nid, const std::string& value) {
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      pki::checked(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()), "extension"));
  pki::checked(X509_add_ext(x509, extension.get(), -1), "X509_add_ext");
}

TEST_F(SmimeTrust, R30_NoAddressInACertificateIsEverVisited) {
  static const Listener listener;
  Party tempting = anna;
  tempting.certificate = altered(anna.certificate, [](X509* x509) {
    add_extension(x509, NID_info_access,
                  "caIssuers;URI:" + listener.url() + ",OCSP;URI:" + listener.url());
    add_extension(x509, NID_crl_distribution_points, "URI:" + listener.url());
  });
  tempting.chain.clear();
  pki::Trust::Material material = world().material();
  EXPECT_EQ(check(sign(tempting), pki::Trust(material)).layer.status, Status::unknown_signer);
  material.crls.clear();
  material.intermediates.push_back(world().office().certificate());
  EXPECT_EQ(check(sign(tempting), pki::Trust(material)).layer.status, Status::unchecked_revocation);
  EXPECT_FALSE(listener.was_called());
}

// --- what is no signature at all

TEST_F(SmimeTrust, R25_IndefiniteLengthsAreRead) {
  EXPECT_EQ(check(as_indefinite(sign(anna))).layer.status, Status::good);
}

TEST_F(SmimeTrust, R25_IndefiniteContentIsPutTogether) {
  const std::string large(100000, 'x');
  const auto verified =
      crypt::smime::verify_opaque(as_streamed_ber(anna, large), world().trust(), {}, noon());
  EXPECT_EQ(verified.content, large);
}

TEST_F(SmimeTrust, R25_WhatIsTooLargeIsNotParsed) {
  std::string cms = sign(anna);
  cms.resize(crypt::smime::max_signature_octets + 1);
  EXPECT_EQ(check(cms).layer.status, Status::malformed);
}

TEST_F(SmimeTrust, R25_OctetsBehindTheSignatureAreAnAmbiguity) {
  EXPECT_EQ(check(sign(anna) + "x").layer.status, Status::malformed);
}

TEST_F(SmimeTrust, R25_EveryTruncationIsMalformed) {
  const std::string cms = sign(anna);
  for (std::size_t size = 0; size < cms.size(); size += 7)
    EXPECT_EQ(check(cms.substr(0, size)).layer.status, Status::malformed) << size;
}

TEST_F(SmimeTrust, R25_DeepNestingEndsEarly) {
  std::string bomb;
  for (int i = 0; i < 100000; ++i) bomb += "\x30\x80";
  EXPECT_EQ(check(bomb).layer.status, Status::malformed);
  EXPECT_EQ(crypt::smime::content_kind(bomb), crypt::smime::ContentKind::none);
}

TEST_F(SmimeTrust, ContentKindsAreTold) {
  using crypt::smime::ContentKind;
  const auto kind = [](const std::string& cms) { return crypt::smime::content_kind(cms); };
  const std::vector<pki::PeerKey> cbc{anna.peer()}, gcm{anna.peer({.aes_gcm = true})};
  EXPECT_EQ(kind(sign(anna)), ContentKind::signed_data);
  EXPECT_EQ(kind(crypt::smime::encrypt(octets("x"), cbc, {}).der), ContentKind::enveloped);
  EXPECT_EQ(kind(crypt::smime::encrypt(octets("x"), gcm, {}).der), ContentKind::auth_enveloped);
  EXPECT_EQ(kind(as_streamed_ber(anna, "x")), ContentKind::signed_data);
  EXPECT_EQ(kind("\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x05"), ContentKind::other);
  EXPECT_EQ(kind("\x30\x0D\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x09"),
            ContentKind::compressed);
  EXPECT_EQ(kind("Content-Type: text/plain"), ContentKind::none);
  EXPECT_EQ(kind(""), ContentKind::none);
}

}  // namespace
}  // namespace siegel::tests
