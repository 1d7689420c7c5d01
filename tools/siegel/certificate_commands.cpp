#include <iostream>

#include "base/error.h"
#include "base/utf8.h"
#include "pki/import.h"
#include "tools/siegel/certificate_upkeep.h"

namespace siegel::tools {
namespace {

struct ImportArguments {
  std::string mailbox;
  std::vector<std::filesystem::path> files;
  std::filesystem::path password_file;
  bool ignore_trust = false;
};

void add_file(pki::Bundle& all, const std::filesystem::path& file, const std::string& password) {
  const std::string octets = read_argument(file);
  const bool is_locked =
      password.empty() && naming(file, [&] { return pki::needs_password(octets); });
  if (is_locked) {
    throw Error(Fault::peer, printable(file.string()) +
                                 " is protected; write its password into a file and name that with "
                                 "--password-file");
  }
  const pki::Bundle bundle = naming(file, [&] { return pki::read_bundle(octets, password); });
  all.certificates.insert(all.certificates.end(), bundle.certificates.begin(),
                          bundle.certificates.end());
  all.keys.insert(all.keys.end(), bundle.keys.begin(), bundle.keys.end());
}

Json fingerprints(const std::vector<pki::Certificate>& certificates) {
  Json list = Json::array();
  for (const pki::Certificate& each : certificates) list.push_back(each.fingerprint());
  return list;
}

void report(const pki::Imported& imported, bool as_json) {
  if (as_json) {
    print_json(std::cout, {{"installed", fingerprints(imported.installed)},
                           {"already_installed", fingerprints(imported.present)},
                           {"chain", fingerprints(imported.chain)},
                           {"remarks", imported.remarks}});
    return;
  }
  for (const pki::Certificate& each : imported.installed) {
    std::cout << "installed " << each.subject() << ", valid until " << rfc3339(each.not_after())
              << '\n';
  }
  for (const pki::Certificate& each : imported.present)
    std::cout << "already installed " << each.subject() << '\n';
  for (const pki::Certificate& each : imported.chain)
    std::cout << "chain     " << each.subject() << '\n';
  for (const std::string& remark : imported.remarks) std::cout << "remark    " << remark << '\n';
}

void import(Context& context, const ImportArguments& arguments) {
  const pki::Secret password = read_password(arguments.password_file);
  pki::Bundle all;
  for (const auto& file : arguments.files) add_file(all, file, password.text());
  OpenStore store(context);
  const pki::Imported imported =
      store->import(address_argument(arguments.mailbox), all, arguments.ignore_trust);
  report(imported, context.json);
  if (imported.installed.empty() && imported.present.empty()) context.exit_code = exit_no;
}

}  // namespace

void add_certificate_commands(CLI::App& app, Context& context) {
  CLI::App* cert = app.add_subcommand("cert", "certificates and keys of our mailboxes");
  cert->require_subcommand(1);
  auto arguments = std::make_shared<ImportArguments>();

  CLI::App* imports = cert->add_subcommand(
      "import", "install what a CA delivered: PKCS#12, PEM, P7B, DER, in any mixture");
  imports->add_option("mailbox", arguments->mailbox, "local@domain")->required();
  imports->add_option("files", arguments->files, "one or more files")->required();
  imports->add_option("--password-file", arguments->password_file,
                      "its first line opens PKCS#12 and encrypted keys");
  imports->add_flag("--ignore-trust", arguments->ignore_trust,
                    "install although the chain does not end at one of our anchors");
  imports->callback([&context, arguments] { import(context, *arguments); });

  add_certificate_upkeep(*cert, context);
}

}  // namespace siegel::tools
