#include <filesystem>
#include <string>
#include <system_error>

#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "gateway/smtp/client.h"

namespace siegel::smtp {
namespace {

namespace fs = std::filesystem;

void make_maildir(Disk& disk, const fs::path& maildir) {
  std::error_code failed;
  for (const char* const name : {"cur", "new", "tmp"}) {
    fs::create_directories(maildir / name, failed);
    if (failed) throw system_error("make maildir " + maildir.string(), failed.value());
  }
  disk.sync_directory(maildir);
}

// RFC 5321 §4.4: the final delivery writes the reverse-path. A file is one message, whoever it is
// for, so each recipient has a field.
std::string delivery_fields(const mail::Envelope& envelope) {
  std::string fields = "Return-Path: <";
  if (envelope.reverse_path) fields += envelope.reverse_path->str();
  fields += ">\r\n";
  for (const mail::Recipient& recipient : envelope.recipients)
    fields += "X-Original-To: " + recipient.address.str() + "\r\n";
  return fields;
}

// Durable before it is told: written and fsynced under tmp/, renamed, and the name made durable.
void store(Disk& disk, const fs::path& maildir, const mail::Envelope& envelope,
           const Blob& octets) {
  make_maildir(disk, maildir);
  const std::string name = envelope.id + '.' + random_hex(8) + ".siegel";
  Octets message;
  message.append(delivery_fields(envelope)).append(octets);
  const fs::path written = maildir / "tmp" / name;
  disk.write(written, message);
  disk.rename(written, maildir / "new" / name);
  disk.sync_directory(maildir / "new");
}

}  // namespace

std::vector<Outcome> deliver_maildir(const config::Delivery& hop, const mail::Envelope& envelope,
                                     const Blob& octets) {
  auto kind = Outcome::Kind::delivered;
  std::string status = "2.0.0";
  std::string text = "stored in " + hop.to.directory.string();
  try {
    PosixDisk disk;
    store(disk, hop.to.directory, envelope, octets);
  } catch (const Error& error) {
    kind = Outcome::Kind::deferred;
    status = "4.3.0";  // RFC 3463 §3.4: other mail system status
    text = error.what();
  }
  std::vector<Outcome> outcomes;
  for (const mail::Recipient& recipient : envelope.recipients)
    outcomes.push_back({recipient, kind, status, {}, text});
  return outcomes;
}

}  // namespace siegel::smtp
