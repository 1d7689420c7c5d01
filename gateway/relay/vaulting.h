#pragma once

#include <string>

#include "base/blob.h"
#include "base/error.h"
#include "config/transfer.h"
#include "gateway/transfer/own_uploads.h"

/// What has to be done before octets of a mail may lie in the vault.
namespace siegel::relay {

/// Octets under the name that a person knows them by.
struct Named {
  std::string name;
  std::string media_type;
  const Octets& octets;
};

/// Nobody is told of a file before it was scanned. Throws Error{peer} for one with a virus, or one
/// that the scanner never takes where the settings refuse such, Error{world} if the scanner is
/// away.
void scan(const config::TransferSettings& settings, const Named& file);

/// Throws Error{peer} or Error{world} with what to do if the vault does not take it.
void put(transfer::OwnUploads& uploads, const Address& owner, const Named& file,
         const config::TransferSettings& settings);

}  // namespace siegel::relay
