#include "pki/enrol/local.h"

#include "base/error.h"
#include "pki/enrol/submit.h"
#include "tests/enrol/office_fixture.h"
#include "tests/enrol/requests.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;
using namespace pki::enrol;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// authority() as `siegel ca init` leaves a CA in a folder.
class LocalTest : public OfficeTest {
 protected:
  LocalTest() {
    profile_.connector = config::Connector::local;
    profile_.local.directory = desk_.folder / "ca";
    fs::create_directory(ca());
    write_secret(ca() / "ca.key", authority().key().pkcs8());
    write_file(ca() / "ca.pem", authority().certificate().pem());
  }
  [[nodiscard]] fs::path ca() const { return desk_.folder / "ca"; }
  [[nodiscard]] Local local() const { return Local(profile_, desk_.clock); }
  /// What it says to a CSR.
  [[nodiscard]] Answer answer(const std::string& csr) const {
    return local().submit({csr, mailbox_key(), {}});
  }
  [[nodiscard]] std::string csr(pki::Usage usage) const {
    return pki::make_csr(mailbox_key(),
                         {.subject = "C=DE, O=Stadt Muster, OU=Bauen, CN=GRP: Bauamt",
                          .addresses = {*Address::parse("bauamt@stadt.example")},
                          .usage = usage});
  }
  [[nodiscard]] pki::Certificate certificate(pki::Usage usage = pki::Usage::both) const {
    return std::get<Issued>(answer(csr(usage))).certificate;
  }
  [[nodiscard]] pki::Crl list() const { return *pki::Crl::parse(read_file(ca() / "ca.crl")); }
  [[nodiscard]] bool lists(const pki::Certificate& certificate) const {
    const auto now = list();
    X509_REVOKED* entry = nullptr;
    return X509_CRL_get0_by_cert(now.x509_crl(), &entry, certificate.x509()) == 1;
  }
};

TEST_F(LocalTest, IssuesWhatIsAskedFor) {
  const auto made = certificate();
  EXPECT_EQ(made.key_id(), mailbox_key().key_id());
  EXPECT_THAT(made.addresses(), ElementsAre(*Address::parse("bauamt@stadt.example")));
  EXPECT_THAT(made.subject(), HasSubstr("OU=Bauen"));
  EXPECT_LE(made.not_after() - made.not_before(), profile_.deadlines.longest_validity);
  EXPECT_TRUE(fs::exists(ca() / "issued" / (made.serial() + ".pem")));
}

TEST_F(LocalTest, UsageIsAsAskedFor) {
  EXPECT_TRUE(certificate(pki::Usage::sign).may_sign());
  EXPECT_FALSE(certificate(pki::Usage::sign).may_encrypt());
  EXPECT_FALSE(certificate(pki::Usage::encrypt).may_sign());
  EXPECT_TRUE(certificate(pki::Usage::encrypt).may_encrypt());
}

TEST_F(LocalTest, WhatItIssuesFitsTheRequest) {
  ready({"bauamt"});
  EXPECT_THAT(told(submit(office(), connect_by_profile(desk_.clock))), IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::checked) << only("bauamt").reason;
}

TEST_F(LocalTest, NothingOutlivesTheAuthority) {
  desk_.clock.set(authority().certificate().not_after() - 30 * day);
  EXPECT_EQ(certificate().not_after(), authority().certificate().not_after());
}

TEST_F(LocalTest, BadInput_GarbageIsRefused) {
  const std::string good = csr(pki::Usage::sign);
  std::string forged = good;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  for (const std::string& bad : {std::string(), std::string("hello"), good.substr(1), forged})
    EXPECT_TRUE(std::holds_alternative<Refused>(answer(bad)));
  EXPECT_FALSE(fs::exists(ca() / "issued"));
}

TEST_F(LocalTest, RevokedIsWhatTheListNames) {
  const auto first = certificate();
  const auto second = certificate();
  const auto other = certificate();
  EXPECT_TRUE(std::holds_alternative<Done>(
      local().revoke(first, mailbox_key(), RevocationReason::superseded)));
  desk_.clock.advance(std::chrono::minutes(1));
  local().revoke(second, mailbox_key(), RevocationReason::unspecified);
  EXPECT_TRUE(lists(first));
  EXPECT_TRUE(lists(second));
  EXPECT_FALSE(lists(other));
}

TEST_F(LocalTest, ALaterListKeepsDateAndReason) {
  local().revoke(certificate(), mailbox_key(), RevocationReason::key_compromise);
  desk_.clock.advance(day);
  local().revoke(certificate(), mailbox_key(), RevocationReason::unspecified);
  const auto text =
      openssl({"crl", "-inform", "DER", "-noout", "-text", "-in", (ca() / "ca.crl").string()});
  EXPECT_THAT(text.output, AllOf(HasSubstr("Revocation Date: Jun  1 12:00:00 2026"),
                                 HasSubstr("Revocation Date: Jun  2 12:00:00 2026"),
                                 HasSubstr("Key Compromise")));
}

TEST_F(LocalTest, TheListIsWrittenAnewBeforeItIsOver) {
  local().keep_list_fresh();
  const auto first = list().number();
  desk_.clock.advance(day);
  local().keep_list_fresh();
  EXPECT_EQ(list().number(), first);
  desk_.clock.advance(20 * day);
  local().keep_list_fresh();
  EXPECT_NE(list().number(), first);
}

TEST_F(LocalTest, ANewListReplacesTheOldOneInTheStore) {
  local().revoke(certificate(), mailbox_key(), RevocationReason::superseded);
  EXPECT_EQ(desk_.store.keep_crl(list(), "ca.crl"), pki::KeyStore::CrlTaken::newer);
  local().revoke(certificate(), mailbox_key(), RevocationReason::superseded);
  EXPECT_EQ(desk_.store.keep_crl(list(), "ca.crl"), pki::KeyStore::CrlTaken::newer);
}

TEST_F(LocalTest, BadInput_AStrangersCertificateIsNotRevoked) {
  const auto stranger = pki::LocalCa::make("Fremd", "CA", pki::KeyType::p256, noon - 90 * day);
  const auto theirs = stranger.issue(bauamt(), mailbox_key());
  EXPECT_TRUE(std::holds_alternative<Refused>(
      local().revoke(theirs, mailbox_key(), RevocationReason::superseded)));
  EXPECT_FALSE(fs::exists(ca() / "ca.crl"));
}

TEST_F(LocalTest, AFolderWithoutACaIsOursToMend) {
  fs::remove(ca() / "ca.key");
  EXPECT_THROW(local(), Error);
}

}  // namespace
}  // namespace siegel::tests
