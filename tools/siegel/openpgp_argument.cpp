#include "tools/siegel/openpgp_argument.h"

#include <set>

#include "base/ascii.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

constexpr std::size_t shortest_prefix = 8;
constexpr std::size_t key_id_digits = 16;
constexpr std::string_view armour = "-----BEGIN PGP ";
/// An operator knows what he adds; what is kept of it is cut down.
constexpr pki::Gpg::KeyLimits for_operators{std::size_t{1} << 20U, 1, 200, 50};

std::string digits_of(const std::string& given) {
  std::string digits;
  for (const char c : given.starts_with("0x") ? given.substr(2) : given)
    if (!ascii::is_blank(c)) digits += ascii::upper(c);
  return digits;
}

}  // namespace

pki::OpenPgpStore& openpgp_of(pki::KeyStore& store) {
  if (store.openpgp_store() != nullptr) return *store.openpgp_store();
  throw WrongUsage(Error(Fault::peer,
                         "OpenPGP is not set up; write the section `openpgp: {}` into siegel.yaml "
                         "and start the relay again"));
}

std::optional<std::string> find_openpgp_key(const pki::OpenPgpStore& store,
                                            const std::string& given) {
  const std::string digits = digits_of(given);
  if (digits.size() < shortest_prefix) return std::nullopt;
  std::set<std::string> found;
  for (const pki::OwnOpenPgpKey& own : store.own_keys()) {
    const bool is_id = digits.size() == key_id_digits && own.fingerprint.ends_with(digits);
    if (is_id || own.fingerprint.starts_with(digits)) found.insert(own.fingerprint);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return *found.begin();
  throw Error(Fault::peer, "several keys begin with " + printable(given) + "; give more digits");
}

bool looks_like_openpgp(std::string_view octets) {
  // The first bit of a packet is always set, that of DER and of text never.
  return octets.find(armour) != std::string_view::npos ||
         (!octets.empty() && ascii::is_8bit(octets.front()));
}

pki::OpenPgpKey read_openpgp_argument(const pki::OpenPgpStore& store, std::string_view octets) {
  pki::Gpg::Read read = store.gpg().read(octets, for_operators);
  if (!read.keys.empty() && read.trouble.empty()) return std::move(read.keys.front());
  throw Error(Fault::peer,
              read.trouble.empty()
                  ? "there is no public key in it; ask for the output of `gpg --armor --export`"
                  : read.trouble);
}

}  // namespace siegel::tools
