#include "pki/enrol/credentials.h"

#include <algorithm>
#include <fstream>

#include <openssl/x509v3.h>

#include "base/utf8.h"
#include "pki/import.h"
#include "pki/private_file.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::size_t secret_limit = std::size_t{4} << 10U;
constexpr std::size_t file_limit = std::size_t{1} << 20U;
constexpr std::size_t shared_secret_least = 16;

Error bad_file(const std::filesystem::path& file, std::string_view setting,
               const std::string& why) {
  return {Fault::ours, "the file " + printable(file.string()) + " (" + std::string(setting) +
                           " of the CA profile) " + why};
}

std::string read_public(const std::filesystem::path& file, std::string_view setting) {
  std::error_code none;
  std::ifstream in(file, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(file, none))
    throw bad_file(file, setting, "cannot be read; check that it is there, and its permissions");
  std::string octets(file_limit + 1, '\0');
  in.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(in.gcount()));
  if (octets.size() > file_limit)
    throw bad_file(file, setting,
                   "is larger than " + std::to_string(file_limit) + " octets; name the right file");
  return octets;
}

PrivateFile private_file(const std::filesystem::path& file, std::string_view setting) {
  return {std::string(setting) + " of the CA profile, in", file,
          "check that it is there, and its permissions"};
}

PrivateKey read_key(const std::filesystem::path& file, const std::string& setting) {
  const Secret octets = private_file(file, setting).read(file_limit);
  try {
    Bundle bundle = read_bundle(octets.octets(), {});
    if (bundle.keys.size() == 1) return std::move(bundle.keys.front());
  } catch (const Error& problem) {
    throw bad_file(file, setting, "cannot be used: " + problem.said());
  }
  throw bad_file(file, setting, "must hold one private key; take the others out");
}

}  // namespace

Secret read_secret(const std::filesystem::path& file, std::string_view setting) {
  const PrivateFile source = private_file(file, setting);
  Secret secret = source.read(secret_limit);
  secret.cut(std::min(secret.octets().find_first_of("\r\n"), secret.octets().size()));
  if (secret.octets().empty())
    throw source.error("is empty; its first line must be the secret that the CA gave");
  return secret;
}

Secret read_shared_secret(const std::filesystem::path& file, std::string_view setting) {
  Secret secret = read_secret(file, setting);
  if (secret.octets().size() < shared_secret_least)
    throw private_file(file, setting)
        .error("is shorter than " + std::to_string(shared_secret_least) +
               " characters: whoever sees one message can guess it; agree with the CA on one that "
               "`openssl rand -base64 24` makes");
  return secret;
}

std::vector<Certificate> read_certificates(const std::filesystem::path& file,
                                           std::string_view setting) {
  auto certificates = certificates_from_pem(read_public(file, setting));
  if (certificates.empty())
    throw bad_file(file, setting, "holds no certificate in PEM; export it from the CA anew");
  return certificates;
}

Identity read_identity(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       std::string_view connector) {
  const std::string prefix = std::string(connector) + '.';
  auto chain = read_certificates(certificate, prefix + "certificate");
  PrivateKey own_key = read_key(key, prefix + "key");
  const Certificate own = chain.front();
  if (!own_key.fits(own))
    throw bad_file(key, prefix + "key",
                   "is not the key of the first certificate in " + printable(certificate.string()) +
                       "; name the right pair");
  chain.erase(chain.begin());
  return {own, std::move(own_key), std::move(chain)};
}

bool may_speak(const Certificate& certificate, Time now) {
  const bool signs = (X509_get_key_usage(certificate.x509()) & KU_DIGITAL_SIGNATURE) != 0;
  return signs && certificate.not_before() <= now && now <= certificate.not_after();
}

}  // namespace siegel::pki::enrol
