#include "pki/enrol/activation.h"

#include <algorithm>

#include "pki/csr.h"
#include "pki/enrol/check.h"
#include "tests/enrol/office_fixture.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using pki::Certificate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ActivationTest : public OfficeTest {
 protected:
  Request checked(const std::string& name = "bauamt") {
    const Request request = exported(name);
    return take_certificate(office(), request, {issued(request), {}}, "test");
  }
  Report activate_all() {
    return activate(office(), {}, [](const auto&, const auto&, const auto&, Purpose) {
      return std::optional<std::string>();
    });
  }
  [[nodiscard]] std::string signer() const {
    const auto key = desk_.store.signer(*Address::parse("bauamt@stadt.example"), noon);
    return key ? key->certificate.fingerprint() : "none";
  }
  /// A request for the same mailbox that renews `before`, checked.
  Request successor(const Request& before) {
    const Request request = exported_from(
        desk_.ledger.add(before.wish, before.purpose, by_anna, before.id).request, before.subject);
    return take_certificate(office(), request, {issued(request), {}}, "test");
  }
  Request exported_from(Request draft, const std::string& subject) {
    draft.subject = subject;
    draft = desk_.ledger.advance(std::move(draft), State::validated, by_anna);
    desk_.ledger.advance(std::move(draft), State::authorised, by_anna);
    return desk_.ledger.advance(make_keys(office()).moved.front(), State::exported, by_anna);
  }
};

TEST_F(ActivationTest, TheNewCertificateSignsAtOnce) {
  const Request request = checked();
  EXPECT_EQ(signer(), "none");
  EXPECT_THAT(activate_all().moved, ElementsAre(testing::Field(&Request::state, State::active)));
  EXPECT_EQ(signer(), request.fingerprint);
  std::vector<State> way;
  for (const Transition& step : desk_.ledger.history(request.id)) way.push_back(step.to);
  EXPECT_THAT(std::vector<State>(way.end() - 4, way.end()),
              ElementsAre(State::checked, State::installed, State::published, State::active));
}

TEST_F(ActivationTest, WhatOnlySignsIsNotPublished) {
  profile_.keys.certificates = config::Certificates::separate;
  for (Request request : ready({"bauamt"})) {
    request = desk_.ledger.advance(request, State::exported, by_anna);
    pki::Issue as = as_asked(request);
    as.usage = request.purpose == Purpose::sign ? pki::Usage::sign : pki::Usage::encrypt;
    take_certificate(office(), request, {issued(request, as), {}}, "test");
  }
  EXPECT_THAT(activate_all().moved, SizeIs(2));
  EXPECT_THAT(desk_.ledger.list({.states = {State::active}}), SizeIs(2));
}

TEST_F(ActivationTest, AnEncryptionCertificateWaitsForTheSignaturesThatHandItOver) {
  profile_.keys.certificates = config::Certificates::separate;
  auto requests = ready({"bauamt"});
  ASSERT_THAT(requests, SizeIs(2));
  std::ranges::sort(requests, {}, &Request::purpose);  // signing first
  const auto take = [&](const Request& request, pki::Usage usage) {
    pki::Issue as = as_asked(request);
    as.usage = usage;
    take_certificate(office(), desk_.ledger.advance(request, State::exported, by_anna),
                     {issued(request, as), {}}, "test");
  };
  take(requests.back(), pki::Usage::encrypt);
  activate_all();
  EXPECT_EQ(desk_.ledger.find(requests.back().id)->state, State::installed);
  EXPECT_THAT(desk_.ledger.find(requests.back().id)->reason, HasSubstr("signing certificate"));
  take(requests.front(), pki::Usage::sign);
  EXPECT_THAT(activate_all().moved, SizeIs(2));
}

TEST_F(ActivationTest, BadInput_WhatExpiredBeforeItWasPutIntoServiceIsAMismatch) {
  checked();
  desk_.clock.advance(400 * day);
  activate_all();
  EXPECT_EQ(state_of("bauamt"), State::mismatch);
  EXPECT_THAT(only("bauamt").reason, HasSubstr("ask for a new one"));
  EXPECT_THAT(activate_all().moved, IsEmpty());
}

TEST_F(ActivationTest, WhatBeginsLaterWaitsAndItsPredecessorServes) {
  const Request before = checked();
  activate_all();
  desk_.ledger.advance(*desk_.ledger.find(before.id), State::renewal_due, by_anna);
  Request after = desk_.ledger.add(before.wish, before.purpose, by_anna, before.id).request;
  after = exported_from(std::move(after), before.subject);
  pki::Issue as = as_asked(after);
  as.not_before = noon + 10 * day;
  take_certificate(office(), after, {issued(after, as), {}}, "test");
  EXPECT_THAT(activate_all().moved, IsEmpty());
  EXPECT_EQ(desk_.ledger.find(before.id)->state, State::renewal_due);
  EXPECT_THAT(desk_.ledger.find(after.id)->reason, HasSubstr("goes into service on 2026-06-11"));
  desk_.clock.advance(11 * day);
  activate_all();
  EXPECT_EQ(desk_.ledger.find(before.id)->state, State::superseded);
}

TEST_F(ActivationTest, AMismatchThatIsTrustedByNowGoesIntoService) {
  const auto stranger = pki::LocalCa::make("Fremd", "CA", pki::KeyType::p256, noon - 90 * day);
  const Request request = exported();
  const auto certificate =
      stranger.issue(as_asked(request), pki::parse_csr(request.csr)->public_key.get());
  take_certificate(office(), request, {certificate, {}}, "test");
  EXPECT_THAT(activate_all().moved, IsEmpty());
  desk_.store.add_anchor({stranger.certificate(), config::RevocationMode::soft_fail, "Fremd"});
  activate_all();
  EXPECT_EQ(state_of("bauamt"), State::active);
}

TEST_F(ActivationTest, WhatFailsTheSelfTestStaysCheckedAndTheOthersGoOn) {
  checked("bauamt");
  checked("kasse");
  const auto bauamt_fails = [](const Certificate& certificate, const auto&, const auto&, Purpose) {
    return certificate.addresses().front().str() == "bauamt@stadt.example"
               ? std::optional<std::string>("it does not decrypt")
               : std::nullopt;
  };
  const Report report = activate(office(), {}, bauamt_fails);
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("failed its self-test and was not put into "
                                                  "service: it does not decrypt")));
  EXPECT_EQ(state_of("bauamt"), State::checked);
  EXPECT_EQ(signer(), "none");
  EXPECT_EQ(state_of("kasse"), State::active);
}

TEST_F(ActivationTest, WhatWasInterruptedGoesOn) {
  for (const std::string name : {"a", "b", "c"}) {
    const Request request = checked(name);
    if (name == "a") continue;
    desk_.store.import(request.wish.mailbox, {{*Certificate::from_der(request.certificate)}, {}});
    if (name == "b") continue;  // the transition was not written any more
    desk_.ledger.advance(desk_.ledger.advance(request, State::installed, by_anna), State::published,
                         by_anna);
  }
  EXPECT_THAT(activate_all().moved, SizeIs(3));
  EXPECT_THAT(desk_.ledger.list({.states = {State::active}}), SizeIs(3));
  EXPECT_THAT(activate_all().moved, IsEmpty());
}

TEST_F(ActivationTest, APredecessorIsSuperseded) {
  const Request before = checked();
  activate_all();
  desk_.ledger.advance(*desk_.ledger.find(before.id), State::renewal_due, by_anna);
  desk_.clock.advance(std::chrono::seconds(1));
  const Request after = successor(*desk_.ledger.find(before.id));
  activate_all();
  EXPECT_EQ(desk_.ledger.find(before.id)->state, State::superseded);
  EXPECT_EQ(desk_.ledger.find(after.id)->state, State::active);
}

TEST_F(ActivationTest, APredecessorIsSupersededAfterAnInterruptionToo) {
  const Request before = checked();
  activate_all();
  desk_.ledger.advance(*desk_.ledger.find(before.id), State::renewal_due, by_anna);
  const Request after = successor(*desk_.ledger.find(before.id));
  power_fails_at(State::superseded);
  EXPECT_THROW(activate_all(), Error);
  power_is_back();
  activate_all();
  EXPECT_EQ(desk_.ledger.find(before.id)->state, State::superseded);
  EXPECT_EQ(desk_.ledger.find(after.id)->state, State::active);
}

TEST_F(ActivationTest, AKeyThatIsGoneIsTold) {
  const Request request = checked();
  desk_.database.write([&](Database::Session& session) {
    desk_.store.destroy_key(session, request.key_id, {"anna", "key-destroyed", "", ""});
  });
  EXPECT_THAT(told(activate_all()),
              ElementsAre(HasSubstr("its private key is not in the database any more")));
}

}  // namespace
}  // namespace siegel::tests
