#include "pki/enrol/key_destruction.h"

#include "tests/enrol/serving.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class KeyDestructionTest : public ServingTest {
 protected:
  /// What the refusal says, or nothing.
  std::string refusal(const std::string& key_id) const {
    try {
      (void)destroy_key(office_, key_id, "no longer wanted", Loss::refused);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::peer);
      return error.said();
    }
    return {};
  }
  bool has(const Request& request) const { return desk_.store.own_key(request.key_id).has_value(); }
  Request moved(Request request, const std::vector<State>& way) {
    for (const State next : way) request = desk_.ledger.advance(request, next, by_anna);
    return request;
  }
};

TEST_F(KeyDestructionTest, AKeyInServiceStaysUnlessTheLossIsAccepted) {
  enrol();
  const Request sign = the(Purpose::sign);
  EXPECT_THAT(refusal(sign.key_id),
              AllOf(HasSubstr("bauamt@stadt.example"), HasSubstr("in service"),
                    HasSubstr("siegel cert revoke")));
  EXPECT_EQ(signs_with(), sign.fingerprint);
  const Report report = destroy_key(office_, sign.key_id, "stolen", Loss::accepted);
  EXPECT_THAT(report.troubles, IsEmpty());
  EXPECT_FALSE(has(sign));
  EXPECT_EQ(signs_with(), "nothing");
  EXPECT_EQ(state(Purpose::sign), State::revoke_requested) << "the world still believes in it";
  EXPECT_EQ(state(Purpose::encrypt), State::active);
}

TEST_F(KeyDestructionTest, AKeyThatOnlyDecryptsIsArchivedOnPurposeOnly) {
  enrol();
  const Request old = moved(the(Purpose::encrypt), {State::expired, State::decrypt_only});
  desk_.store.retire(old.fingerprint, {"anna", "certificate-retired", "", ""});
  EXPECT_THAT(refusal(old.key_id), HasSubstr("still opens old mail"));
  EXPECT_TRUE(opens(certificate_in(old)));
  destroy_key(office_, old.key_id, "retention is over", Loss::accepted);
  EXPECT_EQ(state(Purpose::encrypt), State::archived);
  EXPECT_FALSE(opens(certificate_in(old)));
  EXPECT_EQ(desk_.store.trust_events(1).front().action, "key-destroyed");
  EXPECT_THAT(desk_.store.trust_events(1).front().detail, HasSubstr("retention is over"));
}

TEST_F(KeyDestructionTest, AKeyOfARequestOnItsWayIsGivenUpWithIt) {
  enrol();
  Request request = desk_.ledger.add(wish("kasse@stadt.example"), Purpose::sign, by_anna).request;
  request.key_id = "0123456789";
  request = moved(request, {State::validated, State::authorised, State::key_ready});
  EXPECT_THAT(refusal(request.key_id),
              HasSubstr("siegel enrol cancel --id " + std::to_string(request.id)));
  request = moved(request, {State::csr_ready, State::submitted, State::issued});
  EXPECT_THAT(refusal(request.key_id), HasSubstr("siegel cert revoke"));
}

TEST_F(KeyDestructionTest, WhatNothingUsesIsDestroyedAtOnce) {
  const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  desk_.database.write([&](Database::Session& session) {
    desk_.store.keep_key(session, key, {"anna", "key-stored", "", ""});
  });
  EXPECT_EQ(refusal(key.key_id()), "");
  EXPECT_FALSE(desk_.store.own_key(key.key_id()));
}

}  // namespace
}  // namespace siegel::tests
