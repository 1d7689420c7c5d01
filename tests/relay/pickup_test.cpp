// Whole messages for people without a key, from the end of DATA to what lies in spool and vault.

#include "gateway/relay/pickup.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "gateway/transfer/letter.h"
#include "gateway/transfer/letters.h"
#include "gateway/transfer/spoken_code.h"
#include "tests/relay/intake_fixture.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(PickupIntakes, R39_WithoutAKeyTheMessageIsSealedAndEverybodyIsTold) {
  enrol(bauamt);
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  const auto items = spool_.list();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].consignment.towards, config::Side::world);
  EXPECT_EQ(items[1].consignment.towards, config::Side::inside);
  EXPECT_EQ(items[1].consignment.envelope.recipients.front().address.str(), bauamt);
  for (const std::string& mail : spooled()) {
    EXPECT_THAT(mail, HasSubstr("multipart/signed"));
    EXPECT_THAT(mail, Not(HasSubstr("Geheimnis")));
    EXPECT_THAT(mail, Not(HasSubstr("Antrag")));
  }
  transfer::Storage storage(*config_->transfer, clock_);
  const auto secret = link_in(told());
  const auto visit = storage.links.visit(secret).value();
  EXPECT_TRUE(visit.needs_password);
  EXPECT_EQ(visit.recipient, anna);
  EXPECT_EQ(visit.parcel.origin, transfer::Origin::pickup);
  EXPECT_EQ(visit.parcel.owner.str(), bauamt);
}

TEST_F(PickupIntakes, R06_NoReportOnItQuotesAnything) {
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  for (const spool::Item& item : spool_.list()) EXPECT_TRUE(item.consignment.confidential);
}

TEST_F(PickupIntakes, WhatLiesThereIsWhatWouldHaveLeft) {
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna, "X-Siegel-Encrypt: yes\r\n")).code, 250);
  transfer::Storage storage(*config_->transfer, clock_);
  const std::string all = told();
  const auto at = all.find(anna + ": ");
  ASSERT_NE(at, std::string::npos);
  const auto secret = link_in(all);
  const auto visit = storage.links.visit(secret).value();
  const auto key = storage.links.unlock(
      visit, secret, pki::Secret(transfer::bare_code(all.substr(at + anna.size() + 2, 19))),
      config_->transfer->limits);
  ASSERT_TRUE(std::holds_alternative<pki::Secret>(key));
  const auto& file = visit.parcel.files.at(0);
  const auto file_key = storage.parcels.file_key(visit.parcel, file, std::get<pki::Secret>(key));
  transfer::SealedReader reader(storage.files, {file.id, file_key, file.octets});
  const std::string octets(reader.read(0));
  EXPECT_THAT(octets, testing::StartsWith("Received: "));
  EXPECT_THAT(octets, testing::EndsWith("Subject: Antrag\r\n\r\nDas Geheimnis\r\n"));
  EXPECT_THAT(octets, Not(HasSubstr("Bcc")));
  EXPECT_THAT(octets, Not(HasSubstr("X-Siegel")));
}

TEST_F(PickupIntakes, WhoHasAKeyGetsItEncryptedBesides) {
  enrol(bauamt);
  const Party peer = world().person(anna);
  EXPECT_EQ(accept(anna, {bauamt}, signed_by(peer, letter(anna, bauamt))).code, 250);
  const std::size_t before = spool_.list().size();
  EXPECT_EQ(accept(bauamt, {anna, "max@firma.example"}, confidential(anna)).code, 250);
  EXPECT_EQ(spool_.list().size(), before + 3);
  EXPECT_THAT(told(), HasSubstr("application/pkcs7-mime"));
  EXPECT_THAT(told(), Not(HasSubstr("Geheimnis")));
}

/// A rule about a whole mailbox meets what the portal sends in its name, too.
class PortalMailIntakes : public PickupIntakes {
 protected:
  PortalMailIntakes() {
    auto changed = std::make_shared<config::Config>(*config_);
    changed->rules.outgoing = {{.from = AddressPattern::parse(bauamt),
                                .encrypt = config::EncryptDemand::required,
                                .without_key = config::WithoutKey::pickup}};
    config_ = changed;
    current_.store(config_);
  }
  static transfer::Mail mail_to(const std::string& to, transfer::Wording words) {
    return {.from = *Address::parse(bauamt),
            .from_name = "Stadt Beispiel",
            .to = *Address::parse(to),
            .words = std::move(words)};
  }
  transfer::letters::House house() { return transfer::letters::house_of(*config_->transfer); }
  transfer::Parcel parcel(transfer::Origin origin, transfer::Note note = {}) {
    return {.id = "p",
            .origin = origin,
            .owner = *Address::parse(bauamt),
            .note = std::move(note),
            .files = {}};
  }
  /// As the portal hands it over, while it stands in the outbox.
  smtp::Reply hand_over(const transfer::Mail& mail) {
    transfer::Storage storage(*config_->transfer, clock_);
    storage.outbox.put(mail);
    const auto waiting = storage.outbox.find(storage.outbox.due(1).at(0)).value();
    const Blob octets = write_mail(waiting, config_->name, noon(), storage.files);
    const smtp::Reply reply =
        intake_.accept(transfer::envelope_of(mail, config_->name, noon()), octets);
    storage.outbox.remove(waiting.id);
    return reply;
  }
};

TEST_F(PortalMailIntakes, AnAnswerReachesItsMailbox) {
  transfer::Mail answer = mail_to(
      bauamt, transfer::letters::answer(
                  house(), parcel(transfer::Origin::answer, {"Danke", anna, "", "", "Re: x", ""})));
  answer.reply_to = *Address::parse(anna);
  EXPECT_EQ(hand_over(answer).code, 250);
  ASSERT_EQ(spool_.list().size(), 1U);
  EXPECT_EQ(spool_.list().front().consignment.towards, config::Side::inside);
  EXPECT_THAT(told(), HasSubstr("> Danke"));
  EXPECT_EQ(files_in_vault(), 0U);
}

TEST_F(PortalMailIntakes, AReceiptReachesItsMailbox) {
  EXPECT_EQ(hand_over(mail_to(bauamt, transfer::letters::message_read(
                                          house(), parcel(transfer::Origin::pickup), anna)))
                .code,
            250);
  ASSERT_EQ(spool_.list().size(), 1U);
  EXPECT_THAT(told(), HasSubstr(anna + " has opened your message"));
  EXPECT_EQ(files_in_vault(), 0U);
}

TEST_F(PortalMailIntakes, ACodeReachesItsReaderSignedAndInClear) {
  enrol(bauamt);
  const auto way = transfer::CodeWay::parse("anna@web.example").value();
  EXPECT_EQ(
      hand_over(mail_to("anna@web.example", transfer::letters::code(house(), way, "12345678",
                                                                    transfer::Pickups::code_life)))
          .code,
      250);
  const auto items = spool_.list();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items.front().consignment.envelope.recipients.front().address.str(),
            "anna@web.example");
  EXPECT_TRUE(items.front().consignment.confidential);
  EXPECT_THAT(told(), HasSubstr("1234 5678"));
  EXPECT_THAT(told(), HasSubstr("multipart/signed"));
  EXPECT_EQ(files_in_vault(), 0U);
}

TEST_F(PortalMailIntakes, R39_NobodyEvadesTheRuleByAMessageIdLikeOurs) {
  const std::string id = "Message-ID: <" + std::string(32, 'a') + "@gateway.stadt.example>\r\n";
  EXPECT_EQ(accept(bauamt, {anna}, id + letter(bauamt, anna, "Das Geheimnis\r\n")).code, 250);
  EXPECT_THAT(told(), Not(HasSubstr("Geheimnis")));
  EXPECT_EQ(files_in_vault(), 1U);
}

TEST_F(PickupIntakes, OfWhatTheSpoolDoesNotTakeNothingStays) {
  std::filesystem::remove_all(folder_ / "spool" / "incoming");
  std::filesystem::remove_all(folder_ / "spool" / "queue");
  EXPECT_ANY_THROW(accept(bauamt, {anna}, confidential(anna)));
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(transfer::Storage(*config_->transfer, clock_).parcels.all(10).empty());
}

/// The relay dies while it takes a mail, and starts again.
class DyingIntakes : public PickupIntakes {
 protected:
  /// `doom` is told to the process that takes the mail.
  template <typename Doom>
  void take_mail_and_die(Doom doom) {
    const mail::Envelope mail = envelope(bauamt, {anna});
    const pid_t relay = ::fork();
    if (relay == 0) {
      doom();
      static_cast<void>(intake_.accept(mail, Blob(confidential(anna))));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(relay, &status, 0), relay);
    ASSERT_EQ(WEXITSTATUS(status), MortalDisk::death);
    static_cast<void>(vault_.storage());
  }
  std::size_t parcels() { return vault_.storage().parcels.all(10).size(); }
};

TEST_F(DyingIntakes, BeforeTheCommitNothingStaysAndTheSameMailIsTakenAnew) {
  take_mail_and_die([&] { disk_.die_at_next_rename(); });
  EXPECT_TRUE(spool_.list().empty());
  EXPECT_EQ(parcels(), 1U);
  vault_.end_trials(spool_);
  EXPECT_EQ(parcels(), 0U);
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  vault_.end_trials(spool_);
  EXPECT_EQ(parcels(), 1U);
}

TEST_F(DyingIntakes, AfterTheCommitItsLinksWork) {
  take_mail_and_die([&] { spool_.on_commit([] { ::_exit(MortalDisk::death); }); });
  ASSERT_EQ(spool_.list().size(), 2U);
  vault_.end_trials(spool_);
  EXPECT_TRUE(vault_.storage().parcels.on_trial().empty());
  EXPECT_TRUE(vault_.storage().links.visit(link_in(told())));
}

TEST_F(PickupIntakes, WhatWasTakenIsOnTrialNoMore) {
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  EXPECT_TRUE(vault_.storage().parcels.on_trial().empty());
}

TEST_F(PickupIntakes, MoreRecipientsThanATransferMayHaveAreRefusedWithAdvice) {
  auto changed = std::make_shared<config::Config>(*config_);
  changed->transfer->limits.recipients = 1;
  current_.store(changed);
  try {
    static_cast<void>(accept(bauamt, {anna, "max@firma.example"}, confidential(anna)));
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("transfer.limits.recipients"));
    EXPECT_THAT(error.said(), HasSubstr("höchstens 1"));
  }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(spool_.list().empty());
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
}

TEST_F(PickupIntakes, CodesGoToASecondWayIfThereIsOneReader) {
  const std::string wish = "X-Siegel-Code-To: anna@web.example\r\n";
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna, wish)).code, 250);
  transfer::Storage storage(*config_->transfer, clock_);
  const auto visit = storage.links.visit(link_in(told())).value();
  EXPECT_TRUE(visit.needs_code && !visit.needs_password);
  EXPECT_EQ(storage.pickups.code_way(visit).text(), "anna@web.example");
  EXPECT_THAT(told(), Not(HasSubstr("anna@web.example")));
}

TEST_F(PickupIntakes, AWishForCodesThatCannotBeFollowedIsSaid) {
  const std::string wish = "X-Siegel-Code-To: anna@web.example\r\n";
  EXPECT_EQ(accept(bauamt, {anna, "max@firma.example"}, confidential(anna, wish)).code, 250);
  EXPECT_THAT(told(), HasSubstr("only if exactly one recipient"));
  EXPECT_THAT(told(), HasSubstr(anna + ": "));
}

TEST_F(PickupIntakes, ATelephoneWithoutADomainForItIsRefusedWithAdvice) {
  try {
    static_cast<void>(
        accept(bauamt, {anna}, confidential(anna, "X-Siegel-Code-To: +49 171 1234567\r\n")));
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("transfer.sms_domain"));
  }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(spool_.list().empty());
}

}  // namespace
}  // namespace siegel::tests
