#include "pki/enrol/credentials.h"

#include <cerrno>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/utf8.h"
#include "pki/import.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::size_t secret_limit = std::size_t{4} << 10U;
constexpr std::size_t file_limit = std::size_t{1} << 20U;

Error bad_file(const std::filesystem::path& file, std::string_view setting,
               const std::string& why) {
  return {Fault::ours, "the file " + printable(file.string()) + " (" + std::string(setting) +
                           " of the CA profile) " + why};
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

// Without a stream, whose buffer would keep the octets. One octet more than `limit` is read, so
// that a file that is too large is noticed; the buffer never moves.
Secret read_octets(const std::filesystem::path& file, std::string_view setting, std::size_t limit) {
  const Descriptor in(file);
  std::string octets(limit + 1, '\0');
  std::size_t size = 0;
  ssize_t got = in.get() < 0 ? -1 : 1;
  while (got > 0 && size < octets.size()) {
    got = ::read(in.get(), octets.data() + size, octets.size() - size);
    if (got < 0 && errno == EINTR)
      got = 1;
    else if (got > 0)
      size += static_cast<std::size_t>(got);
  }
  octets.resize(size);
  Secret result(std::move(octets));
  if (got < 0)
    throw bad_file(file, setting, "cannot be read; check that it is there, and its permissions");
  if (size > limit)
    throw bad_file(file, setting, "is larger than " + std::to_string(limit) + " octets");
  return result;
}

PrivateKey read_key(const std::filesystem::path& file, const std::string& setting) {
  const Secret octets = read_octets(file, setting, file_limit);
  try {
    Bundle bundle = read_bundle(octets.octets(), {});
    if (bundle.keys.size() == 1) return std::move(bundle.keys.front());
  } catch (const Error& problem) {
    throw bad_file(file, setting, "cannot be used: " + problem.said());
  }
  throw bad_file(file, setting, "must hold one private key; take the others out");
}

}  // namespace

Secret::Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) {
  // A short string is copied by its move.
  OPENSSL_cleanse(other.octets_.data(), other.octets_.capacity());
}

Secret::~Secret() {
  OPENSSL_cleanse(octets_.data(), octets_.capacity());
}

Secret read_secret(const std::filesystem::path& file, std::string_view setting) {
  const Secret all = read_octets(file, setting, secret_limit);
  const std::string_view line = all.octets().substr(0, all.octets().find_first_of("\r\n"));
  if (line.empty())
    throw bad_file(file, setting, "is empty; its first line must be the secret that the CA gave");
  return Secret(std::string(line));
}

std::vector<Certificate> read_certificates(const std::filesystem::path& file,
                                           std::string_view setting) {
  const Secret octets = read_octets(file, setting, file_limit);
  auto certificates = certificates_from_pem(octets.octets());
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
