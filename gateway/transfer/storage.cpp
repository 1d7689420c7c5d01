#include "gateway/transfer/storage.h"

#include "gateway/transfer/schema_sql.h"

namespace siegel::transfer {
namespace {

std::string database_url(const config::TransferSettings& settings) {
  return "sqlite:" + (settings.directory / "transfer.db").string();
}

}  // namespace

Storage::Storage(const config::TransferSettings& settings, const Clock& clock)
    : database(database_url(settings), Database::Sharing::with_group),
      seal(pki::Seal::from_file(settings.key)),
      files(settings.directory / "vault"),
      uploads(database, files, seal, clock),
      parcels(database, files, seal, clock),
      links(database, parcels, clock),
      pickups(database, seal, clock),
      outbox(database, seal, clock),
      access(database, seal, clock) {
  database.migrate(schema);
}

}  // namespace siegel::transfer
