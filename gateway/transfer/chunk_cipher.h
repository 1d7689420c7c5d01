#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <openssl/evp.h>

#include "base/handle.h"
#include "gateway/transfer/file_id.h"
#include "pki/secret.h"

namespace siegel::transfer {

/// Plain octets of every chunk but the last.
inline constexpr std::size_t chunk_octets = std::size_t{64} << 10U;
/// What sealing adds to a chunk: nonce (12) before it, tag (16) behind it.
inline constexpr std::size_t chunk_overhead = 28;
inline constexpr std::size_t sealed_chunk_octets = chunk_octets + chunk_overhead;

/// What a chunk is; all of it is authenticated, so that no chunk can stand in another's place and
/// no file can be cut.
struct ChunkPlace {
  enum class Kind : std::uint8_t {
    inner,  ///< followed by others
    last,   ///< ends the file
    tail,   ///< the begun next chunk of an upload that is not complete
  };
  std::uint64_t index = 0;  ///< of its first octet, in chunks
  Kind kind = Kind::inner;
};

/// AES-256-GCM over the chunks of one file, under the file's key and with a random nonce for each
/// (NIST SP 800-38D §8.2.2; at most 2^32 chunks, 256 TiB). See docs/FORMATS.md. Not thread-safe:
/// one for each thread.
class ChunkCipher {
 public:
  static constexpr std::size_t key_octets = 32;

  /// REQUIRES: `key` has key_octets.
  ChunkCipher(const pki::Secret& key, const FileId& file);

  /// A new random key for a new file.
  [[nodiscard]] static pki::Secret make_key();

  /// Writes plain.size() + chunk_overhead octets to `out`. REQUIRES: they fit, and do not overlap.
  void seal(ChunkPlace place, std::span<const char> plain, std::span<char> out);
  /// Writes sealed.size() - chunk_overhead octets to `out`; false if they are not what was sealed
  /// for this place: then `out` holds nothing to be used. REQUIRES: as in seal().
  [[nodiscard]] bool open(ChunkPlace place, std::span<const char> sealed, std::span<char> out);

 private:
  using Context = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

  [[nodiscard]] std::string associated(ChunkPlace place) const;

  FileId file_;
  Context sealing_, opening_;
};

}  // namespace siegel::transfer
