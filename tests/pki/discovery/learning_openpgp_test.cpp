// OpenPGP keys of real servers, learned by a real store with the real gpg.

#include <array>

#include <gmock/gmock.h>

#include "base/hex.h"
#include "pki/discovery/dns.h"
#include "pki/discovery/dns_record.h"
#include "pki/discovery/learning.h"
#include "pki/discovery/wkd.h"
#include "pki/openpgp_keys.h"
#include "tests/pki/discovery/servers.h"
#include "tests/pki/gpg_command.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::discovery::Answer;
using pki::discovery::Finder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::shared_ptr<const config::Config> with_openpgp(const std::filesystem::path& directory) {
  auto config = std::make_shared<config::Config>();
  config->openpgp.emplace().directory = directory;
  return config;
}

class LearningOpenPgp : public ::testing::Test {
 protected:
  /// Whether what the place gave was of use.
  bool learn_from(std::unique_ptr<pki::discovery::Place> place) {
    std::vector<std::unique_ptr<pki::discovery::Place>> places;
    places.push_back(std::move(place));
    bool is_of_use = false;
    Finder(std::move(places), {.patience = 20s}, clock_)
        .find(address(anna), [&](const Answer& answer) {
          EXPECT_EQ(answer.trouble, "");
          is_of_use = pki::discovery::is_of_use(
              pki::discovery::learn(store_, address(anna), answer, clock_.now()));
          return is_of_use;
        });
    return is_of_use;
  }
  bool learn_from_web(const std::string& octets) {
    constexpr auto host = "openpgpkey.firma.example";
    WebServer server(host);
    const std::string target = pki::discovery::advanced_location(address(anna)).target;
    server.put(target.substr(0, target.find('?')), octets);
    config::WebKeyDirectory settings;
    settings.enabled = true;
    settings.ca_file = server.ca_file();
    pki::discovery::WebKeys::Web web;
    web.port = server.port();
    web.permitted = {"127.0.0.1"};
    web.look_up = [](const std::string& asked) -> std::vector<std::string> {
      if (asked != host) return {};
      return {"127.0.0.1"};
    };
    return learn_from(std::make_unique<pki::discovery::WebKeys>(settings, web));
  }
  bool learn_from_dns(const std::string& octets) {
    Nsd nsd;
    nsd.add_signed("firma.example", pki::discovery::openpgpkey_name(address(anna)) +
                                        " TYPE61 \\# " + std::to_string(octets.size()) + ' ' +
                                        hex(octets) + '\n');
    nsd.start();
    config::DnsKeys settings;
    settings.openpgpkey = true;
    settings.resolver = config::SocketAddress{"127.0.0.1", nsd.port()};
    settings.trust_anchor = nsd.trust_anchor();
    return learn_from(std::make_unique<pki::discovery::DnsZone>(settings));
  }
  [[nodiscard]] std::vector<std::string> fingerprints() {
    std::vector<std::string> found;
    for (const auto& peer : store_.openpgp()->peers(address(anna), clock_.now())) {
      EXPECT_EQ(peer.provenance, pki::Provenance::dns);
      found.push_back(peer.key.fingerprint());
    }
    return found;
  }

  TemporaryDirectory folder_;
  ManualClock clock_{SystemClock().now() + 60s};  // gpg asks the machine's
  Database database_{"sqlite:" + (folder_ / "db").string()};
  pki::KeyStore store_{database_, pki::Seal(std::array<unsigned char, 32>{7}),
                       with_openpgp(folder_ / "gpg"), clock_};
  GpgCommand hers_;
  std::string id_ = hers_.make("Anna <" + std::string(anna) + ">");
};

TEST_F(LearningOpenPgp, KeyOfAWebKeyDirectoryIsUsed) {
  EXPECT_TRUE(learn_from_web(hers_.exported(id_)));
  EXPECT_THAT(fingerprints(), ElementsAre(id_));
}

TEST_F(LearningOpenPgp, KeyOfASignedZoneIsUsed) {
  EXPECT_TRUE(learn_from_dns(hers_.exported(id_)));
  EXPECT_THAT(fingerprints(), ElementsAre(id_));
}

TEST_F(LearningOpenPgp, R31_KeyOfSomebodyElseTeachesNothing) {
  const std::string evas = hers_.exported(hers_.make("Eva <eva@firma.example>"));
  EXPECT_FALSE(learn_from_web(evas));
  EXPECT_FALSE(learn_from_dns(evas));
  EXPECT_THAT(fingerprints(), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
