#include "base/disk.h"
#include "base/error.h"
#include "base/utf8.h"
#include "pki/enrol/local_record.h"
#include "pki/import.h"
#include "pki/local_ca.h"
#include "tools/siegel/command.h"

// A small authority in a folder, for the demo and for tests: ca.pem, ca.key (PKCS#8 DER, mode
// 0600), revoked.pem. Not for the world: it has no record, no HSM and no policy.

namespace siegel::tools {
namespace {

struct Arguments {
  std::filesystem::path folder, out, password_file;
  std::string organisation = "Demo", name = "Demo CA", address, common_name, use = "both",
              key_type = "rsa-3072";
  std::vector<std::filesystem::path> revoked;
  int days = 365;
};

void write_file(const std::filesystem::path& file, const std::string& octets) {
  if (std::filesystem::exists(file)) {
    throw Error(Fault::peer,
                printable(file.string()) + " exists already; remove it or name another");
  }
  PosixDisk().write(file, Octets(Blob(octets)));
}

pki::KeyType key_type(const Arguments& arguments) {
  const auto type = pki::parse_key_type(arguments.key_type);
  if (!type)
    throw WrongUsage(Error(Fault::peer, "unknown key type " + printable(arguments.key_type) +
                                            "; try rsa-3072 or p-256"));
  return *type;
}

pki::LocalCa open_ca(const Arguments& arguments) {
  const auto certificates = pki::certificates_from_pem(read_argument(arguments.folder / "ca.pem"));
  const auto key = pki::PrivateKey::from_der(read_argument(arguments.folder / "ca.key"));
  if (certificates.empty() || !key) {
    throw Error(Fault::peer,
                "there is no CA in " + arguments.folder.string() + "; run `siegel ca init`");
  }
  return {certificates.front(), *key};
}

void init(const Context& context, const Arguments& arguments) {
  std::filesystem::create_directories(arguments.folder);
  const auto ca = pki::LocalCa::make(arguments.organisation, arguments.name, key_type(arguments),
                                     SystemClock().now());
  write_file(arguments.folder / "ca.key", ca.key().pkcs8());
  write_file(arguments.folder / "ca.pem", ca.certificate().pem());
  context.say({{"made", ca.certificate().subject()}}, "made " + ca.certificate().subject());
}

pki::Usage usage(const Arguments& arguments) {
  if (arguments.use == "sign") return pki::Usage::sign;
  return arguments.use == "encrypt" ? pki::Usage::encrypt : pki::Usage::both;
}

void issue(const Context& context, const Arguments& arguments) {
  const pki::LocalCa ca = open_ca(arguments);
  const Time now = SystemClock().now();
  const auto key = pki::PrivateKey::generate(key_type(arguments));
  const auto certificate = ca.issue(
      {.common_name = arguments.common_name.empty() ? arguments.address : arguments.common_name,
       .addresses = {arguments.address},
       .usage = usage(arguments),
       .not_before = now - std::chrono::minutes(5),
       .not_after = now + std::chrono::days(arguments.days)},
      key);
  write_file(arguments.out, pki::make_pkcs12(key, certificate, {ca.certificate()},
                                             read_password(arguments.password_file).text()));
  context.say({{"issued", certificate.subject()},
               {"address", arguments.address},
               {"fingerprint", certificate.fingerprint()}},
              "issued " + certificate.subject() + " for " + arguments.address);
}

void list(const Context& context, const Arguments& arguments) {
  const pki::LocalCa ca = open_ca(arguments);
  const pki::enrol::LocalRecord record(arguments.folder);
  const Time now = SystemClock().now();
  for (const auto& file : arguments.revoked)
    for (const auto& certificate : read_bundle_argument(file).certificates)
      record.revoked(certificate, pki::enrol::RevocationReason::unspecified, now);
  const pki::Crl crl = record.publish(ca, now, std::chrono::days(arguments.days));
  PosixDisk disk;
  replace_file(disk, std::filesystem::absolute(arguments.out), Octets(Blob(crl.der())));
  const auto count = record.revocations().size();
  context.say({{"revoked", count}}, "listed " + std::to_string(count) + " revoked certificates");
}

void add_issue(CLI::App& ca, Context& context, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* issues = ca.add_subcommand("issue", "a key and its certificate as PKCS#12");
  issues->add_option("folder", arguments->folder, "the CA's folder")->required();
  issues->add_option("--address", arguments->address, "mail address")->required();
  issues->add_option("--name", arguments->common_name, "common name; default: the address");
  issues->add_option("--use", arguments->use, "what for")
      ->check(CLI::IsMember({"sign", "encrypt", "both"}))
      ->capture_default_str();
  issues
      ->add_option("--key-type", arguments->key_type,
                   "rsa-3072, rsa-4096, p-256, p-384, brainpoolP256r1")
      ->capture_default_str();
  issues->add_option("--days", arguments->days, "validity")->capture_default_str();
  issues
      ->add_option("--password-file", arguments->password_file,
                   "its first line protects the PKCS#12")
      ->required();
  issues->add_option("--out", arguments->out, "file to write")->required();
  issues->callback([&context, arguments] { issue(context, *arguments); });
}

}  // namespace

void add_ca_commands(CLI::App& app, Context& context) {
  CLI::App* ca = app.add_subcommand("ca", "a small local authority, for the demo and for tests");
  ca->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* inits = ca->add_subcommand("init", "make a new root");
  inits->add_option("folder", arguments->folder, "folder to keep it in")->required();
  inits->add_option("--organisation", arguments->organisation, "O= of its name")
      ->capture_default_str();
  inits->add_option("--name", arguments->name, "CN= of its name")->capture_default_str();
  inits->add_option("--key-type", arguments->key_type, "as for issue")->capture_default_str();
  inits->callback([&context, arguments] { init(context, *arguments); });

  add_issue(*ca, context, arguments);

  CLI::App* lists = ca->add_subcommand("crl", "a revocation list, DER");
  lists->add_option("folder", arguments->folder, "the CA's folder")->required();
  add_repeated(*lists, "--revoke", arguments->revoked, "a certificate that is revoked, PEM")
      ->type_name("FILE");
  lists->add_option("--days", arguments->days, "until the next list")->capture_default_str();
  lists->add_option("--out", arguments->out, "file to write")->required();
  lists->callback([&context, arguments] { list(context, *arguments); });
}

}  // namespace siegel::tools
