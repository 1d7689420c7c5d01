#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/certificate.h"
#include "pki/private_key.h"

namespace siegel::pki {

/// A certificate with its key, and what else the file of the certificate held.
struct Identity {
  Certificate certificate;
  PrivateKey key;
  std::vector<Certificate> chain{};
};

enum class SystemAnchors { ignored, believed };

/// Whom TLS believes, and as whom we speak.
struct TlsRules {
  std::vector<Certificate> anchors;
  std::optional<Identity> client{};
  std::string to_check{};  ///< what an admin looks at if the server is not believed
  SystemAnchors system = SystemAnchors::ignored;  ///< those that the system believes, too
};

}  // namespace siegel::pki
