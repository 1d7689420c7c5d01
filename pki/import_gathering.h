#pragma once

#include <string>
#include <string_view>

#include <openssl/x509.h>

#include "pki/import.h"

namespace siegel::pki {

/// What an import has found so far, and what it may still spend.
class Gathering {
 public:
  explicit Gathering(const std::string& password) : password_(password) {}

  [[nodiscard]] const std::string& password() const noexcept { return password_; }

  /// Each thing once; more than 1,000 of them are an Error{peer}. False if it is no certificate.
  bool add(std::string_view certificate_der);
  void add(const X509* certificate);
  /// False if it is no key that we can read.
  bool add_key(std::string_view key_der);
  bool add_key(const PKCS8_PRIV_KEY_INFO* key);

  /// The file is of a kind we know, whatever it holds.
  void recognise() noexcept { recognised_ = true; }
  [[nodiscard]] bool is_recognised() const noexcept { return recognised_; }
  /// Something in it did not open with the password.
  void lock() noexcept { locked_ = true; }
  [[nodiscard]] bool is_locked() const noexcept { return locked_; }

  /// Pays for deriving a key from the password; throws Error{peer} once the file has demanded ten
  /// million rounds in all: an honest one needs some hundred thousand.
  void pay(std::uint64_t rounds);
  void pay(const X509_ALGOR* password_based_encryption);

  [[nodiscard]] Bundle take() { return std::move(bundle_); }
  [[nodiscard]] bool is_empty() const noexcept {
    return bundle_.certificates.empty() && bundle_.keys.empty();
  }

 private:
  void count();

  std::string password_;
  Bundle bundle_;
  std::size_t objects_ = 0;
  std::uint64_t rounds_left_ = 10'000'000;
  bool recognised_ = false;
  bool locked_ = false;
};

/// Each reads `octets` into `gathering` if they are of its kind; false if they are not.
bool read_pkcs12(std::string_view octets, Gathering& gathering);
bool read_pkcs7(std::string_view octets, Gathering& gathering);
/// EncryptedPrivateKeyInfo (RFC 5958 §3).
bool read_encrypted_key(std::string_view octets, Gathering& gathering);

}  // namespace siegel::pki
