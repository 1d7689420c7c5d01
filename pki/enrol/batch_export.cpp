#include <algorithm>
#include <sstream>

#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "pki/asn1.h"
#include "pki/enrol/batch.h"
#include "pki/enrol/cover_sheet.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

/// RFC 4180 §2: quoted, so that no cell is more than a cell. A formula would be run by a
/// spreadsheet, and begins with one of these signs.
std::string cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos)
    text.insert(0, 1, '\'');
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
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

/// Removes what runs that were killed have left beside `place`: each looks like a batch.
void remove_unfinished(const fs::path& place) {
  std::error_code error;
  for (fs::directory_iterator at(place.parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().string().starts_with(place.filename().string() + ".new-"))
      fs::remove_all(at->path());
  }
}

/// One batch being written: into a folder beside its place, which one rename puts there.
class Writing {
 public:
  explicit Writing(fs::path place)
      : place_(std::move(place)), folder_(place_.string() + ".new-" + random_hex(4)) {
    remove_unfinished(place_);
    fs::create_directories(folder_ / "csr");
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    std::error_code ignored;  // it is gone if all went well
    fs::remove_all(folder_, ignored);
  }

  void add(const std::string& name, const std::string& octets) {
    disk_.write(folder_ / name, Octets(Blob(octets)));
    sums_ += sha256_hex(octets) + "  " + name + '\n';
  }

  void finish() {
    disk_.write(folder_ / "SHA256SUMS", Octets(Blob(sums_)));
    disk_.sync_directory(folder_ / "csr");
    disk_.sync_directory(folder_);
    fs::remove_all(place_);
    disk_.rename(folder_, place_);
    disk_.sync_directory(place_.parent_path());
  }

 private:
  fs::path place_, folder_;
  PosixDisk disk_;
  std::string sums_;
};

fs::path write_batch(const std::string& batch, const std::vector<Request>& requests,
                     const fs::path& folder, Time now) {
  fs::path place = fs::absolute(folder) / ("batch-" + batch);
  try {
    Writing writing(place);
    for (const Request& request : requests)
      writing.add("csr/" + std::to_string(request.id) + ".p10", request.csr);
    const std::string manifest = manifest_of(requests);
    writing.add("manifest.csv", manifest);
    writing.add("cover.html", cover_sheet(batch, requests, sha256_hex(manifest), now));
    writing.finish();
  } catch (const fs::filesystem_error& error) {
    throw Error(Fault::world, "the batch cannot be written: " + std::string(error.what()) +
                                  "; make room, or name another folder");
  }
  return place;
}

}  // namespace

Exported export_batch(const Office& office, const std::string& profile, const fs::path& folder) {
  if (office.profile(profile).connector != config::Connector::batch)
    throw Error(Fault::peer, "the CA profile " + profile +
                                 " has a connector that needs no files; use `siegel enrol submit`");
  const std::string batch = office.ledger.assign_batch(profile);
  if (batch.empty()) return {};
  const auto requests = office.ledger.list({.profile = profile, .batch = batch});
  Exported exported{batch, write_batch(batch, requests, folder, office.clock.now()), {}};
  exported.report = for_each(requests, [&](const Request& request) {
    if (request.state != State::csr_ready) return request;  // by the run that was interrupted
    return office.ledger.advance(request, State::exported,
                                 office.because("in batch " + batch, sha256_hex(request.csr)));
  });
  return exported;
}

std::optional<fs::path> export_again(const Office& office, const std::string& batch,
                                     const fs::path& folder) {
  const auto requests = office.ledger.list({.batch = batch});
  if (batch.empty() || requests.empty()) return std::nullopt;
  return write_batch(batch, requests, folder, office.clock.now());
}

}  // namespace siegel::pki::enrol
