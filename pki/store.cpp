#include "pki/store.h"

#include "pki/audit_seal.h"
#include "pki/openpgp_store.h"
#include "pki/schema_sql.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"

namespace siegel::pki {

KeyStore::KeyStore(Database& database, Seal seal, std::shared_ptr<const config::Config> config,
                   const Clock& clock)
    : database_(database), seal_(std::move(seal)), clock_(clock), config_(std::move(config)) {
  database_.migrate(schema);
  seal_audit(database_, seal_);
  const auto set = settings();
  if (set->openpgp) openpgp_ = std::make_unique<OpenPgpStore>(database_, seal_, set, clock_);
}

KeyStore::~KeyStore() = default;

void KeyStore::use(std::shared_ptr<const config::Config> config) {
  if (openpgp_) openpgp_->use(config);
  config_.with([&](auto& current) { current.swap(config); });
}

void KeyStore::act_for(std::string actor) {
  if (openpgp_) openpgp_->act_for(actor);
  actor_ = std::move(actor);
}

OpenPgpKeys* KeyStore::openpgp() {
  return openpgp_.get();
}

const OpenPgpKeys* KeyStore::openpgp() const {
  return openpgp_.get();
}

std::shared_ptr<const config::Config> KeyStore::settings() const {
  return config_.with([](const auto& current) { return current; });
}

std::shared_ptr<const Snapshot> KeyStore::snapshot() const {
  const auto config = settings();
  const Generations now = Snapshot::generations(database_);
  // One thread reads what has changed, the others wait for it instead of doing the same.
  return snapshot_.with([&](auto& kept) {
    if (!kept || !kept->serves(now, *config)) {
      kept = Snapshot::load(database_, seal_, clock_, kept.get(), config);
    }
    return kept;
  });
}

std::shared_ptr<const Trust> KeyStore::trust() const {
  // It does not depend on our mailboxes, which change with every certificate that is installed.
  const auto config = settings();
  const Generations now = Snapshot::generations(database_);
  const auto kept = snapshot_.with([](const auto& current) { return current; });
  const bool is_current =
      kept && kept->parts().generations.trust >= now.trust && kept->parts().config == config;
  return is_current ? kept->parts().trust : snapshot()->parts().trust;
}

std::optional<SigningKey> KeyStore::signer(const Address& mailbox, Time at) const {
  return snapshot()->signer(mailbox, at);
}

std::string KeyStore::why_no_signer(const Address& mailbox, Time at) const {
  return snapshot()->why_no_signer(mailbox, at);
}

std::optional<Certificate> KeyStore::own_encryption(const Address& mailbox, Time at) const {
  return snapshot()->encryption(mailbox, at);
}

std::optional<DecryptionKey> KeyStore::decryptor(const RecipientId& recipient) const {
  return snapshot()->decryptor(recipient);
}

std::vector<std::string> KeyStore::take_damaged() const {
  return sql::take_damaged();
}

}  // namespace siegel::pki
