#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/config.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/scanner.h"

namespace siegel::transfer {

/// What the scanner says of a whole parcel: Clean, or what it says of the first file that is not.
struct Finding {
  ScanResult result = Clean{};
  std::string file{};
};

/// One parcel that waits is looked at, and either released with its notices or locked away.
class Examination {
 public:
  /// All outlive it. REQUIRES: config.transfer.
  Examination(const config::Config& config, BlobStore& store, Parcels& parcels, Outbox& outbox,
              const Clock& clock)
      : config_(config), store_(store), parcels_(parcels), outbox_(outbox), clock_(clock) {}

  /// Scans its files, one after the other. Clean if no scanner is set up. Throws Error if a file
  /// cannot be read.
  [[nodiscard]] Finding scan(const Parcel& parcel, const Waiting& waiting) const;
  /// REQUIRES: the finding is not that the scanner is away.
  void settle(const Parcel& parcel, const Waiting& waiting, const Finding& finding);

 private:
  [[nodiscard]] ScanResult scan(const Scanner& scanner, const Parcel& parcel,
                                const ParcelFile& file, const Waiting& waiting) const;
  [[nodiscard]] Mail answer(const Parcel& parcel, const Waiting& waiting) const;
  [[nodiscard]] std::vector<Mail> notices(const Parcel& parcel, const Waiting& waiting) const;
  void refuse(const Parcel& parcel, Wording why);

  const config::Config& config_;
  BlobStore& store_;
  Parcels& parcels_;
  Outbox& outbox_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
