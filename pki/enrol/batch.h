#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pki/enrol/office.h"

/// Exchange with a registration authority by files (STANDARDS §6.4, "bulk file exchange").
namespace siegel::pki::enrol {

struct Exported {
  std::string batch;            ///< its number; empty if nothing was to be exported
  std::filesystem::path place;  ///< the folder or ZIP archive
  Report report;
};

enum class BatchForm {
  folder,  ///< batch-NUMBER
  zip,     ///< batch-NUMBER.zip, with that folder in it
};

/// Writes the csr-ready requests of one profile as a batch below `folder`: `batch-NUMBER/` with
/// manifest.csv, csr/ID.p10 (DER), SHA256SUMS and cover.html (to print and sign); they are exported
/// then. A batch that was begun and not finished is written again, the same.
Exported export_batch(const Office& office, const std::string& profile,
                      const std::filesystem::path& folder, BatchForm form = BatchForm::folder);

/// The same batch once more, whatever has become of its requests. Nothing if there is none of this
/// number.
std::optional<std::filesystem::path> export_again(const Office& office, const std::string& batch,
                                                  const std::filesystem::path& folder,
                                                  BatchForm form = BatchForm::folder);

/// Takes whatever came back: files, folders of them (all levels), ZIP archives; PEM, DER, P7B, P12
/// in any naming. Each certificate is matched by its key. What fits nothing, cannot be read or is
/// half a file is trouble with its file's name; the rest goes on. A request whose certificate did
/// not fit takes another one. The same files once more go on where a run was interrupted. Limits:
/// 10,000 files, 16 MiB each, 256 MiB unpacked.
/// @param password  of PKCS#12 files; empty: none
Report import_files(const Office& office, const std::vector<std::filesystem::path>& files,
                    const std::string& password, const Progress& progress = {});

}  // namespace siegel::pki::enrol
