#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace siegel::pki::discovery {

/// One of our keys as it is published.
struct PublishedKey {
  Address address;
  std::string octets;  ///< the transferable public key, binary
  Time created{};      ///< of two keys whose addresses make the same name, the newer one stands
};

/// Writes the tree of a Web Key Directory by the advanced method
/// (draft-koch-openpgp-webkey-service §3.1, §4.5) below `root`, which a web server gives out as
/// https://openpgpkey.DOMAIN/.well-known/openpgpkey/: DOMAIN/policy (empty) and DOMAIN/hu/HASH for
/// each key. Each of `domains` is replaced as a whole: a reader sees the old tree or the new one,
/// and what is withdrawn is gone. Readable by all. A file holds one key (§3.1), the newest. All is
/// checked and written beside before the first domain is replaced. Throws Error{peer} for a key of
/// another domain and for a folder that is no Web Key Directory, Error{world} for a disk that
/// refuses; nothing was replaced then.
void write_web_key_tree(const std::filesystem::path& root, const std::vector<std::string>& domains,
                        const std::vector<PublishedKey>& keys);

}  // namespace siegel::pki::discovery
