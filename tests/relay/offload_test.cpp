// Large attachments leave the mail: real vault, real tables, real clamd.

#include "gateway/relay/offload.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/detach.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/transfer/clamd.h"

namespace siegel::tests {
namespace {

using mail::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto bauamt = "bauamt@stadt.example", anna = "anna@buerger.example",
               ben = "ben@buerger.example";

Address address(const std::string& text) {
  return Address::parse(text).value();
}

std::string file_part(const std::string& name, const std::string& octets) {
  return "Content-Type: application/octet-stream; name=" + name +
         "\r\nContent-Disposition: attachment; filename=" + name +
         "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + mail::to_base64_lines(octets);
}

Message mail_with(const std::vector<std::string>& parts) {
  std::string text = "From: " + std::string(bauamt) +
                     "\r\nSubject: Akte 17\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
                     "boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nGuten Tag\r\n";
  for (const std::string& part : parts) text += "--b\r\n" + part;
  return Message::parse(Blob(text + "--b--\r\n"));
}

std::vector<std::string> names(const std::vector<const mail::Entity*>& parts) {
  std::vector<std::string> found;
  for (const mail::Entity* const part : parts) found.push_back(part->file_name);
  return found;
}

class OffloadTest : public testing::Test {
 protected:
  OffloadTest() {
    auto config = std::make_shared<config::Config>();
    config->name = "gateway.stadt.example";
    config->domains = {"stadt.example"};
    config->transfer.emplace();
    config->transfer->url = "https://dateien.stadt.example";
    config->transfer->directory = folder_ / "transfer";
    config->transfer->key = folder_ / "kek";
    config->transfer->look.name = "Stadt Beispiel";
    config_ = config;
    std::filesystem::create_directory(config->transfer->directory);
    pki::Seal::make_file(config->transfer->key);
    current_.store(config_);
  }

  config::TransferSettings& settings() { return *config_->transfer; }

  mail::Envelope envelope(const std::vector<std::string>& to = {anna}) {
    mail::Envelope made;
    made.id = "m1";
    made.side = config::Side::inside;
    made.received = clock_.now();
    made.reverse_path = address(bauamt);
    for (const std::string& each : to) made.recipients.push_back({address(each)});
    return made;
  }
  static policy::Decision routes(const std::vector<std::vector<std::string>>& groups,
                                 std::uint64_t limit) {
    policy::Decision decision;
    for (const auto& group : groups) {
      policy::Route route;
      for (const std::string& each : group) route.recipients.push_back({address(each)});
      route.treatment.offload = limit;
      decision.routes.push_back(std::move(route));
    }
    return decision;
  }
  relay::Lightened apply(const Message& message, std::uint64_t limit = 10) {
    return offload_.apply(envelope(), message, routes({{anna}}, limit));
  }

  /// The link in a mail.
  static transfer::LinkSecret link_in(const Message& message) {
    const std::string text = message.top().parts.at(0).decoded_body();
    const std::string prefix = "https://dateien.stadt.example/d/";
    const auto at = text.find(prefix) + prefix.size();
    return transfer::LinkSecret::parse(text.substr(at, text.find_first_of("\r\n", at) - at))
        .value();
  }
  /// What a recipient fetches with it.
  std::string fetch(const transfer::LinkSecret& secret, std::uint32_t position) {
    transfer::Storage storage(settings(), clock_);
    const auto visit = storage.links.visit(secret).value();
    const auto key = std::get<pki::Secret>(
        storage.links.unlock(visit, secret, pki::Secret(), settings().limits));
    const auto& file = visit.parcel.files.at(position);
    const auto file_key = storage.parcels.file_key(visit.parcel, file, key);
    transfer::SealedReader reader(storage.files, {file.id, file_key, file.octets});
    std::string octets;
    for (auto part = reader.read(0); !part.empty(); part = reader.read(octets.size()))
      octets += part;
    return octets;
  }
  std::vector<transfer::Parcel> parcels() {
    return transfer::Storage(settings(), clock_).parcels.of(address(bauamt), 10);
  }
  std::size_t files_in_vault() { return transfer::Storage(settings(), clock_).files.list().size(); }

  TemporaryDirectory folder_;
  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_{std::make_shared<config::Config>()};
  ManualClock clock_;
  Log log_ = Log::none();
  relay::Vault vault_{current_, clock_};
  relay::Offload offload_{current_, vault_, log_};
};

// --- which

TEST(TooLarge, TheLargestGoUntilTheRestIsSmallEnough) {
  const Message message =
      mail_with({file_part("a", std::string(30, 'a')), file_part("b", std::string(50, 'b')),
                 file_part("c", std::string(40, 'c'))});
  EXPECT_TRUE(relay::too_large(relay::sizes_of(message), 120).empty());
  EXPECT_THAT(names(relay::too_large(relay::sizes_of(message), 119)), ElementsAre("b"));
  EXPECT_THAT(names(relay::too_large(relay::sizes_of(message), 70)), ElementsAre("b"));
  EXPECT_THAT(names(relay::too_large(relay::sizes_of(message), 69)), ElementsAre("b", "c"));
  EXPECT_THAT(names(relay::too_large(relay::sizes_of(message), 0)), ElementsAre("a", "b", "c"));
}

// --- how

TEST_F(OffloadTest, TheLinkInTheMailFetchesWhatWasAttached) {
  const std::string plan(200000, 'p'), small = "klein";
  const Message message = mail_with({file_part("Plan.pdf", plan), file_part("klein.txt", small)});
  auto light = apply(message, 1000);
  light.keep();
  const Message* const left = light.message(0);
  ASSERT_NE(left, nullptr);
  EXPECT_LT(left->octets().size(), 2000U);
  EXPECT_THAT(names(mail::attachments(*left)), ElementsAre("klein.txt"));
  const std::string text = left->top().parts.at(0).decoded_body();
  EXPECT_THAT(text, HasSubstr("Plan.pdf (195,3 KB)"));
  EXPECT_THAT(text, HasSubstr("Guten Tag"));
  EXPECT_EQ(fetch(link_in(*left), 0), plan);
  ASSERT_EQ(parcels().size(), 1U);
  EXPECT_EQ(parcels().front().note.message, "Akte 17");
  EXPECT_EQ(parcels().front().state, transfer::ParcelState::ready);
}

TEST_F(OffloadTest, WhatHasNoNameGetsOneThatCanBeOpened) {
  const std::string attached =
      "Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\nSubject: "
      "x\r\n\r\nGuten Tag\r\n";
  const std::string image =
      "Content-Type: image/png\r\nContent-Disposition: attachment\r\n\r\n0123456789abcdef\r\n";
  apply(mail_with({attached, image,
                   "Content-Type: x-a/x-b\r\nContent-Disposition: attachment\r\n"
                   "\r\n0123456789abcdef\r\n"}))
      .keep();
  const auto posted = parcels();
  std::vector<std::string> names;
  for (const auto& file : posted.front().files) names.push_back(file.name);
  EXPECT_THAT(names, ElementsAre("Anhang.eml", "Anhang.png", "Anhang"));
}

TEST_F(OffloadTest, EachRouteHasItsOwnLinkToTheSameFiles) {
  const Message message = mail_with({file_part("Plan.pdf", "Plan der Strasse")});
  auto light = offload_.apply(envelope({anna, ben}), message, routes({{anna}, {ben}}, 5));
  light.keep();
  EXPECT_EQ(files_in_vault(), 1U);
  EXPECT_NE(link_in(*light.message(0)).text(), link_in(*light.message(1)).text());
  EXPECT_EQ(fetch(link_in(*light.message(1)), 0), "Plan der Strasse");
  transfer::Storage storage(settings(), clock_);
  EXPECT_TRUE(storage.parcels.recall(parcels().front().id, anna));
  EXPECT_FALSE(storage.links.visit(link_in(*light.message(0))).has_value());
  EXPECT_TRUE(storage.links.visit(link_in(*light.message(1))).has_value());
}

TEST_F(OffloadTest, WhatIsSmallEnoughLeavesAsItCame) {
  const Message message = mail_with({file_part("a.txt", "klein")});
  EXPECT_EQ(apply(message).message(0), nullptr);
  auto none = routes({{anna}}, 0);
  none.routes.front().treatment.offload.reset();
  EXPECT_EQ(offload_.apply(envelope(), message, none).message(0), nullptr);
  EXPECT_FALSE(std::filesystem::exists(settings().directory / "transfer.db"));
}

TEST_F(OffloadTest, MailThatWasNotAcceptedLeavesNothingBehind) {
  { const auto light = apply(mail_with({file_part("Plan.pdf", "Plan der Strasse")})); }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(parcels().empty());
}

TEST_F(OffloadTest, NobodyOfUsOwnsForwardedMail) {
  auto forwarded = envelope();
  forwarded.reverse_path = address("list@elsewhere.example");
  std::string text(mail_with({file_part("Plan.pdf", "Plan der Strasse")}).octets());
  text.replace(text.find(bauamt), std::string(bauamt).size(), "max@elsewhere.example");
  const Message message = Message::parse(Blob(text));
  EXPECT_EQ(offload_.apply(forwarded, message, routes({{anna}}, 5)).message(0), nullptr);
}

TEST_F(OffloadTest, IncomingMailBelongsToItsRecipient) {
  auto from_world = envelope({"kanzlei@stadt.example"});
  from_world.side = config::Side::world;
  auto light = offload_.apply(from_world, mail_with({file_part("Klage.pdf", "Klageschrift")}),
                              routes({{"kanzlei@stadt.example"}}, 5));
  light.keep();
  transfer::Storage storage(settings(), clock_);
  EXPECT_EQ(storage.parcels.of(address("kanzlei@stadt.example"), 10).size(), 1U);
}

// --- what must not pass

TEST_F(OffloadTest, AVirusIsRefusedAndNothingOfTheMailIsKept) {
  Clamd clamd;
  settings().clamd = clamd.socket();
  try {
    static_cast<void>(apply(mail_with(
        {file_part("gut.txt", std::string(100, 'g')), file_part("Rechnung.exe", Clamd::eicar())})));
    FAIL() << "must be refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("Rechnung.exe"));
  }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(parcels().empty());
}

TEST_F(OffloadTest, WithoutTheScannerTheMailWaitsAtItsSender) {
  settings().clamd = "unix:" + (folder_ / "nobody").string();
  try {
    static_cast<void>(apply(mail_with({file_part("gut.txt", std::string(100, 'g'))})));
    FAIL() << "must be put off";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::world);
  }
  EXPECT_EQ(files_in_vault(), 0U);
}

TEST_F(OffloadTest, LimitsOfTheVaultAreSaidWithTheirRemedy) {
  settings().limits.file = 50;
  try {
    static_cast<void>(apply(mail_with({file_part("gross.bin", std::string(100, 'g'))})));
    FAIL() << "must be refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("transfer.limits.file"));
  }
}

TEST_F(OffloadTest, ABrokenSetUpIsToldAtTheStart) {
  config_->rules.outgoing.push_back({});
  offload_.open();  // no rule asks for it
  config_->rules.outgoing.front().offload = 10;
  settings().key = folder_ / "no-key";
  EXPECT_THROW(offload_.open(), Error);
}

}  // namespace
}  // namespace siegel::tests
