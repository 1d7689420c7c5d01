#include "tests/enrol/serving.h"

#include "base/disk.h"

namespace siegel::tests {

using namespace pki::enrol;

pki::LocalCa make_ca(const std::filesystem::path& folder, const std::string& name) {
  std::filesystem::create_directories(folder);
  auto ca = pki::LocalCa::make("Amt", name, pki::KeyType::p256, noon - 100 * day);
  PosixDisk disk;
  disk.write(folder / "ca.key", Octets(Blob(ca.key().pkcs8())));
  disk.write(folder / "ca.pem", Octets(Blob(ca.certificate().pem())));
  return ca;
}

ServingTest::ServingTest() : ca_(make_ca(ca_folder_, "CA 1")) {
  config::CaProfile amt;
  amt.name = "amt";
  amt.connector = config::Connector::local;
  amt.naming.organisation = "Stadt";
  amt.local.directory = ca_folder_;
  office_.profiles = {amt};
  desk_.store.add_anchor({ca_.certificate(), config::RevocationMode::soft_fail, "Amt"});
}

void ServingTest::enrol(const std::string& address) {
  Manifest manifest;
  manifest.rows.push_back({1, wish(address), {}});
  EXPECT_THAT(start(office_, manifest, "ticket 1").troubles, testing::IsEmpty());
  go_on();
}

void ServingTest::go_on() {
  const SelfTest passes = [](const auto&...) { return std::nullopt; };
  Report report = make_keys(office_);
  report.add(submit(office_, connect_));
  report.add(activate(office_, {}, passes));
  for (const Trouble& trouble : report.troubles)
    ADD_FAILURE() << trouble.about << ": " << trouble.text;
}

Request ServingTest::the(Purpose purpose, std::int64_t renews) const {
  std::optional<Request> found;
  for (const Request& request : desk_.ledger.list({.mailbox = bauamt_}))
    if (request.purpose == purpose && request.renews == renews) found = request;
  EXPECT_TRUE(found) << name(purpose) << " that renews " << renews;
  return found.value();
}

std::string ServingTest::signs_with() const {
  const auto signer = desk_.store.signer(bauamt_, desk_.clock.now());
  return signer ? signer->certificate.fingerprint() : "nothing";
}

bool ServingTest::opens(const pki::Certificate& certificate) const {
  return desk_.store.decryptor(pki::issuer_and_serial(certificate)).has_value();
}

}  // namespace siegel::tests
