#include "pki/seal.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "pki/hkdf.h"
#include "pki/openssl.h"
#include "pki/private_file.h"
#include "pki/store_base64.h"

namespace siegel::pki {
namespace {

using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Key = std::array<unsigned char, 32>;

constexpr std::string_view version = "v1.";
constexpr std::size_t nonce_octets = 12;  // NIST SP 800-38D §8.2.2: random, 96 bits
constexpr std::size_t tag_octets = 16;

unsigned char* octets(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// --- the key's file

PrivateFile key_file(const std::filesystem::path& file) {
  return {"the key-encryption key", file,
          "restore it from the backup, or for a new installation create it with `openssl rand -hex "
          "32`"};
}

int digit(char c) {
  if (ascii::is_digit(c)) return c - '0';
  const char low = ascii::lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::optional<Key> parse_key(std::string_view text) {
  text = ascii::trim(text);
  Key key{};
  if (text.size() != key.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return key;
}

void write_all(const Descriptor& open, std::string_view text, const PrivateFile& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(open.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw file.error("cannot be written; make room on the disk", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// A key that a power cut takes away takes all sealed keys with it.
void make_durable(const Descriptor& open, const PrivateFile& file) {
  const auto& path = file.path;
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(open.get()) != 0 || !directory.is_open() || ::fsync(directory.get()) != 0)
    throw file.error("cannot be made durable; check the disk", errno);
}

// --- AES-256-GCM

enum class Direction { decrypt = 0, encrypt = 1 };

CipherContext start(const Key& key, std::string_view nonce, std::string_view identity,
                    Direction direction) {
  CipherContext context(checked(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
  checked(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), octets(nonce),
                            static_cast<int>(direction)),
          "EVP_CipherInit_ex");
  int size = 0;
  checked(EVP_CipherUpdate(context.get(), nullptr, &size, octets(identity),
                           static_cast<int>(identity.size())),
          "EVP_CipherUpdate");
  return context;
}

std::string update(EVP_CIPHER_CTX* context, std::string_view in) {
  std::string out(in.size(), '\0');
  int size = 0;
  checked(EVP_CipherUpdate(context, octets(out), &size, octets(in), static_cast<int>(in.size())),
          "EVP_CipherUpdate");
  return out;
}

bool is_authentic(EVP_CIPHER_CTX* context, std::string tag) {
  std::array<unsigned char, EVP_MAX_BLOCK_LENGTH> rest{};
  int size = 0;
  checked(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_octets, tag.data()), "set tag");
  return EVP_CipherFinal_ex(context, rest.data(), &size) == 1;
}

Error cannot_open(const std::string& why) {
  return {Fault::ours,
          "a stored private key cannot be opened; check that the key-encryption key is the one it "
          "was sealed under",
          why};
}

}  // namespace

Seal Seal::from_file(const std::filesystem::path& path) {
  const PrivateFile file = key_file(path);
  auto key = parse_key(file.read().octets());
  if (!key) throw file.error("must hold 64 hexadecimal digits and nothing else");
  Seal seal(*key);
  OPENSSL_cleanse(key->data(), key->size());
  return seal;
}

void Seal::make_file(const std::filesystem::path& path) {
  const PrivateFile file = key_file(path);
  Key key{};
  checked(RAND_priv_bytes(key.data(), key.size()), "RAND_priv_bytes");
  std::string text = hex({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
  OPENSSL_cleanse(key.data(), key.size());
  const Descriptor open(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!open.is_open() && errno == EEXIST)
    throw file.error("is there already; it is never overwritten");
  if (!open.is_open())
    throw file.error("cannot be created; check the folder and its rights", errno);
  write_all(open, text, file);
  OPENSSL_cleanse(text.data(), text.size());
  make_durable(open, file);
}

Seal Seal::from_octets(const Secret& key) {
  Key copied{};
  std::ranges::copy(key.octets().substr(0, copied.size()), copied.begin());
  Seal seal(copied);
  OPENSSL_cleanse(copied.data(), copied.size());
  return seal;
}

Seal::~Seal() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::string Seal::seal(std::string_view secret, std::string_view identity) const {
  std::string nonce(nonce_octets, '\0');
  checked(RAND_bytes(octets(nonce), nonce_octets), "RAND_bytes");
  const CipherContext context = start(key_, nonce, identity, Direction::encrypt);
  const std::string hidden = update(context.get(), secret);
  std::string tag(tag_octets, '\0');
  int size = 0;
  checked(EVP_CipherFinal_ex(context.get(), octets(tag), &size), "EVP_CipherFinal_ex");
  checked(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_octets, tag.data()),
          "get tag");
  return std::string(version) + to_base64(nonce + hidden + tag);
}

std::string Seal::open(std::string_view sealed, std::string_view identity) const {
  if (!sealed.starts_with(version)) throw cannot_open("its form is not known");
  auto secret = try_open(sealed, identity);
  if (!secret) throw cannot_open("sealed under another key or for another row, or cut or altered");
  return *std::move(secret);
}

std::optional<std::string> Seal::try_open(std::string_view sealed,
                                          std::string_view identity) const {
  if (!sealed.starts_with(version)) return std::nullopt;
  const std::string_view text = sealed.substr(version.size());
  const std::string all = from_base64(text);
  // Base64 has spare bits at its end: one sealed key has one form only.
  if (all.size() < nonce_octets + tag_octets || to_base64(all) != text) return std::nullopt;
  const std::string_view body = all;
  const auto context = start(key_, body.substr(0, nonce_octets), identity, Direction::decrypt);
  std::string secret =
      update(context.get(), body.substr(nonce_octets, body.size() - nonce_octets - tag_octets));
  if (is_authentic(context.get(), std::string(body.substr(body.size() - tag_octets))))
    return secret;
  OPENSSL_cleanse(secret.data(), secret.size());
  static_cast<void>(drain_openssl_errors());
  return std::nullopt;
}

std::string Seal::authenticate(std::string_view text, std::string_view label) const {
  const Secret key = hkdf({reinterpret_cast<const char*>(key_.data()), key_.size()}, {}, label);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> code{};
  const auto* made = HMAC(EVP_sha256(), key.octets().data(), static_cast<int>(key.octets().size()),
                          octets(text), text.size(), code.data(), nullptr);
  checked(made == nullptr ? 0 : 1, "HMAC");
  return hex({reinterpret_cast<const char*>(code.data()), code.size()});
}

}  // namespace siegel::pki
