#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"
#include "pki/loose_keys.h"

namespace siegel::tools {

/// The files by which `siegel explain` is told what to believe.
struct LooseFiles {
  std::vector<std::filesystem::path> trust, crls;
  /// Of an OpenPGP key perhaps with its passphrase: "secret.asc:passphrase".
  std::vector<std::string> keys;
  std::filesystem::path password_file;  ///< of the keys; empty: they are not protected
};

/// The octets of a mail as SMTP would bring them: line ends are CRLF, and what a mail program put
/// before the message when it saved it (an mbox "From " line, a byte order mark) is left out, which
/// a note on standard error says. Throws Error{peer} if there is nothing in it.
[[nodiscard]] std::string read_mail(const std::filesystem::path& file);

/// Reads the files, certificates and OpenPGP keys alike: what is in them tells. `config` gives the
/// settings of trust. Throws Error{peer} that names the file which cannot be used.
[[nodiscard]] pki::LooseKeys read_keys(const LooseFiles& files, const config::Config& config);

}  // namespace siegel::tools
