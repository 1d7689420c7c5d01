#include "tools/siegel/explain_files.h"

#include <algorithm>

#include "base/utf8.h"
#include "tools/siegel/command.h"

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

pki::Trust::Material read_trust(const LooseFiles& files, const config::Config& config) {
  pki::Trust::Material material;
  material.settings = config.smime;
  material.crl_grace = config.revocation.grace;
  for (const auto& file : files.trust) {
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
  const pki::Secret password = read_password(files.password_file);
  for (const auto& file : files.keys) {
    const auto before = own.size();
    pair_up(read_bundle_argument(file, password.text()), own, helpers);
    if (own.size() == before)
      throw Error(Fault::peer, printable(file.string()) +
                                   " holds no private key together with its certificate; name a "
                                   "file that has both");
  }
  return {read_trust(files, config), std::move(own), std::move(helpers)};
}

}  // namespace siegel::tools
