#include <gmock/gmock.h>

#include "pki/store_sql.h"
#include "tests/pki/forge.h"
#include "tests/pki/store_fixture.h"

/// Certificates that could be stored but not read back, and rows that somebody has damaged: one of
/// them must not stop everybody's mail.
namespace siegel::tests {
namespace {

using pki::sql::Session;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreDamage : public StoreTest {
 protected:
  StoreDamage() { (void)store_.take_damaged(); }

  void run(const std::string& sql) {
    database_.write([&](Session& session) { pki::sql::run(session, sql); });
  }
  template <typename Work>
  static std::string refusal_of(Work&& work) {
    const auto problem = error_of(work);
    return problem && problem->fault() == Fault::peer ? problem->said() : "none";
  }
};

TEST_F(StoreDamage, WhatCouldNotBeReadBackIsNothing) {
  const auto large = enlarged(authority_.certificate(), authority_.key());
  EXPECT_FALSE(Certificate::from_x509(large.x509()));
  EXPECT_EQ(Certificate::from_x509(authority_.certificate().x509()), authority_.certificate());
}

TEST_F(StoreDamage, WhatCouldNotBeReadBackIsNotStored) {
  const auto root = enlarged(authority_.certificate(), authority_.key());
  EXPECT_THAT(refusal_of([&] { store_.add_anchor({root, {}, "x"}); }), HasSubstr("64 KiB"));
  EXPECT_THAT(refusal_of([&] { store_.add_intermediate(root); }), HasSubstr("64 KiB"));
  const auto pair = issue({.address = anna});
  const auto large = enlarged(pair.certificate, authority_.key());
  EXPECT_THAT(refusal_of([&] { store_.add_peer(address(anna), large); }), HasSubstr("64 KiB"));
  EXPECT_THAT(refusal_of([&] { learn({large, pair.key}); }), HasSubstr("64 KiB"));
  const auto own = issue({});
  const auto larger = enlarged(own.certificate, authority_.key());
  EXPECT_THAT(refusal_of([&] { install({larger, own.key}); }), HasSubstr("64 KiB"));
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(StoreDamage, R62_ALargeRootOfAMessageDoesNotStopTheListOfRoots) {
  const auto root = enlarged(authority_.certificate(), authority_.key());
  EXPECT_THAT(refusal_of([&] { store_.note_unknown_root(root, address(anna), clock_.now()); }),
              HasSubstr("64 KiB"));
  const auto other = new_authority("Fremde CA");
  store_.note_unknown_root(other.certificate(), address(anna), clock_.now());
  EXPECT_THAT(store_.pending_roots(), SizeIs(1));
}

TEST_F(StoreDamage, AHelperThatCannotBeReadIsPassedOver) {
  store_.add_intermediate(
      authority_.subordinate("Stadt-CA", pki::KeyType::p256, clock_.now()).certificate());
  install(issue({}));
  run("UPDATE intermediate SET pem = 'x'");
  run("UPDATE change SET generation = generation + 1");
  EXPECT_NE(signer(), "none");
  EXPECT_THAT(store_.trust()->material().intermediates, IsEmpty());
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table intermediate, fingerprint ")));
  EXPECT_THAT(store_.take_damaged(), IsEmpty()) << "each is told once";
}

TEST_F(StoreDamage, APendingRootThatCannotBeReadIsPassedOver) {
  for (const auto* name : {"Fremde CA", "Andere CA"})
    store_.note_unknown_root(new_authority(name).certificate(), address(anna), clock_.now());
  run("UPDATE pending_root SET pem = 'x' WHERE fingerprint = "
      "(SELECT MIN(fingerprint) FROM pending_root)");
  EXPECT_THAT(store_.pending_roots(), SizeIs(1));
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table pending_root")));
}

TEST_F(StoreDamage, APeerThatCannotBeReadIsPassedOverAndLearnedAgain) {
  const Pair first = issue({.address = anna}), second = issue({.address = anna});
  store_.add_peer(address(anna), first.certificate);
  store_.add_peer(address(anna), second.certificate);
  run("UPDATE peer SET pem = 'x' WHERE id = 1");
  EXPECT_THAT(usable(), ElementsAre(second.certificate.fingerprint()));
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table peer, id 1: ")));
  store_.add_peer(address(anna), first.certificate);
  EXPECT_THAT(usable(), Contains(first.certificate.fingerprint()));
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table peer, id 1: ")));
  EXPECT_THAT(store_.peer_records({}), SizeIs(2));
}

TEST_F(StoreDamage, ANeedThatCannotBeReadIsPassedOver) {
  run("INSERT INTO status_need (tenant, subject, certificate, issuer, noted, tried, attempts, "
      "trouble) VALUES ('default', 's', 'x', 'x', 0, 0, 0, '')");
  EXPECT_THAT(store_.wanted_statuses(), IsEmpty());
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table status_need, subject s: ")));
}

}  // namespace
}  // namespace siegel::tests
