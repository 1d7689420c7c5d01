#pragma once

#include <filesystem>
#include <string>

#include <openssl/evp.h>

/// OpenSSL's engine "pkcs11" (libengine-pkcs11-openssl), which makes EVP_PKEYs of keys that live in
/// a token. It exists once in a process and never ends: keys that it made work as long as it is
/// there, and its end would stop the PKCS#11 library for everybody. Thread-safe.
namespace siegel::pki {

/// REQUIRES: the process is logged in. Throws Error{ours} if the engine is not installed, or works
/// with another library already.
void start_token_engine(const std::filesystem::path& module, const std::string& pin);

/// The key that an RFC 7512 URI names; the caller owns it, and any number of threads may use it.
/// REQUIRES: the engine was started. Throws Error{ours} if there is no such key.
[[nodiscard]] EVP_PKEY* load_token_key(const std::string& uri);

}  // namespace siegel::pki
