#include "config/profile.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "config/schema_profile.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_name.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using config::Certificates;
using config::Connector;
using testing::ElementsAre;
using testing::HasSubstr;

/// The problems of a profile, one a line.
std::string problem(const std::string& yaml, const std::string& file = "ca.yaml") {
  const auto loaded = config::parse_profile(yaml, file);
  EXPECT_EQ(loaded.profile.has_value(), loaded.problems.empty());
  std::string lines;
  for (const auto& one : loaded.problems)
    lines += (lines.empty() ? "" : "\n") + config::describe(one, file);
  return lines;
}

config::CaProfile read(const std::string& yaml) {
  EXPECT_EQ(problem(yaml), "");
  return config::parse_profile(yaml, "/etc/siegel/profiles/amt-ca.yaml").profile.value();
}

TEST(Profile, AnEmptyFileHasTheDefaults) {
  const auto profile = read("");
  EXPECT_EQ(profile.name, "amt-ca");
  EXPECT_EQ(profile.connector, Connector::batch);
  EXPECT_EQ(profile.naming.subject, config::NamingRules{}.subject);
  EXPECT_THAT(profile.keys.types, ElementsAre("rsa-3072"));
  EXPECT_EQ(profile.deadlines.renew_before, 90 * 24h);
}

TEST(Profile, EveryKindOfValue) {
  const auto profile = read(R"(
connector: cmp
four_eyes: true
naming: {subject: "C=DE, O=Amt, CN=GRP: {name}", common_name: "GRP: .+", length: 40, forbidden: [GmbH]}
keys: {types: [p-256, brainpoolP256r1], certificates: joint, token: "pkcs11:token=siegel"}
deadlines: {answer: 5 d, keep_decrypting: 3653 d}
cmp: {message: ir, url: "http://ca.example/pkix/", reference: amt, secret: secret.txt}
)");
  EXPECT_EQ(profile.connector, Connector::cmp);
  EXPECT_TRUE(profile.four_eyes);
  EXPECT_EQ(profile.naming.length, 40U);
  EXPECT_EQ(profile.keys.certificates, Certificates::joint);
  EXPECT_THAT(profile.keys.types, ElementsAre("p-256", "brainpoolP256r1"));
  EXPECT_EQ(profile.deadlines.keep_decrypting, 3653 * 24h);
  EXPECT_EQ(profile.cmp.message, config::CmpMessage::ir);
  EXPECT_EQ(profile.cmp.secret, "/etc/siegel/profiles/secret.txt");
}

TEST(Profile, ItsNameMustBeOneWord) {
  EXPECT_THAT(problem("", "unsere ca.yaml"), HasSubstr("must be one word"));
  EXPECT_THAT(problem("", "/x/.yaml"), HasSubstr("must be one word"));
}

TEST(Profile, UnknownKeysAndWordsAreToldWithTheNearest) {
  EXPECT_EQ(problem("conector: batch"),
            "ca.yaml:1:1: unknown key \"conector\"; did you mean \"connector\"?");
  EXPECT_THAT(problem("connector: csr"), HasSubstr("it must be batch, cmp, est or local"));
  EXPECT_THAT(problem("keys: {types: [rsa-3027]}"), HasSubstr("did you mean \"rsa-3072\"?"));
  EXPECT_THAT(problem("keys: {types: [brainpool256]}"), HasSubstr("or brainpoolP256r1"));
}

TEST(Profile, ATemplateMustNameTheMailbox) {
  EXPECT_THAT(problem("naming: {subject: 'C=DE, CN=Poststelle'}"), HasSubstr("{name} is missing"));
  EXPECT_THAT(problem("naming: {subject: 'C=DE, O={name}'}"), HasSubstr("there must be one CN"));
  EXPECT_THAT(problem("naming: {subject: 'C=Deutschland, CN={name}'}"), HasSubstr("such as C=DE"));
}

TEST(Profile, ATemplateThatIsNoNameIsToldInWords) {
  EXPECT_EQ(problem("naming:\n  subject: 'CN={nmae}'"),
            "ca.yaml:2:12: \"naming.subject\": unknown word \"nmae\" in braces; did you mean "
            "\"name\"?");
  EXPECT_THAT(problem("naming: {subject: 'XN={name}'}"), HasSubstr("unknown part \"XN\""));
  EXPECT_THAT(problem("naming: {subject: 'CN={name'}"), HasSubstr("a { without }"));
  EXPECT_THAT(problem("naming: {subject: 'GRP: {name}'}"), HasSubstr("write TYPE=value"));
  EXPECT_THAT(problem("naming: {subject: 'O=, CN={name}'}"), HasSubstr("O has no value"));
  EXPECT_THAT(problem("naming: {subject: 'CN={name}+OU=x'}"), HasSubstr("without a backslash"));
  EXPECT_THAT(problem("naming: {subject: 'CN={name}\\'}"), HasSubstr("a backslash at the end"));
  EXPECT_EQ(problem("naming: {subject: 'O=A\\, B\\+C, CN={name}'}"), "");
}

TEST(Profile, ARegularExpressionMustCompileAndBeShort) {
  EXPECT_THAT(problem("naming: {common_name: 'GRP: ('}"), HasSubstr("a regular expression"));
  EXPECT_THAT(problem("naming: {common_name: '(a)\\1'}"), HasSubstr("no back references"));
  EXPECT_THAT(problem("naming: {common_name: '" + std::string(201, 'a') + "'}"),
              HasSubstr("at most 200 characters"));
  EXPECT_EQ(problem("naming: {common_name: '" + std::string(200, 'a') + "'}"), "");
  EXPECT_THAT(problem("naming: {common_name: '((a{0,300}){0,300}){0,300}'}"),
              HasSubstr("a regular expression"));
}

TEST(Profile, AForbiddenTextOfTheTemplateItselfWouldRefuseEveryName) {
  EXPECT_THAT(problem("naming: {forbidden: [grp]}"), HasSubstr("no name would be right"));
}

TEST(Profile, AnAddressInTheNameMustBeAllowed) {
  const std::string subject = "subject: 'CN={name} ({address})'";
  EXPECT_THAT(problem("naming: {" + subject + "}"), HasSubstr("forbids mail addresses in the CN"));
  EXPECT_THAT(problem("naming: {" + subject + ", network_names: true, printable_only: true}"),
              HasSubstr("knows no @"));
  EXPECT_EQ(problem("naming: {" + subject + ", network_names: true}"), "");
}

TEST(Profile, KeyTypesMayNotBeEmptyOrTwice) {
  EXPECT_THAT(problem("keys: {types: []}"), HasSubstr("\"keys.types\" is empty"));
  EXPECT_THAT(problem("keys: {types: [p-256, p-256]}"), HasSubstr("names p-256 twice"));
}

TEST(Profile, APinIsNotTakenFromTheFile) {
  EXPECT_THAT(problem("keys: {token: 'pkcs11:token=x?pin-value=1234'}"),
              HasSubstr("without the PIN itself"));
}

TEST(Profile, DurationsHaveBounds) {
  EXPECT_THAT(problem("deadlines: {answer: 5 min}"), HasSubstr("from 1 h to 366 d"));
  EXPECT_THAT(problem("deadlines: {longest_validity: 20000 d}"), HasSubstr("to 3660 d"));
  EXPECT_THAT(problem("deadlines: {keep_decrypting: 0 s}"), HasSubstr("from 1 d to 36600 d"));
  EXPECT_THAT(problem("deadlines: {overlap: 91 d}"), HasSubstr("longer than \"renew_before\""));
  EXPECT_THAT(problem("deadlines: {longest_validity: 90 d}"), HasSubstr("renewed at once"));
}

TEST(Profile, CmpNeedsToKnowWhereAndWho) {
  EXPECT_THAT(problem("connector: cmp"), HasSubstr("\"cmp.url\" is missing"));
  const std::string url = "connector: cmp\ncmp:\n  url: http://ca.example/\n";
  EXPECT_THAT(problem(url), HasSubstr("the CA must know who asks"));
  EXPECT_THAT(problem(url + "  reference: x"), HasSubstr("means nothing without \"secret\""));
  const std::string by_signature = url + "  certificate: a\n  key: b\n";
  EXPECT_THAT(problem(by_signature), HasSubstr("signed answers must chain"));
  EXPECT_THAT(problem(by_signature + "  authority: c\n  reference: x\n  secret: s"),
              HasSubstr("exclude each other"));
  const std::string secure = "  url: https://ca.example/\n  reference: x\n  secret: s\n";
  EXPECT_THAT(problem("connector: cmp\ncmp:\n" + secure),
              HasSubstr("\"cmp.tls_authority\" is missing"));
  EXPECT_EQ(problem("connector: cmp\ncmp:\n" + secure + "  tls_authority: tls.pem"), "");
  EXPECT_THAT(problem(url + "  reference: x\n  secret: s\n  tls_authority: tls.pem"),
              HasSubstr("counts only if \"url\" begins with https"));
  EXPECT_THAT(problem("connector: cmp\ncmp: {message: cr}"), HasSubstr("it must be p10cr or ir"));
  EXPECT_THAT(problem("connector: cmp\ncmp: {url: 'ftp://ca.example/'}"), HasSubstr("an http://"));
  EXPECT_THAT(problem("connector: cmp\ncmp: {url: 'http://me:pw@ca.example/'}"),
              HasSubstr("without a password"));
}

TEST(Profile, EstNeedsToKnowWhereAndWhomToBelieve) {
  EXPECT_THAT(problem("connector: est"), testing::AllOf(HasSubstr("\"est.url\" is missing"),
                                                        HasSubstr("\"est.authority\" is missing"),
                                                        HasSubstr("the CA must know who asks")));
  EXPECT_THAT(problem("connector: est\nest: {url: 'http://ca.example/'}"),
              HasSubstr("an https://"));
  EXPECT_EQ(
      problem("connector: est\nest: {url: 'https://ca.example/.well-known/est', authority: a, "
              "user: u, secret: s}"),
      "");
}

TEST(Profile, TheLocalCaNeedsItsFolder) {
  EXPECT_THAT(problem("connector: local"), HasSubstr("\"local.directory\" is missing"));
}

TEST(Profile, SettingsOfAnotherConnectorAreNotIgnored) {
  EXPECT_EQ(problem("connector: batch\nlocal: {directory: x}"),
            "ca.yaml:2:1: \"local\" counts only with connector: local; write that, or take the "
            "section out");
  EXPECT_EQ(problem("connector: batch\ncmp:\n"), "");
}

TEST(Profile, WhatIsWrongInOnePartHidesNothingOfTheOthers) {
  EXPECT_THAT(problem("keys: {types: [x]}\ndeadlines: {overlap: 91 d}\nnaming: {subject: 'CN=x'}"),
              testing::AllOf(HasSubstr("1:16"), HasSubstr("2:22"), HasSubstr("3:19")));
}

// --- files ---------------------------------------------------------------------------------------

class Profiles : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    write_file(directory_ / name, text);
  }
  [[nodiscard]] std::vector<config::CaProfile> load(const std::vector<std::string>& names) const {
    config::Config config;
    for (const auto& name : names) config.enrolment.profiles.push_back(directory_ / name);
    return config::load_profiles(config);
  }
  [[nodiscard]] std::string error(const std::vector<std::string>& names) const {
    try {
      static_cast<void>(load(names));
    } catch (const Error& problem) {
      EXPECT_EQ(problem.fault(), Fault::ours);
      return problem.what();
    }
    return "none";
  }
  TemporaryDirectory directory_;
};

TEST_F(Profiles, AreReadFromFilesAndFolders) {
  write("all/b.yaml", "");
  write("all/a.yaml", "");
  write("all/note.txt", "{");
  write("c.yaml", "four_eyes: true");
  const auto profiles = load({"all", "c.yaml"});
  ASSERT_EQ(profiles.size(), 3U);
  EXPECT_EQ(profiles[0].name, "a");
  EXPECT_EQ(profiles[1].name, "b");
  EXPECT_TRUE(profiles[2].four_eyes);
}

TEST_F(Profiles, TellEveryProblemOfEveryFile) {
  write("a.yaml", "foo: 1");
  write("b.yaml", "connector: local");
  EXPECT_THAT(error({"a.yaml", "b.yaml"}),
              testing::AllOf(HasSubstr("a.yaml:1:1: unknown key"),
                             HasSubstr("b.yaml:1:1: \"local.directory\"")));
}

TEST_F(Profiles, TwoOfOneNameAreAProblem) {
  write("x/ca.yaml", "");
  write("y/ca.yaml", "");
  EXPECT_THAT(error({"x", "y"}), HasSubstr("x/ca.yaml already; rename one of the files"));
}

TEST_F(Profiles, AFolderWithoutOneAndAFileThatIsNotThereAreTold) {
  std::filesystem::create_directory(directory_ / "empty");
  EXPECT_THAT(error({"empty"}), HasSubstr("no *.yaml lies in this folder"));
  EXPECT_THAT(error({"missing.yaml"}), HasSubstr("missing.yaml: No such file"));
  EXPECT_TRUE(load({}).empty());
}

// --- those that we ship --------------------------------------------------------------------------

/// Visitor of the schema: the name of every key.
struct KeyNames {
  std::vector<std::string> names;

  template <typename T>
  void operator()(const config::Key& key, T& member) {
    names.emplace_back(key.name);
    if constexpr (requires { schema(*this, member); }) schema(*this, member);
  }
};

class Shipped : public testing::TestWithParam<std::string> {
 protected:
  static std::filesystem::path file() {
    return std::filesystem::path(SIEGEL_SOURCE) / "config" / "profiles" / (GetParam() + ".yaml");
  }
};

TEST_P(Shipped, LoadsWithoutAProblem) {
  EXPECT_EQ(problem(read_file(file()), GetParam() + ".yaml"), "");
}

TEST_P(Shipped, ShowsEveryKey) {
  KeyNames keys;
  config::CaProfile profile;
  schema(keys, profile);
  const std::string text = read_file(file());
  for (const std::string& name : keys.names) {
    const bool is_shown = text.find(' ' + name + ':') != std::string::npos ||
                          text.find('\n' + name + ':') != std::string::npos ||
                          text.find('#' + name + ':') != std::string::npos;
    EXPECT_TRUE(is_shown) << name;
  }
}

TEST_P(Shipped, SaysWhatIsToBeFilledInAndWhomToAsk) {
  const bool is_foreign = read(read_file(file())).connector != Connector::local;
  const std::string text = read_file(file());
  EXPECT_EQ(text.find("TO BE FILLED IN") != std::string::npos, is_foreign);
  EXPECT_EQ(text.find("Ask: ") != std::string::npos, is_foreign);
}

INSTANTIATE_TEST_SUITE_P(Profiles, Shipped, testing::Values("bayern-pki", "v-pki", "local"),
                         test_name<std::string>);

}  // namespace
}  // namespace siegel::tests
