#include <gmock/gmock.h>

#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::Bundle;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreImport : public StoreTest {
 protected:
  pki::Imported import(const Bundle& bundle) { return store_.import(address(bauamt), bundle); }
  /// What is said of a certificate that is not taken; also proves that nothing was stored.
  std::string refusal(const Pair& pair) {
    const auto result = install(pair);
    EXPECT_THAT(result.installed, IsEmpty());
    EXPECT_THAT(store_.own_certificates(), IsEmpty());
    return result.remarks.empty() ? "nothing" : result.remarks.front();
  }
};

TEST_F(StoreImport, GoodCertificateIsInstalledWithoutRemark) {
  const Pair pair = issue({});
  const auto result = install(pair);
  EXPECT_THAT(result.installed, ElementsAre(pair.certificate));
  EXPECT_THAT(result.remarks, IsEmpty());
  EXPECT_EQ(last_event(), "certificate-installed " + std::string(bauamt));
}

TEST_F(StoreImport, UseFollowsTheKeyUsage) {
  install(issue({.usage = Usage::sign}));
  install(issue({.usage = Usage::encrypt}));
  install(issue({.usage = Usage::both}));
  std::vector<pki::CertificateUse> uses;
  for (const auto& own : store_.own_certificates()) uses.push_back(own.use);
  EXPECT_THAT(
      uses, ::testing::UnorderedElementsAre(pki::CertificateUse::sign, pki::CertificateUse::encrypt,
                                            pki::CertificateUse::both));
}

TEST_F(StoreImport, CertificateWithoutItsKeyIsRefused) {
  const auto result = import({{issue({}).certificate}, {}});
  EXPECT_THAT(result.installed, IsEmpty());
  EXPECT_THAT(result.remarks, ElementsAre(HasSubstr("without its private key")));
}

TEST_F(StoreImport, KeyThatFitsNothingIsRemarked) {
  const auto result = import({{}, {PrivateKey::generate(pki::KeyType::p256)}});
  EXPECT_THAT(result.remarks,
              ElementsAre(HasSubstr("fits no certificate"), HasSubstr("holds no certificate")));
}

TEST_F(StoreImport, CertificateOfAnotherMailboxIsRefused) {
  EXPECT_THAT(refusal(issue({.address = "standesamt@stadt.example"})),
              HasSubstr("is for standesamt@stadt.example, not for bauamt@stadt.example"));
}

TEST_F(StoreImport, AddressInAnotherCaseIsTakenWithARemark) {
  const auto result = install(issue({.address = "Bauamt@stadt.example"}));
  EXPECT_EQ(result.installed.size(), 1U);
  EXPECT_THAT(result.remarks, ElementsAre(HasSubstr("in another case")));
}

TEST_F(StoreImport, AddressInAnotherCaseIsRefusedIfSettingsDoNotFold) {
  configure([](auto& config) { config.smime.fold_local_part = false; });
  EXPECT_THAT(refusal(issue({.address = "Bauamt@stadt.example"})), HasSubstr("not for"));
}

TEST_F(StoreImport, UnknownAuthorityIsRefusedUnlessTrustIsIgnored) {
  const Pair pair = issue_by(new_authority("Fremde CA"), {});
  EXPECT_THAT(refusal(pair), HasSubstr("siegel trust add"));
  const auto result = store_.import(address(bauamt), {{pair.certificate}, {pair.key}}, true);
  EXPECT_THAT(result.installed, ElementsAre(pair.certificate));
}

TEST_F(StoreImport, RevokedCertificateIsRefusedEvenIfTrustIsIgnored) {
  const Pair pair = issue({});
  publish(authority_, {pair.certificate});
  EXPECT_THAT(refusal(pair), HasSubstr("revoked"));
  EXPECT_THAT(store_.import(address(bauamt), {{pair.certificate}, {pair.key}}, true).installed,
              IsEmpty());
}

TEST_F(StoreImport, ExpiredSigningCertificateIsRefused) {
  EXPECT_THAT(refusal(issue({.usage = Usage::sign, .life = one_day})), HasSubstr("expired on"));
}

TEST_F(StoreImport, ExpiredEncryptionCertificateIsKeptForDecrypting) {
  const Pair pair = issue({.life = one_day});
  const auto result = install(pair);
  EXPECT_THAT(result.installed, ElementsAre(pair.certificate));
  EXPECT_THAT(result.remarks, ElementsAre(HasSubstr("to decrypt old mail only")));
  EXPECT_EQ(signer(), "none");
  EXPECT_EQ(store_.own_certificates().front().use, pki::CertificateUse::encrypt);
}

TEST_F(StoreImport, SecondImportOfTheSameChangesNothing) {
  const Pair pair = issue({});
  install(pair);
  const auto again = install(pair);
  EXPECT_THAT(again.present, ElementsAre(pair.certificate));
  EXPECT_THAT(again.installed, IsEmpty());
  EXPECT_THAT(again.remarks, IsEmpty());
  EXPECT_EQ(store_.own_certificates().size(), 1U);
}

TEST_F(StoreImport, AuthoritiesOfTheBundleHelpToFindThePath) {
  const LocalCa below =
      authority_.subordinate("Stadt-CA", pki::KeyType::p256, *parse_rfc3339("2025-02-01"));
  const Pair pair = issue_by(below, {});
  const auto result = import({{pair.certificate, below.certificate()}, {pair.key}});
  EXPECT_THAT(result.installed, ElementsAre(pair.certificate));
  EXPECT_THAT(result.chain, ElementsAre(below.certificate()));
  EXPECT_THAT(store_.trust()->material().intermediates, ElementsAre(below.certificate()));
}

TEST_F(StoreImport, R65_RootInABundleIsNotTrusted) {
  const LocalCa unknown = new_authority("Fremde CA");
  const Pair pair = issue_by(unknown, {});
  const auto result = import({{pair.certificate, unknown.certificate()}, {pair.key}});
  EXPECT_THAT(result.installed, IsEmpty());
  EXPECT_THAT(result.remarks, ::testing::Contains(HasSubstr("is a root and was not taken")));
  EXPECT_EQ(store_.anchors().size(), 1U);
}

TEST_F(StoreImport, MailboxHasToExist) {
  const auto problem = error_of([&] { install(issue({}), "niemand@stadt.example"); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::peer);
  EXPECT_THAT(problem->said(), HasSubstr("siegel mailbox add"));
}

TEST_F(StoreImport, EveryKeyActionIsInTheAudit) {
  install(issue({}));
  std::vector<std::string> actions;
  for (const auto& event : store_.trust_events()) actions.push_back(event.action);
  EXPECT_THAT(actions, ElementsAre("certificate-installed", "key-stored", "mailbox-added",
                                   "list-taken", "anchor-added"));
}

}  // namespace
}  // namespace siegel::tests
