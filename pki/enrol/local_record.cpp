#include "pki/enrol/local_record.h"

#include <algorithm>
#include <charconv>

#include "base/disk.h"
#include "base/error.h"
#include "pki/enrol/credentials.h"
#include "pki/enrol/turn.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes backdated{5};
constexpr std::string_view revoked_at = "revoked ";

void keep(const fs::path& file, const std::string& text) {
  PosixDisk disk;
  if (!disk.exists(file.parent_path())) disk.make_directory(file.parent_path());
  replace_file(disk, file, Octets(Blob(text)));
}

fs::path place(const fs::path& folder, const Certificate& certificate) {
  return folder / (certificate.serial() + ".pem");
}

/// Of "revoked 2026-06-01T12:00:00Z 1", which RFC 7468 §2 lets stand before the certificate.
Revoked read(const fs::path& file) {
  PosixDisk disk;
  const Blob octets = disk.read(file);
  Revoked revoked{read_certificates(file, "local.directory").front(), {}, 0};
  std::string_view line = octets.view().substr(0, octets.view().find('\n'));
  if (!line.starts_with(revoked_at)) return revoked;
  line.remove_prefix(revoked_at.size());
  const auto space = std::min(line.find(' '), line.size());
  revoked.at = parse_rfc3339(line.substr(0, space)).value_or(Time{});
  line.remove_prefix(std::min(space + 1, line.size()));
  std::from_chars(line.data(), line.data() + line.size(), revoked.reason);
  return revoked;
}

// RFC 5280 §5.2.3: higher than that of the list before, even if the clock was set back.
std::uint64_t next_number(const std::optional<Crl>& before, Time now) {
  const auto number = static_cast<std::uint64_t>(now.time_since_epoch().count());
  if (!before) return number;
  std::uint64_t last = 0;
  const std::string& digits = before->number();
  std::from_chars(digits.data(), digits.data() + digits.size(), last, 16);
  return std::max(number, last + 1);
}

}  // namespace

void LocalRecord::issued(const Certificate& certificate) const {
  keep(place(folder_ / "issued", certificate), certificate.pem());
}

void LocalRecord::revoked(const Certificate& certificate, RevocationReason reason, Time at) const {
  const fs::path file = place(folder_ / "revoked", certificate);
  if (fs::exists(file)) return;
  keep(file, std::string(revoked_at) + rfc3339(at) + ' ' +
                 std::to_string(static_cast<int>(reason)) + '\n' + certificate.pem());
}

std::vector<Revoked> LocalRecord::revocations() const {
  std::vector<Revoked> found;
  if (!fs::exists(folder_ / "revoked")) return found;
  for (const auto& entry : fs::directory_iterator(folder_ / "revoked"))
    found.push_back(read(entry.path()));
  return found;
}

Crl LocalRecord::publish(const LocalCa& ca, Time now, std::chrono::seconds life) const {
  const auto turn = Turn::take(folder_, std::chrono::seconds(30));
  if (!turn)
    throw Error(Fault::world, "another process is writing in " + folder_.string() + "; try again");
  const Crl list =
      ca.list(revocations(), next_number(last_list(), now), now - backdated, now + life);
  keep(folder_ / "ca.crl", list.der());
  return list;
}

bool LocalRecord::is_list_due(Time now) const {
  const auto list = last_list();
  if (!list || !list->next_update()) return true;
  return now > list->this_update() + (*list->next_update() - list->this_update()) / 2;
}

std::optional<Crl> LocalRecord::last_list() const {
  PosixDisk disk;
  if (!disk.exists(folder_ / "ca.crl")) return std::nullopt;
  return Crl::parse(disk.read(folder_ / "ca.crl").view());
}

}  // namespace siegel::pki::enrol
