#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace siegel::pki {

/// A private key of ours, for lists: never its octets.
struct StoredKey {
  enum class Place { database, token };
  enum class Standing {
    kept,
    doomed,  ///< destroyed here; still to be taken out of the token
    orphan,  ///< in the token, and nothing here knows it: made by a run that was interrupted, or
             ///< by somebody else
  };

  std::string id;  ///< SHA-256 of its SubjectPublicKeyInfo; of an orphan, its id in the token
  Place place = Place::database;
  Standing standing = Standing::kept;
  std::string type{};   ///< "rsa-3072"; empty if only the token could tell, and it does not
  std::string uri{};    ///< of one in the token
  std::string label{};  ///< what the token's own tools call it
  Time added{};         ///< 1970 for an orphan
};

struct KeyInventory {
  std::vector<StoredKey> keys;
  std::string token_trouble;  ///< why the token could not be looked into; empty if it was
};

}  // namespace siegel::pki
