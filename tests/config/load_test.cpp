#include "config/load.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using config::Side;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string smallest = R"(name: gateway.stadt.example
domains: [stadt.example]
relay:
  listen: [{at: "0.0.0.0:25", side: world}]
  deliver: {inside: "smtp://mail.stadt.example", world: "smtp://relay.example"}
)";

/// The configuration that the smallest text and `more` give; there must be no problem in it.
std::shared_ptr<const config::Config> read(const std::string& more) {
  const auto loaded = config::parse(smallest + more, "/etc/siegel/siegel.yaml");
  for (const auto& problem : loaded.problems) ADD_FAILURE() << config::describe(problem, {});
  if (!loaded.config) throw std::logic_error("no configuration");
  return loaded.config;
}

/// The problems of a text, one a line.
std::string problem(const std::string& yaml) {
  std::string lines;
  for (const auto& one : config::parse(yaml, "x.yaml").problems)
    lines += (lines.empty() ? "" : "\n") + config::describe(one, "x.yaml");
  return lines;
}

Address address(std::string_view text) {
  return Address::parse(text).value();
}

TEST(Parse, TheSmallestConfigurationHasTheDefaults) {
  const auto config = read("");
  EXPECT_EQ(config->file, "/etc/siegel/siegel.yaml");
  EXPECT_EQ(config->name, "gateway.stadt.example");
  EXPECT_EQ(config->postmaster, "postmaster@stadt.example");
  EXPECT_EQ(config->relay.world.to.host, "relay.example");
  EXPECT_EQ(config->relay.world.to.port, 25);
  EXPECT_EQ(config->relay.retry.after.back(), 4h);
  EXPECT_EQ(config->storage.database_url(), "sqlite:/var/lib/siegel/siegel.db");
  EXPECT_TRUE(config->rules.outgoing.empty());
}

TEST(Parse, DomainsAreKeptAsALabelsAndSubDomainsAreNotOurs) {
  const auto config =
      config::parse("domains: [B\u00FCro.example, stadt.example]" +
                        smallest.substr(smallest.find("\nrelay")) + "name: x.example",
                    "x.yaml");
  ASSERT_TRUE(config.config) << config::describe(config.problems.front(), {});
  EXPECT_THAT(config.config->domains, ElementsAre("xn--bro-hoa.example", "stadt.example"));
  EXPECT_TRUE(config.config->is_ours(address("a@b\u00FCro.example")));
  EXPECT_TRUE(config.config->is_ours(address("a@STADT.example")));
  EXPECT_FALSE(config.config->is_ours(address("a@amt.stadt.example")));
}

TEST(Parse, ADeliveryMayBeATextOrAMap) {
  const auto text = smallest.substr(0, smallest.find("  deliver")) + R"(  deliver:
    inside: maildir:in
    world: {to: "smtp://relay.example:2525", tls: verified, ca_file: ca.pem}
)";
  const auto loaded = config::parse(text, "/etc/siegel/siegel.yaml");
  ASSERT_TRUE(loaded.config) << config::describe(loaded.problems.front(), {});
  EXPECT_EQ(loaded.config->relay.inside.to.directory, "/etc/siegel/in");
  EXPECT_EQ(loaded.config->relay.world.to.port, 2525);
  EXPECT_EQ(loaded.config->relay.world.tls, config::TlsDemand::verified);
  EXPECT_EQ(loaded.config->relay.world.ca_file, "/etc/siegel/ca.pem");
}

TEST(Parse, RulesKnowTheirLine) {
  const auto config = read(R"(rules:
  outgoing:
    - {subject_tag: vertraulich, encrypt: required, without_key: hold}
    - from: "*@stadt.example"
      sign: always
  incoming: [{verdict: bad, action: refuse}]
)");
  ASSERT_EQ(config->rules.outgoing.size(), 2U);
  EXPECT_EQ(config->rules.outgoing[0].line, 8U);
  EXPECT_EQ(config->rules.outgoing[0].without_key, config::WithoutKey::hold);
  EXPECT_EQ(config->rules.outgoing[1].line, 9U);
  EXPECT_EQ(config->rules.outgoing[1].sign, config::SignDemand::always);
  EXPECT_FALSE(config->rules.outgoing[1].encrypt);
  EXPECT_EQ(config->rules.incoming[0].line, 11U);
  EXPECT_EQ(config->rules.incoming[0].verdict, "bad");
}

TEST(Parse, EveryKindOfValue) {
  const auto config = read(R"(
storage: {directory: data}
revocation: {lists: [ca.crl, "http://crl.example/x"], mode: soft-fail, grace: 0 s}
tags: {plain: [offen]}
harvest: {enabled: false}
postmaster: Hilfe@stadt.example
)");
  EXPECT_EQ(config->storage.spool(), "/etc/siegel/data/spool");
  EXPECT_THAT(config->revocation.lists, ElementsAre("/etc/siegel/ca.crl", "http://crl.example/x"));
  EXPECT_EQ(config->revocation.mode, config::RevocationMode::soft_fail);
  EXPECT_EQ(config->revocation.grace, 0s);
  EXPECT_THAT(config->tags.plain, ElementsAre("offen"));
  EXPECT_FALSE(config->harvest.enabled);
  EXPECT_EQ(config->postmaster, "Hilfe@stadt.example");
}

TEST(Parse, EmptySectionsAreAllowed) {
  EXPECT_EQ(read("rules:\ntags:\n")->tags.good, "signiert");
}

TEST(Parse, NoTextIsTakenThatIsTooLong) {
  EXPECT_EQ(problem(std::string((1U << 20U) + 1, '#')),
            "x.yaml:1:1: the file is larger than 1 MiB; make it shorter");
  EXPECT_EQ(problem(smallest + std::string((1U << 20U) - smallest.size(), '#')), "");
}

TEST(Parse, DepthIsLimited) {
  EXPECT_THAT(problem("a: " + std::string(31, '[') + std::string(31, ']')),
              HasSubstr("unknown key"));
  EXPECT_THAT(problem("a: " + std::string(32, '[') + std::string(32, ']')),
              HasSubstr("x.yaml:1:35: this is not right YAML: more than 32 levels"));
  EXPECT_THAT(problem(std::string(500000, '[')), HasSubstr("more than 32 levels"));
}

TEST(Parse, TheNumberOfNodesIsLimited) {
  std::string many = "domains: [";
  for (int i = 0; i < 10000; ++i) many += "x,";
  EXPECT_THAT(problem(many + "]"), HasSubstr("more than 10000 values"));
}

TEST(Parse, ALaughOfABillionIsCutShort) {
  EXPECT_THAT(problem("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
              HasSubstr("x.yaml:1:4: anchors"));
}

TEST(Parse, WhatIsNotUtf8IsToldWithItsPlace) {
  EXPECT_EQ(problem("name: x\ndomains: [b\xFCro.example]"),
            "x.yaml:2:12: this is not UTF-8; save the file as UTF-8");
  EXPECT_EQ(problem(std::string("name: a\0b", 9)), "x.yaml:1:8: a control character; take it out");
  EXPECT_EQ(problem("\xFF\xFEn\0"), "x.yaml:1:1: this is not UTF-8; save the file as UTF-8");
}

TEST(Parse, R46_WhatWasWrittenCannotReachTheTerminal) {
  EXPECT_EQ(problem("\"\\e[2J\\u202e\": 1").find('\x1B'), std::string::npos);
  EXPECT_THAT(problem("\"\\e[2J\\u202e\": 1"), HasSubstr(R"(\x1b[2J\u{202e})"));
}

TEST(Parse, AnEmptyFileMissesWhatIsRequired) {
  const auto loaded = config::parse("", "x.yaml");
  EXPECT_EQ(loaded.problems.size(), 5U);
  EXPECT_FALSE(loaded.config);
}

class Load : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "siegel.yaml"; }
  [[nodiscard]] std::string error() const {
    try {
      static_cast<void>(config::load(file()));
    } catch (const Error& problem) {
      EXPECT_EQ(problem.fault(), Fault::ours);
      return problem.what();
    }
    return "none";
  }
  TemporaryDirectory directory_;
};

TEST_F(Load, ReadsAFile) {
  write_file(file(), smallest + "storage: {directory: data}\n");
  EXPECT_EQ(config::load(file())->storage.directory, directory_ / "data");
}

TEST_F(Load, TellsEveryProblemWithFileLineAndColumn) {
  write_file(file(), smallest + "tags: {goood: x}\nlog_subject: true\n");
  EXPECT_THAT(error(), HasSubstr(file().string() + ":6:8: unknown key \"goood\""));
  EXPECT_THAT(error(),
              HasSubstr(file().string() +
                        ":7:1: unknown key \"log_subject\"; did you mean \"log_subjects\"?"));
}

TEST_F(Load, TellsWhyAFileCannotBeRead) {
  EXPECT_THAT(error(), HasSubstr("siegel.yaml: No such file or directory"));
  std::filesystem::create_directory(file());
  EXPECT_THAT(error(), HasSubstr("siegel.yaml: Is a directory"));
}

TEST_F(Load, AFileThatIsTooLongIsNotReadToItsEnd) {
  write_file(file(), std::string(3U << 20U, '#'));
  EXPECT_THAT(error(), HasSubstr("larger than 1 MiB"));
}

}  // namespace
}  // namespace siegel::tests
