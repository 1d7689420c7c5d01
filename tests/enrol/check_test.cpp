#include "pki/enrol/check.h"

#include "tests/enrol/office_fixture.h"
#include "tests/enrol/requests.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using pki::Certificate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckTest : public OfficeTest {
 protected:
  std::vector<std::string> misfits_of(const Certificate& certificate) {
    return misfits(office(), request_, certificate, {});
  }
  /// What is wrong with a certificate that differs from what was asked for by `change`.
  std::vector<std::string> misfits_if(const std::function<void(pki::Issue&)>& change) {
    pki::Issue as = as_asked(request_);
    change(as);
    return misfits_of(issued(request_, as));
  }

  Request request_ = exported();
};

TEST_F(CheckTest, WhatFitsIsChecked) {
  EXPECT_THAT(misfits_of(issued(request_)), IsEmpty());
  const auto after = take_certificate(office(), request_, {issued(request_), {}}, "a.pem");
  EXPECT_EQ(after.state, State::checked);
  EXPECT_EQ(desk_.ledger.find(request_.id)->fingerprint, after.fingerprint);
}

TEST_F(CheckTest, BadInput_AnotherKey) {
  const auto other = authority().issue(as_asked(request_), mailbox_key());
  EXPECT_THAT(misfits_of(other), ElementsAre(HasSubstr("is for another key")));
}

TEST_F(CheckTest, BadInput_AnotherAddress) {
  EXPECT_THAT(misfits_if([](auto& as) { as.addresses = {"kasse@stadt.example"}; }),
              ElementsAre(HasSubstr("kasse@stadt.example and not for bauamt@stadt.example")));
  EXPECT_THAT(misfits_if([](auto& as) { as.addresses = {}; }),
              testing::Contains(HasSubstr("is for no mail address")));
}

TEST_F(CheckTest, BadInput_AnotherUsage) {
  EXPECT_THAT(misfits_if([](auto& as) { as.usage = pki::Usage::sign; }),
              ElementsAre(HasSubstr("may not be encrypted to")));
  EXPECT_THAT(misfits_if([](auto& as) { as.usage = pki::Usage::encrypt; }),
              testing::Contains(HasSubstr("may not sign mail")));
}

TEST_F(CheckTest, BadInput_MoreUsageThanWasAskedFor) {
  request_.purpose = Purpose::sign;
  EXPECT_THAT(misfits_of(issued(request_)), ElementsAre(HasSubstr("may be encrypted to as well")));
  request_.purpose = Purpose::encrypt;
  EXPECT_THAT(misfits_of(issued(request_)), ElementsAre(HasSubstr("may sign as well")));
}

TEST_F(CheckTest, BadInput_Expired) {
  EXPECT_THAT(misfits_if([](auto& as) {
                as.not_before = noon - 50 * day;
                as.not_after = noon - day;
              }),
              ElementsAre(HasSubstr("expired on 2026-05-31")));
}

TEST_F(CheckTest, WhatBeginsTomorrowFits) {
  EXPECT_THAT(misfits_if([](auto& as) { as.not_before = noon + day; }), IsEmpty());
}

TEST_F(CheckTest, BadInput_ValidForTooLong) {
  EXPECT_THAT(misfits_if([](auto& as) { as.not_after = noon + 500 * day; }),
              ElementsAre(HasSubstr("is valid longer than its CA profile allows")));
}

TEST_F(CheckTest, BadInput_AnAuthorityThatNobodyKnows) {
  const auto stranger = pki::LocalCa::make("Fremd", "CA", pki::KeyType::p256, noon - 90 * day);
  const auto certificate =
      stranger.issue(as_asked(request_), pki::parse_csr(request_.csr)->public_key.get());
  EXPECT_THAT(misfits(office(), request_, certificate, {stranger.certificate()}),
              ElementsAre(HasSubstr("has no good path")));
  const auto after =
      take_certificate(office(), request_, {certificate, {stranger.certificate()}}, "a.pem");
  EXPECT_EQ(after.state, State::mismatch);
  EXPECT_THAT(after.reason, HasSubstr("siegel trust add"));
}

TEST_F(CheckTest, AMismatchIsHealedByTrust) {
  const auto stranger = pki::LocalCa::make("Fremd", "CA", pki::KeyType::p256, noon - 90 * day);
  const auto certificate =
      stranger.issue(as_asked(request_), pki::parse_csr(request_.csr)->public_key.get());
  const auto before = take_certificate(office(), request_, {certificate, {}}, "a.pem");
  EXPECT_EQ(check_again(office(), before).state, State::mismatch);
  desk_.store.add_anchor({stranger.certificate(), config::RevocationMode::soft_fail, "Fremd"});
  EXPECT_EQ(check_again(office(), before).state, State::checked);
}

TEST_F(CheckTest, OfManyAuthoritiesTheRightOneIsFound) {
  std::vector<Certificate> chain;
  std::optional<pki::LocalCa> last;
  for (int i = 0; i < 20; ++i) {
    last = authority().subordinate("CA " + std::to_string(i), pki::KeyType::p256, noon - 10 * day);
    chain.push_back(last->certificate());
  }
  desk_.store.keep_crl(fresh_list(*last), "test");
  const auto certificate =
      last->issue(as_asked(request_), pki::parse_csr(request_.csr)->public_key.get());
  EXPECT_THAT(misfits(office(), request_, certificate, chain), IsEmpty());
  take_certificate(office(), request_, {certificate, chain}, "a.pem");
  EXPECT_THAT(desk_.store.trust()->material().intermediates,
              testing::UnorderedElementsAre(authority().certificate(), last->certificate()));
}

TEST_F(CheckTest, BadInput_Revoked) {
  const auto certificate = issued(request_);
  desk_.store.keep_crl(authority().revoke({certificate}, 2, noon - day, noon + day), "test");
  EXPECT_THAT(misfits_of(certificate), ElementsAre(HasSubstr("revoked")));
}

TEST_F(CheckTest, BadInput_AForbiddenDigest) {
  Forgery weak = false_bauamt();
  weak.digest = Digest::sha1;
  weak.extensions = {{"keyUsage", "critical,digitalSignature,keyAgreement"}};
  const auto key = desk_.store.own_key(request_.key_id);
  EXPECT_THAT(misfits_of(forge(weak, *key, authority())),
              ElementsAre(HasSubstr("has no good path")));
}

TEST_F(CheckTest, BadInput_ASerialNumberOfAnotherMailboxesRequest) {
  const auto first = issued(request_);
  take_certificate(office(), request_, {first, {}}, "a.pem");
  const Request second = exported("kasse");
  pki::Issue as = as_asked(second);
  const auto own = issued(second, as);
  // The same number once more, for the key of the second.
  const auto again = with_key(first, *desk_.store.own_key(second.key_id), authority());
  EXPECT_THAT(misfits(office(), second, again, {}),
              testing::Contains(HasSubstr("has the serial number of")));
  EXPECT_THAT(misfits(office(), second, own, {}), IsEmpty());
}

TEST_F(CheckTest, AuthoritiesThatCameAlongAreKeptAsHelpers) {
  const auto below = authority().subordinate("CA 2", pki::KeyType::p256, noon - 10 * day);
  desk_.store.keep_crl(fresh_list(below), "test");
  const auto certificate =
      below.issue(as_asked(request_), pki::parse_csr(request_.csr)->public_key.get());
  profile_.deadlines.longest_validity = 400 * day;
  const auto after =
      take_certificate(office(), request_, {certificate, {below.certificate()}}, "a.pem");
  EXPECT_EQ(after.state, State::checked) << after.reason;
  EXPECT_THAT(desk_.store.trust()->material().intermediates,
              testing::Contains(below.certificate()));
}

}  // namespace
}  // namespace siegel::tests
