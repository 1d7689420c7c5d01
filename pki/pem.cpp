#include "pki/pem.h"

#include <memory>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "pki/certificate.h"

namespace siegel::pki {
namespace {

void free_memory(void* memory) {
  OPENSSL_free(memory);
}
using Memory = Handle<void, free_memory>;

}  // namespace

std::optional<PemBlock> PemReader::next() {
  while (BIO_pending(bio_.get()) > 0) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const int found = PEM_read_bio(bio_.get(), &label, &header, &data, &size);
    static_cast<void>(drain_openssl_errors());
    if (found != 1) continue;  // a broken block; at the end nothing is pending
    const Memory owns_label(label), owns_header(header), owns_data(data);
    PemBlock block{label, header, {reinterpret_cast<char*>(data), static_cast<std::size_t>(size)}};
    OPENSSL_cleanse(data, static_cast<std::size_t>(size));  // it may be a private key
    return block;
  }
  return std::nullopt;
}

std::vector<Certificate> certificates_from_pem(std::string_view pem, std::size_t limit) {
  std::vector<Certificate> certificates;
  PemReader reader(pem);
  while (certificates.size() < limit) {
    const auto block = reader.next();
    if (!block) break;
    if (block->label != PEM_STRING_X509 && block->label != PEM_STRING_X509_OLD) continue;
    if (auto certificate = Certificate::from_der(block->octets))
      certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

}  // namespace siegel::pki
