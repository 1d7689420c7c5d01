#pragma once

#include "gateway/portal/visitor.h"
#include "gateway/transfer/sealed_file.h"

namespace siegel::portal {

/// A sealed file that is open, with the key that opens it. For one thread.
class OpenFile {
 public:
  /// REQUIRES: `desk` and its store outlive it; `file` is of the ticket's parcel.
  OpenFile(const Desk& desk, const transfer::Ticket& ticket, const transfer::ParcelFile& file)
      : key_(desk.parcels.file_key(ticket.parcel, file, ticket.key)),
        reader_(desk.store, {file.id, key_, file.octets}) {}

  /// As SealedReader::read().
  [[nodiscard]] std::string_view read(std::uint64_t offset) { return reader_.read(offset); }

 private:
  pki::Secret key_;
  transfer::SealedReader reader_;
};

}  // namespace siegel::portal
