#include "gateway/transfer/link_secret.h"

#include <algorithm>

#include <openssl/rand.h>

#include "base/hex.h"
#include "pki/hkdf.h"
#include "pki/openssl.h"
#include "pki/store_base64.h"

namespace siegel::transfer {
namespace {

constexpr std::size_t secret_octets = 32;
constexpr std::size_t text_length = 43;  // of 44 characters the last one is always padding

void exchange(std::string& text, std::string_view from, std::string_view to) {
  for (char& c : text) {
    const auto at = from.find(c);
    if (at != std::string_view::npos) c = to[at];
  }
}

std::string label(std::string_view what, std::string_view kind) {
  return "siegel transfer " + std::string(what) + ' ' + std::string(kind);
}

}  // namespace

LinkSecret LinkSecret::make() {
  std::string octets(secret_octets, '\0');
  pki::checked(RAND_priv_bytes(reinterpret_cast<unsigned char*>(octets.data()),
                               static_cast<int>(octets.size())),
               "RAND_priv_bytes");
  return LinkSecret(std::move(octets));
}

std::optional<LinkSecret> LinkSecret::parse(std::string_view text) {
  if (text.size() != text_length || text.find_first_of("+/=") != std::string_view::npos)
    return std::nullopt;
  std::string standard(text);
  exchange(standard, "-_", "+/");
  std::string octets = pki::from_base64(standard + '=');
  if (octets.size() != secret_octets) return std::nullopt;
  LinkSecret secret(std::move(octets));
  // Base64 has spare bits at its end: one secret has one form only.
  if (secret.text() != text) return std::nullopt;
  return secret;
}

std::string LinkSecret::text() const {
  std::string text = pki::to_base64(octets_.octets());
  text.resize(text_length);
  exchange(text, "+/", "-_");
  return text;
}

std::string LinkSecret::lookup(std::string_view kind) const {
  return hex(pki::hkdf(octets_.octets(), {}, label("lookup", kind)).octets());
}

pki::Seal LinkSecret::seal(std::string_view kind, std::string_view salt) const {
  return pki::Seal::from_octets(pki::hkdf(octets_.octets(), salt, label("seal", kind)));
}

}  // namespace siegel::transfer
