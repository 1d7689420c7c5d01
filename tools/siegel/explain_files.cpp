#include "tools/siegel/explain_files.h"

#include <algorithm>

#include "base/utf8.h"
#include "tools/siegel/command.h"
#include "tools/siegel/openpgp_argument.h"
#include "tools/siegel/workbench.h"

namespace siegel::tools {
namespace {

/// A file on disk may end its lines with LF, as `openssl cms -sign` writes them; SMTP brings CRLF
/// only.
std::string on_the_wire(std::string_view octets) {
  std::string wire;
  wire.reserve(octets.size() + octets.size() / 32);
  char before = '\0';
  for (const char octet : octets) {
    if (octet == '\n' && before != '\r') wire += '\r';
    wire += octet;
    before = octet;
  }
  return wire;
}

/// The message without what stands before it in a saved file.
std::string_view message_in(std::string_view file) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (file.starts_with(mark)) {
    note("left out the byte order mark before the message; it never was in the mail");
    file.remove_prefix(mark.size());
  }
  if (file.starts_with("From ")) {
    note("left out the first line, which a mail program's mbox file has before each message");
    file.remove_prefix(std::min(file.find('\n'), file.size() - 1) + 1);
  }
  return file;
}

// --- OpenPGP

/// The OpenPGP keys among the files; gpg is started for the first of them.
class OpenPgpFiles {
 public:
  /// True if there is an OpenPGP key in it, which is believed from now on.
  bool believe(const std::filesystem::path& file) {
    const std::string octets = read_argument(file);
    if (!looks_like_openpgp(octets)) return false;
    naming(file, [&] { keys().believe(octets); });
    return true;
  }
  /// The same for a key of ours: "secret.asc", or "secret.asc:passphrase". For nothing else is a
  /// passphrase taken from the command line, where others can see it.
  bool add_own(const std::string& argument, const pki::Secret& password) {
    const std::size_t colon = end_of_path(argument);
    const std::filesystem::path file = argument.substr(0, colon);
    const std::string octets = read_argument(file);
    if (!looks_like_openpgp(octets)) return false;
    const bool has_own = colon < argument.size();
    const pki::Secret said(has_own ? argument.substr(colon + 1) : password.text());
    naming(file, [&] { keys().add_own(octets, said); });
    return true;
  }
  std::unique_ptr<pki::LooseOpenPgpKeys> take() { return std::move(keys_); }

 private:
  /// Where the path ends: a file may have a colon in its name.
  static std::size_t end_of_path(const std::string& argument) {
    std::error_code unreadable;
    for (std::size_t end = argument.size(); end != std::string::npos && end > 0;
         end = argument.rfind(':', end - 1)) {
      if (std::filesystem::is_regular_file(argument.substr(0, end), unreadable)) return end;
    }
    return argument.size();
  }
  pki::LooseOpenPgpKeys& keys() {
    if (!keys_) keys_ = std::make_unique<pki::LooseOpenPgpKeys>(own_workbench());
    return *keys_;
  }

  std::unique_ptr<pki::LooseOpenPgpKeys> keys_;
};

pki::Trust::Material read_trust(const LooseFiles& files, const config::Config& config,
                                OpenPgpFiles& openpgp) {
  pki::Trust::Material material;
  material.settings = config.smime;
  material.crl_grace = config.revocation.grace;
  for (const auto& file : files.trust) {
    if (openpgp.believe(file)) continue;
    const auto certificates = read_bundle_argument(file).certificates;
    if (certificates.empty())
      throw Error(Fault::peer, printable(file.string()) +
                                   " holds no certificate; name the file of an authority's root");
    for (const auto& each : certificates) {
      // A root is an anchor; an intermediate in the same file only helps to build paths.
      if (each.is_self_issued()) {
        material.anchors.push_back({each, config.revocation.mode, file.filename().string()});
      } else {
        material.intermediates.push_back(each);
      }
    }
  }
  for (const auto& file : files.crls) {
    const std::string octets = read_argument(file);
    const auto lists = naming(file, [&] { return pki::read_crls(octets); });
    material.crls.insert(material.crls.end(), lists.begin(), lists.end());
  }
  return material;
}

void pair_up(const pki::Bundle& bundle, std::vector<pki::DecryptionKey>& own,
             std::vector<pki::Certificate>& helpers) {
  for (const pki::Certificate& certificate : bundle.certificates) {
    const auto key = std::ranges::find_if(
        bundle.keys, [&](const pki::PrivateKey& each) { return each.fits(certificate); });
    if (key == bundle.keys.end()) {
      helpers.push_back(certificate);
    } else {
      own.push_back({certificate, *key});
    }
  }
}

}  // namespace

std::string read_mail(const std::filesystem::path& file) {
  const std::string octets = read_argument(file);
  if (octets.empty())
    throw Error(Fault::peer, (file == "-" ? "standard input" : printable(file.string())) +
                                 " is empty; give a message with its header");
  return on_the_wire(message_in(octets));
}

pki::LooseKeys read_keys(const LooseFiles& files, const config::Config& config) {
  std::vector<pki::DecryptionKey> own;
  std::vector<pki::Certificate> helpers;
  OpenPgpFiles openpgp;
  const pki::Secret password = read_password(files.password_file);
  for (const std::string& file : files.keys) {
    if (openpgp.add_own(file, password)) continue;
    const auto before = own.size();
    pair_up(read_bundle_argument(file, password.text()), own, helpers);
    if (own.size() == before)
      throw Error(Fault::peer, printable(file) +
                                   " holds no private key together with its certificate; name a "
                                   "file that has both");
  }
  pki::Trust::Material trust = read_trust(files, config, openpgp);
  return {std::move(trust), std::move(own), std::move(helpers), openpgp.take()};
}

}  // namespace siegel::tools
