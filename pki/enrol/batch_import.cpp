#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "pki/asn1.h"
#include "pki/enrol/batch.h"
#include "pki/enrol/check.h"
#include "pki/enrol/returned_files.h"

namespace siegel::pki::enrol {
namespace {

/// A certificate that may be somebody's, and the file that held it.
struct Found {
  Certificate certificate;
  std::string file, evidence;
};

/// Everything that came back, read but not yet matched.
class Gathered {
 public:
  Gathered(const Office& office, const std::string& password)
      : office_(office), password_(password) {}

  void take(const ReturnedFile& file) {
    try {
      const Bundle bundle = read_bundle(file.octets, password_);
      const std::string evidence = file.name + " (SHA-256 " + sha256_hex(file.octets) + ")";
      for (const Certificate& certificate : bundle.certificates) {
        const bool has_request = office_.ledger.find_by_key(certificate.key_id()).has_value();
        if (certificate.is_authority() && !has_request) {
          add_authority(certificate);
        } else {
          found_.push_back({certificate, file.name, evidence});
        }
      }
    } catch (const Error& error) {
      troubles_.push_back({file.name, error.said()});
    }
  }

  /// Each once: the chain comes with every certificate.
  void add_authority(const Certificate& certificate) {
    if (std::ranges::find(authorities_, certificate) == authorities_.end())
      authorities_.push_back(certificate);
  }

  [[nodiscard]] const std::vector<Found>& found() const { return found_; }
  [[nodiscard]] const std::vector<Certificate>& authorities() const { return authorities_; }
  [[nodiscard]] std::vector<Trouble>& troubles() { return troubles_; }

 private:
  const Office& office_;
  const std::string& password_;
  std::vector<Found> found_;
  std::vector<Certificate> authorities_;
  std::vector<Trouble> troubles_;
};

std::string named(const Certificate& certificate) {
  std::string addresses;
  for (const Address& address : certificate.addresses())
    addresses += (addresses.empty() ? "" : ", ") + address.str();
  return "certificate " + certificate.fingerprint().substr(0, 16) + " for " +
         (addresses.empty() ? certificate.subject() : addresses);
}

/// The request whose key is in the certificate takes it; the rest is trouble.
class Matching {
 public:
  Matching(const Office& office, const std::vector<Certificate>& authorities)
      : office_(office), authorities_(authorities) {}

  /// One that cannot be matched stops none of the others.
  void take(const Found& found) {
    guard(report_, found.file, [&] { match(found); });
  }

  /// Those that did not fit before may do so by the authorities that have come now.
  void reconsider() {
    if (authorities_.empty()) return;
    auto waiting = office_.ledger.list({.states = {State::mismatch}});
    std::erase_if(waiting, [&](const Request& it) { return looked_at_.contains(it.id); });
    report_.add(for_each(
        waiting, [&](const Request& it) { return check_again(office_, it, authorities_); }));
  }

  Report finish() && { return std::move(report_); }

 private:
  void match(const Found& found) {
    const auto request = office_.ledger.find_by_key(found.certificate.key_id());
    if (!request)
      return complain(found,
                      "is for a key that no request has; if the authority made the key "
                      "itself, install it with `siegel cert import`");
    looked_at_.insert(request->id);
    using enum State;
    if (request->fingerprint == found.certificate.fingerprint())
      return match_again(*request, found);
    constexpr std::array expecting{exported, pending_ra, submitted, mismatch, timed_out};
    if (std::ranges::find(expecting, request->state) == expecting.end())
      return complain(found, "belongs to request " + std::to_string(request->id) + ", which is " +
                                 std::string(name(request->state)) + " and expects none" +
                                 (is_final(request->state) ? "; have it revoked" : ""));
    moved(take_certificate(office_, waiting(*request), {found.certificate, authorities_},
                           found.evidence),
          found);
  }

  /// Again the same file: there is nothing to do unless the last import was interrupted, or what
  /// was missing then is there now.
  void match_again(const Request& request, const Found& found) {
    using enum State;
    if (request.state != issued && request.state != mismatch) return;
    auto after = check_again(office_, request, authorities_);
    if (after.state == mismatch) complain(found, "does not fit: " + after.reason);
    if (after.state != request.state) report_.moved.push_back(std::move(after));
  }

  /// One whose certificate did not fit has been waiting for another, a late one for its own.
  Request waiting(Request request) const {
    using enum State;
    if (request.state != mismatch && request.state != timed_out) return request;
    const auto* const reason =
        request.state == timed_out
            ? "the certificate came late"
            : "another certificate came in place of the one that does not fit";
    return office_.ledger.advance(std::move(request), pending_ra, office_.because(reason));
  }

  void moved(Request after, const Found& found) {
    if (after.state == State::mismatch) complain(found, "does not fit: " + after.reason);
    report_.moved.push_back(std::move(after));
  }

  void complain(const Found& found, const std::string& text) {
    report_.troubles.push_back({found.file, named(found.certificate) + ' ' + text});
  }

  const Office& office_;
  const std::vector<Certificate>& authorities_;
  Report report_;
  std::set<std::int64_t> looked_at_;  // requests
};

}  // namespace

Report import_files(const Office& office, const std::vector<std::filesystem::path>& files,
                    const std::string& password, const Progress& progress) {
  Gathered gathered(office, password);
  auto unreadable = read_returned(files, [&](const ReturnedFile& file) { gathered.take(file); });
  Matching matching(office, gathered.authorities());
  std::size_t done = 0;
  for (const Found& found : gathered.found()) {
    matching.take(found);
    if (progress) progress(++done, gathered.found().size());
  }
  matching.reconsider();
  Report report = std::move(matching).finish();
  report.add({{}, std::move(unreadable)});
  report.add({{}, std::move(gathered.troubles())});
  return report;
}

}  // namespace siegel::pki::enrol
