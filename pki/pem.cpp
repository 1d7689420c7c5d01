#include "pki/pem.h"

#include <memory>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "pki/certificate.h"
#include "pki/openssl.h"

namespace siegel::pki {
namespace {

void free_memory(void* memory) {
  OPENSSL_free(memory);
}
using Memory = Handle<void, free_memory>;

constexpr std::string_view begin = "-----BEGIN ";

/// `pem` from the first block on that begins behind `start`.
std::string_view from_next_block(std::string_view pem, std::size_t start) {
  auto at = pem.find(begin, start);
  while (at != std::string_view::npos && at != 0 && pem[at - 1] != '\n' && pem[at - 1] != '\r')
    at = pem.find(begin, at + begin.size());
  return at == std::string_view::npos ? std::string_view() : pem.substr(at);
}

std::string label_of(std::string_view block) {
  const auto line = block.substr(begin.size(), block.find_first_of("\r\n") - begin.size());
  return std::string(line.substr(0, line.find("-----")));
}

PemBlock read_block(std::string_view text) {
  const BioHandle bio = memory_bio(text);
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(bio.get(), &label, &header, &data, &size) == 1;
  static_cast<void>(drain_openssl_errors());
  const Memory owns_label(label), owns_header(header), owns_data(data);
  if (!read) return {label_of(text), {}, {}, true};
  PemBlock block{label, header, {reinterpret_cast<char*>(data), static_cast<std::size_t>(size)}};
  OPENSSL_cleanse(data, static_cast<std::size_t>(size));  // it may be a private key
  return block;
}

}  // namespace

PemReader::PemReader(std::string_view pem) : rest_(from_next_block(pem, 0)) {}

std::optional<PemBlock> PemReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view rest = from_next_block(rest_, begin.size());
  const std::string_view text = rest_.substr(0, rest_.size() - rest.size());
  rest_ = rest;
  return read_block(text);
}

std::vector<Certificate> certificates_from_pem(std::string_view pem, std::size_t limit) {
  std::vector<Certificate> certificates;
  PemReader reader(pem);
  while (certificates.size() < limit) {
    const auto block = reader.next();
    if (!block) break;
    if (block->is_broken) continue;
    if (block->label != PEM_STRING_X509 && block->label != PEM_STRING_X509_OLD) continue;
    if (auto certificate = Certificate::from_der(block->octets))
      certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

}  // namespace siegel::pki
