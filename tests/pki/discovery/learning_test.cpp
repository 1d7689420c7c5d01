// What is found passes all checks that a key from mail passes; a real slapd says what is to be
// believed or not.

#include "pki/discovery/learning.h"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "pki/discovery/ldap.h"
#include "tests/pki/discovery/servers.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using pki::discovery::Answer;
using pki::discovery::Lesson;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Learning : public StoreTest {
 protected:
  std::vector<Learned> learn_found(const std::vector<Pair>& pairs,
                                   Provenance provenance = Provenance::foreign_directory) {
    Answer answer{"ldap://directory.example", provenance, Answer::Outcome::found};
    for (const Pair& pair : pairs) answer.finds.certificates.push_back(pair.certificate);
    std::vector<Learned> results;
    for (const Lesson& lesson : pki::discovery::learn(store_, address(anna), answer, clock_.now()))
      results.push_back(lesson.learned);
    return results;
  }
  [[nodiscard]] Pair hers(Wish wish = {}) const {
    wish.address = anna;
    return issue(wish);
  }
};

TEST_F(Learning, CertificateOfADirectoryIsUsed) {
  const Pair pair = hers();
  EXPECT_THAT(learn_found({pair}), ElementsAre(Learned::added));
  EXPECT_THAT(usable(), ElementsAre(pair.certificate.fingerprint()));
  const auto record = store_.peer_records(address(anna)).front();
  EXPECT_EQ(record.key.provenance, Provenance::foreign_directory);
  EXPECT_EQ(record.why, "found by ldap://directory.example");
}

TEST_F(Learning, R31_DirectoryThatLiesTeachesNothing) {
  EXPECT_THAT(learn_found({issue({.address = "eva@firma.example"})}),
              ElementsAre(Learned::ignored));
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(Learning, R32_UntrustedAndUnfitCertificatesTeachNothing) {
  const Pair strange = issue_by(new_authority("Fremde CA"), {.address = anna});
  EXPECT_THAT(learn_found({strange, hers({.usage = Usage::sign})}),
              ElementsAre(Learned::ignored, Learned::ignored));
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(Learning, R40_RevokedCertificateTeachesNothing) {
  const Pair pair = hers();
  publish(authority_, {pair.certificate});
  EXPECT_THAT(learn_found({pair}), ElementsAre(Learned::ignored));
}

TEST_F(Learning, NewestOfSeveralIsUsed) {
  const Pair old = hers({.age = one_day * 90});
  const Pair young = hers();
  EXPECT_THAT(learn_found({old, young}), ElementsAre(Learned::added, Learned::ignored));
  EXPECT_THAT(usable(), ElementsAre(young.certificate.fingerprint()));
}

TEST_F(Learning, HarvestThatIsSwitchedOffIsAboutMailOnly) {
  configure([](auto& config) { config.harvest.enabled = false; });
  EXPECT_THAT(learn_found({hers()}), ElementsAre(Learned::added));
}

TEST_F(Learning, AKeyThatCannotBeReadIsLeftOutWithAWord) {
  auto config = std::make_shared<config::Config>();
  config->openpgp.emplace().directory = folder_ / "gpg";
  pki::KeyStore store(database_, seal(), config, clock_);
  Answer answer{"https://openpgpkey.example", Provenance::dns, Answer::Outcome::found};
  answer.finds.openpgp = {"no key at all"};
  const auto lessons = pki::discovery::learn(store, address(anna), answer, clock_.now());
  ASSERT_EQ(lessons.size(), 1U);
  EXPECT_EQ(lessons.front().learned, Learned::ignored);
  EXPECT_THAT(lessons.front().trouble, ::testing::HasSubstr("no OpenPGP key"));
  EXPECT_FALSE(pki::discovery::is_of_use(lessons));
}

TEST_F(Learning, OutOfARealDirectory) {
  const Pair pair = hers();
  Slapd slapd;
  slapd.add_person(anna, {ldif_value("userCertificate;binary", pair.certificate.der())});
  slapd.start();
  config::DirectoryServer server;
  server.url = slapd.url();
  server.base = Slapd::base;
  server.own_pki = true;
  std::vector<std::unique_ptr<pki::discovery::Place>> places;
  places.push_back(std::make_unique<pki::discovery::LdapDirectory>(server));
  pki::discovery::Finder finder(std::move(places), {.patience = 20s}, clock_);
  finder.find(address(anna), [&](const Answer& answer) {
    return pki::discovery::is_of_use(
        pki::discovery::learn(store_, address(anna), answer, clock_.now()));
  });
  EXPECT_THAT(usable(), ElementsAre(pair.certificate.fingerprint()));
  EXPECT_EQ(store_.peer_records(address(anna)).front().key.provenance, Provenance::directory);
}

// --- every two sources

struct Two {
  Provenance better, worse;
};

class Ranks : public Learning, public ::testing::WithParamInterface<Two> {
 protected:
  Learned learn_as(const Pair& pair, Provenance provenance) {
    if (provenance == Provenance::admin) {
      store_.add_peer(address(anna), pair.certificate);
      return Learned::added;
    }
    auto found = harvested(pair);
    found.provenance = provenance;
    return store_.learn(found, clock_.now());
  }
  [[nodiscard]] Provenance stored_as() const {
    return store_.peer_records(address(anna)).front().key.provenance;
  }
};

TEST_P(Ranks, R33_WorseNeverReplacesBetter) {
  const Pair first = hers();
  const Pair second = hers({.age = one_day});
  learn_as(first, GetParam().better);
  EXPECT_EQ(learn_as(second, GetParam().worse), Learned::ignored);
  EXPECT_THAT(usable(), ElementsAre(first.certificate.fingerprint()));
}

TEST_P(Ranks, R33_BetterComesFirst) {
  const Pair first = hers({.age = one_day});
  const Pair second = hers();
  learn_as(first, GetParam().worse);
  clock_.advance(1h);
  EXPECT_EQ(learn_as(second, GetParam().better), Learned::added);
  EXPECT_EQ(usable().front(), second.certificate.fingerprint());
}

TEST_P(Ranks, R33_SameCertificateCountsByItsBestSource) {
  const Pair pair = hers();
  learn_as(pair, GetParam().worse);
  learn_as(pair, GetParam().better);
  EXPECT_EQ(stored_as(), GetParam().better);
  if (GetParam().worse == Provenance::admin) return;
  learn_as(pair, GetParam().worse);
  EXPECT_EQ(stored_as(), GetParam().better);
}

TEST_P(Ranks, R33_BetterMakesRoomForItself) {
  configure([](auto& config) { config.harvest.certificates_per_address = 1; });
  const Pair first = hers({.age = one_day});
  const Pair second = hers();
  learn_as(first, GetParam().worse);
  EXPECT_EQ(learn_as(second, GetParam().better), Learned::added);
  EXPECT_EQ(usable().front(), second.certificate.fingerprint());
}

TEST_P(Ranks, R34_PinsHoldWhateverTheSource) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  const Pair pinned = hers();
  learn_as(pinned, GetParam().worse);
  if (GetParam().better == Provenance::admin) return;
  EXPECT_EQ(learn_as(issue_by(other, {.address = anna, .age = one_day}), GetParam().better),
            Learned::pending);
  EXPECT_THAT(usable(), ElementsAre(pinned.certificate.fingerprint()));
}

std::vector<Two> all_pairs() {
  constexpr std::array ranks{Provenance::admin,     Provenance::directory,
                             Provenance::harvested, Provenance::foreign_directory,
                             Provenance::dns,       Provenance::autocrypt};
  std::vector<Two> pairs;
  for (std::size_t better = 0; better < ranks.size(); ++better)
    for (std::size_t worse = better + 1; worse < ranks.size(); ++worse)
      pairs.push_back({ranks.at(better), ranks.at(worse)});
  return pairs;
}

INSTANTIATE_TEST_SUITE_P(AllPairs, Ranks, ::testing::ValuesIn(all_pairs()), [](const auto& pair) {
  std::string called =
      std::string(name(pair.param.better)) + "_over_" + std::string(name(pair.param.worse));
  std::ranges::replace(called, '-', '_');
  return called;
});

// --- domain keys

TEST_F(Learning, DomainKeyServesWhoHasNoneOfItsOwn) {
  const Pair gateway = issue({.address = "gateway@firma.example"});
  store_.add_peer(address("*@firma.example"), gateway.certificate);
  const auto peers = store_.peers(address(anna), clock_.now());
  ASSERT_EQ(peers.size(), 1U);
  EXPECT_TRUE(pki::is_domain_wide(peers.front().address));
  EXPECT_THAT(usable("a@andere.example"), IsEmpty());
}

TEST_F(Learning, WithinARankOwnKeyComesBeforeThatOfTheDomain) {
  const Pair gateway = issue({.address = "gateway@firma.example"});
  const Pair own = hers();
  store_.add_peer(address("*@firma.example"), gateway.certificate);
  store_.add_peer(address(anna), own.certificate);
  EXPECT_THAT(usable(),
              ElementsAre(own.certificate.fingerprint(), gateway.certificate.fingerprint()));
}

TEST_F(Learning, R33_AnAdminsKeyForTheDomainComesBeforeOneThatWasFound) {
  const Pair gateway = issue({.address = "gateway@firma.example"});
  const Pair own = hers();
  store_.add_peer(address("*@firma.example"), gateway.certificate);
  learn_found({own});
  EXPECT_THAT(usable(),
              ElementsAre(gateway.certificate.fingerprint(), own.certificate.fingerprint()));
}

TEST_F(Learning, R16_NobodyBringsAKeyForAWholeDomain) {
  const Pair pair = issue({.address = "*@firma.example"});
  EXPECT_EQ(learn(pair, "*@firma.example"), Learned::ignored);
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(Learning, OurDomainKeyDecryptsAndTakesSentCopiesButNeverSigns) {
  const Pair gateway = issue({.address = "gateway@stadt.example"});
  store_.add_mailbox(address("*@stadt.example"), "Stadt");
  EXPECT_EQ(install(gateway, "*@stadt.example").installed.size(), 1U);
  const auto copy = store_.own_encryption(address(bauamt), clock_.now());
  ASSERT_TRUE(copy);
  EXPECT_EQ(*copy, gateway.certificate);
  EXPECT_TRUE(store_.decryptor(pki::issuer_and_serial(gateway.certificate)));
  EXPECT_EQ(signer(bauamt), "none");
}

TEST_F(Learning, OurDomainKeyNamesAnAddressOfTheDomain) {
  store_.add_mailbox(address("*@stadt.example"), "Stadt");
  const auto result = install(issue({.address = anna}), "*@stadt.example");
  EXPECT_THAT(result.installed, IsEmpty());
  EXPECT_EQ(result.remarks.size(), 1U);
}

}  // namespace
}  // namespace siegel::tests
