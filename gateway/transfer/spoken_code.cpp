#include "gateway/transfer/spoken_code.h"

#include <array>

#include <openssl/rand.h>

#include "base/ascii.h"
#include "pki/openssl.h"

namespace siegel::transfer {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t characters = 16, group = 4;

char plain(char c) {
  const char upper = ascii::is_alpha(c) ? static_cast<char>(c & ~0x20) : c;
  if (upper == 'O') return '0';
  return upper == 'I' || upper == 'L' ? '1' : upper;
}

}  // namespace

std::string new_spoken_code() {
  std::array<unsigned char, characters> random{};
  pki::checked(RAND_bytes(random.data(), static_cast<int>(random.size())), "RAND_bytes");
  std::string code;
  for (std::size_t i = 0; i < characters; ++i) {
    if (i > 0 && i % group == 0) code += '-';
    code += alphabet[random[i] % alphabet.size()];
  }
  return code;
}

std::string bare_code(std::string_view code) {
  constexpr std::size_t longest = 64;
  std::string kept;
  for (const char c : code.substr(0, longest))
    if (alphabet.find(plain(c)) != std::string_view::npos) kept += plain(c);
  return kept;
}

}  // namespace siegel::transfer
