#pragma once

#include <Poco/Data/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "pki/csr.h"
#include "pki/enrol/key_making.h"
#include "pki/enrol/start.h"
#include "tests/enrol/desk.h"

namespace siegel::tests {

/// Steps of enrolment at a desk that believes in root() and knows authority(): what office(anna)
/// starts, authority() issues for.
class OfficeTest : public testing::Test {
 protected:
  OfficeTest() {
    for (const auto& anchor : belief().anchors) desk_.store.add_anchor(anchor);
    desk_.store.add_intermediate(authority().certificate());
    for (const auto& list : belief().crls) desk_.store.keep_crl(list, "test");
    profile_.name = "amt";
    profile_.naming.organisation = "Stadt Muster";
    profile_.keys.certificates = config::Certificates::joint;
    profile_.deadlines.longest_validity = 400 * day;
  }

  [[nodiscard]] pki::enrol::Office office(const std::string& actor = "anna") {
    return {desk_.ledger, desk_.store, desk_.clock, {profile_}, actor};
  }
  static pki::enrol::Manifest manifest_of(const std::vector<pki::enrol::Wish>& wishes) {
    pki::enrol::Manifest manifest;
    for (const auto& wish : wishes) manifest.rows.push_back({manifest.rows.size() + 2, wish, {}});
    return manifest;
  }
  pki::enrol::Report started(const std::vector<std::string>& names) {
    std::vector<pki::enrol::Wish> wishes;
    wishes.reserve(names.size());
    for (const auto& name : names) wishes.push_back(wish(name + "@stadt.example"));
    return start(office(), manifest_of(wishes), "ticket 7");
  }
  /// The requests of these mailboxes, csr-ready.
  std::vector<pki::enrol::Request> ready(const std::vector<std::string>& names) {
    started(names);
    return make_keys(office()).moved;
  }
  /// One that was sent to the registration authority in a file.
  pki::enrol::Request exported(const std::string& name = "bauamt") {
    ready({name});
    auto request = only(name);
    return desk_.ledger.advance(std::move(request), pki::enrol::State::exported, by_anna);
  }
  /// The newest request of a mailbox.
  [[nodiscard]] pki::enrol::Request only(const std::string& name) const {
    return desk_.ledger.list({.mailbox = Address::parse(name + "@stadt.example")}).back();
  }
  [[nodiscard]] pki::enrol::State state_of(const std::string& name) const {
    return only(name).state;
  }

  /// From now on the database refuses to write that a request has come to this state.
  void power_fails_at(pki::enrol::State state) {
    desk_.database.write([&](Database::Session& session) {
      session << "CREATE TRIGGER outage BEFORE UPDATE ON enrol_request WHEN NEW.state = '" +
                     std::string(pki::enrol::name(state)) +
                     "' BEGIN SELECT RAISE(ABORT, 'power'); END",
          Poco::Data::Keywords::now;
    });
  }
  void power_is_back() {
    desk_.database.write([](Database::Session& session) {
      session << "DROP TRIGGER outage", Poco::Data::Keywords::now;
    });
  }

  /// What an authority that does as it is asked issues for a request.
  static pki::Issue as_asked(const pki::enrol::Request& request) {
    return {"GRP: Bauamt",
            {request.wish.mailbox.str()},
            pki::Usage::both,
            noon - day,
            noon + 300 * day};
  }
  static pki::Certificate issued(const pki::enrol::Request& request) {
    return issued(request, as_asked(request));
  }
  static pki::Certificate issued(const pki::enrol::Request& request, const pki::Issue& as) {
    return authority().issue(as, pki::parse_csr(request.csr)->public_key.get());
  }
  /// "bauamt@stadt.example (both): …"
  static std::vector<std::string> told(const pki::enrol::Report& report) {
    std::vector<std::string> lines;
    for (const auto& trouble : report.troubles)
      lines.push_back(trouble.about + ": " + trouble.text);
    return lines;
  }

  EnrolDesk desk_;
  config::CaProfile profile_;
};

}  // namespace siegel::tests
