#include "pki/openssl.h"

#include <array>
#include <climits>

#include <openssl/err.h>

namespace siegel::pki {

std::string drain_openssl_errors() {
  std::string all;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    if (!all.empty()) all += "; ";
    all += text.data();
  }
  return all;
}

Error openssl_error(Fault fault, std::string_view what) {
  std::string said = fault == Fault::ours
                         ? "an inner fault of the gateway, please tell its operator"
                         : "cryptographic data could not be processed";
  return {fault, std::move(said), std::string(what) + ": " + drain_openssl_errors()};
}

BioHandle memory_bio(std::string_view octets) {
  if (octets.size() > INT_MAX) throw Error(Fault::peer, "this is too large to be read at once");
  const char* start = octets.empty() ? "" : octets.data();  // OpenSSL refuses a null pointer
  return BioHandle(
      checked(BIO_new_mem_buf(start, static_cast<int>(octets.size())), "BIO_new_mem_buf"));
}

BioHandle growing_bio() {
  return BioHandle(checked(BIO_new(BIO_s_mem()), "BIO_new"));
}

std::string octets_of(const BioHandle& bio) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &start);
  if (size <= 0) return {};
  return {start, static_cast<std::size_t>(size)};
}

}  // namespace siegel::pki
