#include "tests/smtp/certificates.h"

#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace siegel::tests {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("certificate extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(const std::string& name, const Key& key) {
  Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(made.get(), key.get());
  return made;
}

void sign(X509* certificate, const X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (X509_sign(certificate, key, EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
}

std::FILE* open_for_writing(const std::filesystem::path& file) {
  std::FILE* const out = std::fopen(file.c_str(), "w");
  if (out == nullptr) throw std::runtime_error("cannot write " + file.string());
  return out;
}

void write_pem(const std::filesystem::path& file, X509* certificate) {
  std::FILE* const out = open_for_writing(file);
  PEM_write_X509(out, certificate);
  std::fclose(out);
}

void write_pem(const std::filesystem::path& file, EVP_PKEY* key) {
  std::FILE* const out = open_for_writing(file);
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
}

}  // namespace

TestCertificates TestCertificates::make(const std::filesystem::path& directory,
                                        const std::string& host) {
  const Key ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate ca = unsigned_certificate("Test CA", ca_key);
  add_extension(ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(ca.get(), ca.get(), ca_key.get());

  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate server = unsigned_certificate("server", key);
  const bool is_ip = host.find_first_not_of("0123456789.") == std::string::npos;
  add_extension(server.get(), NID_subject_alt_name, (is_ip ? "IP:" : "DNS:") + host);
  sign(server.get(), ca.get(), ca_key.get());

  const TestCertificates files{directory / "ca.pem", directory / "server.pem",
                               directory / "server.key"};
  write_pem(files.ca, ca.get());
  write_pem(files.certificate, server.get());
  write_pem(files.key, key.get());
  return files;
}

}  // namespace siegel::tests
