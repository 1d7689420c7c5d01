#include <algorithm>
#include <sstream>

#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "base/utf8.h"
#include "pki/asn1.h"
#include "pki/enrol/batch.h"
#include "pki/enrol/cover_sheet.h"
#include "pki/enrol/zip_writing.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view begins_formula = "=+-@\t\r\n";
constexpr std::string_view ends_cell_elsewhere = ";\t\r\n";  // German spreadsheets split at ";"

/// RFC 4180 §2: quoted, so that no cell is more than a cell. A formula would be run by a
/// spreadsheet; whatever may begin one becomes text.
std::string cell(std::string_view text) {
  std::string quoted = "\"";
  bool is_first = true;
  for (const char c : text) {
    if (is_first && begins_formula.find(c) != std::string_view::npos) quoted += '\'';
    quoted += c == '"' ? "\"\"" : std::string(1, c);
    is_first = ends_cell_elsewhere.find(c) != std::string_view::npos || (is_first && c == ' ');
  }
  return quoted + '"';
}

std::string manifest_of(const std::vector<Request>& requests) {
  std::string text =
      "id,address,display_name,department,subject,purpose,key_type,spki_sha256,file\r\n";
  for (const Request& request : requests) {
    const std::string id = std::to_string(request.id);
    for (const std::string& value :
         {id, request.wish.mailbox.str(), request.wish.display_name, request.wish.department,
          request.subject, std::string(name(request.purpose)),
          std::string(name(request.wish.key_type)), request.key_id})
      text += cell(value) + ',';
    text += cell("csr/" + id + ".p10") + "\r\n";
  }
  return text;
}

/// All files of a batch, the sums over the others last.
std::vector<BatchFile> files_of(const std::string& batch, const std::vector<Request>& requests,
                                Time now) {
  std::vector<BatchFile> files;
  for (const Request& request : requests)
    files.push_back({"csr/" + std::to_string(request.id) + ".p10", request.csr});
  const std::string manifest = manifest_of(requests);
  files.push_back({"manifest.csv", manifest});
  files.push_back({"cover.html", cover_sheet(batch, requests, sha256_hex(manifest), now)});
  std::string sums;
  for (const BatchFile& file : files) sums += sha256_hex(file.octets) + "  " + file.name + '\n';
  files.push_back({"SHA256SUMS", sums});
  return files;
}

bool is_ours(const fs::path& file, const std::string& name, const std::vector<BatchFile>& files) {
  if (name == "csr" || name == "manifest.csv" || name == "cover.html" || name == "SHA256SUMS")
    return true;
  PosixDisk disk;
  return std::ranges::any_of(files, [&](const BatchFile& ours) {
    return ours.name == name && disk.read(file).view() == ours.octets;
  });
}

/// What is to be replaced must be the same batch: certificates may have been put there, or another
/// installation may count its batches in this folder too.
void demand_same_batch(const fs::path& place, const std::vector<BatchFile>& files) {
  if (!fs::exists(place)) return;
  for (const auto& entry : fs::recursive_directory_iterator(place)) {
    const std::string name = entry.path().lexically_relative(place).string();
    if (!is_ours(entry.path(), name, files))
      throw Error(Fault::peer, place.string() + " holds " + printable(name) +
                                   ", which is not of this batch; move it away, or name another "
                                   "folder");
  }
}

/// Removes what runs that were killed have left beside `place`: each looks like a batch.
void remove_unfinished(const fs::path& place) {
  std::error_code error;
  for (fs::directory_iterator at(place.parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().string().starts_with(place.filename().string() + ".new-"))
      fs::remove_all(at->path());
  }
}

/// What is being written beside its place; one rename puts it there, or it goes.
class Unfinished {
 public:
  explicit Unfinished(const fs::path& place) : path_(place.string() + ".new-" + random_hex(4)) {
    remove_unfinished(place);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    std::error_code ignored;  // it is gone if all went well
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_folder(const std::vector<BatchFile>& files, const fs::path& place) {
  demand_same_batch(place, files);
  const Unfinished folder(place);
  PosixDisk disk;
  fs::create_directories(folder.path() / "csr");
  for (const BatchFile& file : files)
    disk.write(folder.path() / file.name, Octets(Blob(file.octets)));
  disk.sync_directory(folder.path() / "csr");
  disk.sync_directory(folder.path());
  fs::remove_all(place);
  disk.rename(folder.path(), place);
  disk.sync_directory(place.parent_path());
}

void write_archive(const std::vector<BatchFile>& files, const fs::path& place, Time stamp) {
  const std::string octets = zip_of(files, stamp);
  fs::create_directories(place.parent_path());
  const Unfinished archive(place);
  PosixDisk disk;
  if (fs::exists(place)) {
    if (disk.read(place).view() == octets) return;
    throw Error(Fault::peer, place.string() +
                                 " is there already and is not this batch as it is "
                                 "now; move it away, or name another folder");
  }
  disk.write(archive.path(), Octets(Blob(octets)));
  disk.rename(archive.path(), place);
  disk.sync_directory(place.parent_path());
}

/// Of the youngest request: the same whenever the batch is written.
Time stamp_of(const std::vector<Request>& requests) {
  return std::ranges::max_element(requests, {}, &Request::created)->created;
}

/// Where a batch goes, and how.
struct Place {
  const fs::path& folder;
  BatchForm form;
};

fs::path write_batch(const std::string& batch, const std::vector<Request>& requests,
                     const Place& place, Time now) {
  const std::string name = "batch-" + batch;
  const fs::path folder = fs::absolute(place.folder);
  try {
    std::vector<BatchFile> files = files_of(batch, requests, now);
    if (place.form == BatchForm::folder) {
      write_folder(files, folder / name);
      return folder / name;
    }
    for (BatchFile& file : files) file.name.insert(0, name + '/');
    write_archive(files, folder / (name + ".zip"), stamp_of(requests));
    return folder / (name + ".zip");
  } catch (const fs::filesystem_error& error) {
    throw Error(Fault::world, "the batch cannot be written: " + std::string(error.what()) +
                                  "; make room, or name another folder");
  }
}

/// A certificate for a key that is destroyed would serve nobody.
std::vector<Request> alive(std::vector<Request> requests) {
  std::erase_if(requests, [](const Request& request) { return is_final(request.state); });
  return requests;
}

}  // namespace

Exported export_batch(const Office& office, const std::string& profile, const fs::path& folder,
                      BatchForm form) {
  if (office.profile(profile).connector != config::Connector::batch)
    throw Error(Fault::peer, "the CA profile " + profile +
                                 " has a connector that needs no files; use `siegel enrol submit`");
  const std::string batch = office.ledger.assign_batch(profile);
  if (batch.empty()) return {};
  const auto requests = alive(office.ledger.list({.profile = profile, .batch = batch}));
  Exported exported{batch, write_batch(batch, requests, {folder, form}, office.clock.now()), {}};
  exported.report = for_each(requests, [&](const Request& request) {
    if (request.state != State::csr_ready) return request;  // by the run that was interrupted
    return office.ledger.advance(request, State::exported,
                                 office.because("in batch " + batch, sha256_hex(request.csr)));
  });
  return exported;
}

std::optional<fs::path> export_again(const Office& office, const std::string& batch,
                                     const fs::path& folder, BatchForm form) {
  const auto all = office.ledger.list({.batch = batch});
  if (batch.empty() || all.empty()) return std::nullopt;
  const auto requests = alive(all);
  if (requests.empty())
    throw Error(Fault::peer, "every request of batch " + batch + " is cancelled; start anew");
  return write_batch(batch, requests, {folder, form}, office.clock.now());
}

}  // namespace siegel::pki::enrol
