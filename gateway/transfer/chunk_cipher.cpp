#include "gateway/transfer/chunk_cipher.h"

#include <array>

#include <openssl/rand.h>

#include "pki/openssl.h"

namespace siegel::transfer {
namespace {

using pki::checked;

constexpr std::size_t nonce_octets = 12, tag_octets = 16;
static_assert(chunk_overhead == nonce_octets + tag_octets);

enum class Direction { open = 0, seal = 1 };

const unsigned char* octets(std::span<const char> text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::span<char> text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// The key is set up once: per chunk only the nonce changes.
EVP_CIPHER_CTX* with_key(const pki::Secret& key, Direction direction) {
  Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(
      checked(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
  checked(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets(key.octets()),
                            nullptr, static_cast<int>(direction)),
          "EVP_CipherInit_ex");
  return context.release();
}

void begin(EVP_CIPHER_CTX* context, const unsigned char* nonce, std::string_view associated) {
  int size = 0;
  checked(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce, -1), "EVP_CipherInit_ex");
  checked(EVP_CipherUpdate(context, nullptr, &size, octets(associated),
                           static_cast<int>(associated.size())),
          "EVP_CipherUpdate");
}

void update(EVP_CIPHER_CTX* context, std::span<const char> in, unsigned char* out) {
  int size = 0;
  checked(EVP_CipherUpdate(context, out, &size, octets(in), static_cast<int>(in.size())),
          "EVP_CipherUpdate");
}

/// GCM keeps nothing back: what it "ends" with is empty, and says whether all was authentic.
bool finish(EVP_CIPHER_CTX* context) {
  std::array<unsigned char, EVP_MAX_BLOCK_LENGTH> none{};
  int size = 0;
  return EVP_CipherFinal_ex(context, none.data(), &size) == 1;
}

}  // namespace

ChunkCipher::ChunkCipher(const pki::Secret& key, const FileId& file)
    : file_(file),
      sealing_(with_key(key, Direction::seal)),
      opening_(with_key(key, Direction::open)) {}

pki::Secret ChunkCipher::make_key() {
  std::string key(key_octets, '\0');
  checked(RAND_priv_bytes(octets(std::span<char>(key)), static_cast<int>(key.size())),
          "RAND_priv_bytes");
  return pki::Secret(std::move(key));
}

std::string ChunkCipher::associated(ChunkPlace place) const {
  std::string text = file_.str();
  for (int shift = 56; shift >= 0; shift -= 8)
    text += static_cast<char>((place.index >> static_cast<unsigned>(shift)) & 0xffU);
  text += static_cast<char>(place.kind);
  return text;
}

void ChunkCipher::seal(ChunkPlace place, std::span<const char> plain, std::span<char> out) {
  const auto nonce = out.first(nonce_octets);
  checked(RAND_bytes(octets(nonce), nonce_octets), "RAND_bytes");
  begin(sealing_.get(), octets(nonce), associated(place));
  update(sealing_.get(), plain, octets(out.subspan(nonce_octets)));
  checked(finish(sealing_.get()) ? 1 : 0, "EVP_CipherFinal_ex");
  checked(EVP_CIPHER_CTX_ctrl(sealing_.get(), EVP_CTRL_AEAD_GET_TAG, tag_octets,
                              octets(out.subspan(nonce_octets + plain.size()))),
          "get tag");
}

bool ChunkCipher::open(ChunkPlace place, std::span<const char> sealed, std::span<char> out) {
  if (sealed.size() < chunk_overhead) return false;
  const auto body = sealed.subspan(nonce_octets, sealed.size() - chunk_overhead);
  std::array<char, tag_octets> tag{};
  std::ranges::copy(sealed.last(tag_octets), tag.begin());
  begin(opening_.get(), octets(sealed), associated(place));
  checked(EVP_CIPHER_CTX_ctrl(opening_.get(), EVP_CTRL_AEAD_SET_TAG, tag_octets, tag.data()),
          "set tag");
  update(opening_.get(), body, octets(out));
  if (finish(opening_.get())) return true;
  static_cast<void>(pki::drain_openssl_errors());
  return false;
}

}  // namespace siegel::transfer
