#pragma once

#include <filesystem>
#include <string>

namespace siegel::tests {

/// A CA and a server certificate for `host` that it has signed, as PEM files in `directory`:
/// ca.pem, server.pem, server.key. Made anew for each test, so that no key lies about.
struct TestCertificates {
  std::filesystem::path ca, certificate, key;

  static TestCertificates make(const std::filesystem::path& directory, const std::string& host);
};

}  // namespace siegel::tests
