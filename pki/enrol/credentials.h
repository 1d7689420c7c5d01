#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "pki/certificate.h"
#include "pki/private_key.h"
#include "pki/secret.h"
#include "pki/tls_rules.h"

/// What a connector proves itself with, read from the files that a CA profile names. They are read
/// at each use, so that a new password needs no restart.
namespace siegel::pki::enrol {

// `setting` is the name of the file's key in the CA profile: "cmp.secret". All throw Error{ours}
// that names file and setting, and holds nothing of the file. Secrets and keys are the owner's
// alone, and no symbolic links (pki/private_file.h).

/// The first line of `file`, without its line end; at most 4 KiB.
[[nodiscard]] Secret read_secret(const std::filesystem::path& file, std::string_view setting);
/// The same for a secret that messages are authenticated with: of at least 16 characters, because
/// whoever sees a message can try all short ones.
[[nodiscard]] Secret read_shared_secret(const std::filesystem::path& file,
                                        std::string_view setting);
/// At least one certificate, PEM, at most 1 MiB.
[[nodiscard]] std::vector<Certificate> read_certificates(const std::filesystem::path& file,
                                                         std::string_view setting);
/// The files of a certificate (PEM, its chain may follow) and of its key (PEM or DER, not
/// encrypted). `connector` is "cmp" or "est".
[[nodiscard]] Identity read_identity(const std::filesystem::path& certificate,
                                     const std::filesystem::path& key, std::string_view connector);

/// A certificate that may prove who is speaking: keyUsage digitalSignature or none at all, and
/// valid at `now`.
[[nodiscard]] bool may_speak(const Certificate& certificate, Time now);

}  // namespace siegel::pki::enrol
