#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/sql.h"
#include "config/transfer.h"
#include "gateway/transfer/file_store.h"
#include "gateway/transfer/links.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/schema_sql.h"
#include "gateway/transfer/uploads.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

inline Address address(const std::string& text) {
  return Address::parse(text).value();
}

/// The whole service without its daemon, and a little language for what people do with it.
class ServiceTest : public ::testing::Test {
 protected:
  using Secrets = std::vector<const transfer::LinkSecret*>;

  ServiceTest() { database_.migrate(transfer::schema); }

  // --- somebody uploads

  transfer::LinkSecret begin(const std::string& name, std::uint64_t octets,
                             const std::string& owner = bauamt) {
    auto begun = uploads_.begin({address(owner), name, "text/plain", octets, {}}, settings_);
    return std::get<transfer::LinkSecret>(std::move(begun));
  }
  void put(const transfer::LinkSecret& secret, std::string_view octets) {
    const auto upload = uploads_.find(secret);
    transfer::SealedWriter writer(store_, upload->file());
    while (!octets.empty()) {
      const auto room = writer.room();
      const std::size_t step = std::min(room.size(), octets.size());
      if (step == 0) break;
      octets.copy(room.data(), step);
      writer.advance(step);
      octets.remove_prefix(step);
    }
    writer.sync();
  }
  transfer::LinkSecret uploaded(const std::string& name, const std::string& octets,
                                const std::string& owner = bauamt) {
    auto secret = begin(name, octets.size(), owner);
    put(secret, octets);
    return secret;
  }

  // --- and makes a parcel of it

  struct Sent {
    std::string id, receipt;
    std::vector<transfer::NewLink> links;
    pki::Secret key;
  };
  static transfer::ParcelWish wish(Secrets uploads, std::vector<std::string> recipients = {anna}) {
    return {transfer::Origin::staff,
            address(bauamt),
            {"Ihr Bescheid", bauamt, "", ""},
            std::move(uploads),
            std::move(recipients),
            std::chrono::hours(24 * 14),
            {}};
  }
  Sent post(const transfer::ParcelWish& wish) {
    auto posted = std::get<transfer::Parcels::Posted>(parcels_.post(wish, limit));
    return {posted.waiting.parcel, posted.receipt, std::move(posted.waiting.links),
            std::move(posted.waiting.key)};
  }
  /// As post(), and past the scan.
  Sent send(const transfer::ParcelWish& wish) {
    Sent sent = post(wish);
    parcels_.release(sent.id, {}, outbox_);
    return sent;
  }
  Sent send(const std::string& name, const std::string& octets, const std::string& password = {}) {
    const auto upload = uploaded(name, octets);
    auto of_one = wish({&upload});
    if (!password.empty()) of_one.password = pki::Secret(std::string(password));
    return send(of_one);
  }

  // --- somebody else fetches it

  std::variant<pki::Secret, transfer::Links::Closed> unlock(const transfer::LinkSecret& secret,
                                                            const std::string& password = {}) {
    return links_.unlock(links_.visit(secret).value(), secret, pki::Secret(std::string(password)),
                         settings_.limits);
  }
  std::string fetch(const transfer::LinkSecret& secret, std::uint32_t position = 0,
                    const std::string& password = {}) {
    const auto key = std::get<pki::Secret>(unlock(secret, password));
    const auto ticket = links_.find(links_.issue(links_.visit(secret).value(), key, position));
    const auto& file = ticket->parcel.files.at(position);
    const pki::Secret file_key = parcels_.file_key(ticket->parcel, file, ticket->key);
    transfer::SealedReader reader(store_, {file.id, file_key, file.octets});
    std::string octets;
    for (auto part = reader.read(0); !part.empty(); part = reader.read(octets.size()))
      octets += part;
    return octets;
  }
  [[nodiscard]] std::size_t files_in_store() const { return store_.list().size(); }

  static constexpr auto bauamt = "bauamt@stadt.example", anna = "anna@citizen.example";
  static constexpr std::uint64_t limit = std::uint64_t{1} << 30U;

  TemporaryDirectory folder_;
  ManualClock clock_;
  config::TransferSettings settings_;
  Database database_{"sqlite:" + (folder_ / "transfer.db").string()};
  transfer::FileStore store_{folder_ / "vault"};
  pki::Seal seal_{std::array<unsigned char, 32>{7}};
  transfer::Uploads uploads_{database_, store_, seal_, clock_};
  transfer::Parcels parcels_{database_, store_, seal_, clock_};
  transfer::Links links_{database_, parcels_, clock_};
  transfer::Outbox outbox_{database_, seal_, clock_};
};

}  // namespace siegel::tests
