#include <regex>

#include <gmock/gmock.h>

#include "config/load.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;

std::string told(const config::Loaded& loaded) {
  std::string text;
  for (const auto& problem : loaded.problems)
    text += config::describe(problem, "siegel.yaml") + '\n';
  return text;
}

/// The file with every hidden key taken in, in the way that its first lines describe.
std::string with_hidden_keys(const std::string& yaml) {
  std::string shown = std::regex_replace(yaml, std::regex("(^|\n)( *)#(?=[^ #])"), "$1$2");
  // ca_file belongs to another demand than the default.
  return std::regex_replace(shown, std::regex("tls: opportunistic"), "tls: verified");
}

TEST(Defaults, TheFileIsWhatTheSchemaSays) {
  const std::string written = read_file(fs::path(SIEGEL_SOURCE) / "config" / "siegel.yaml");
  const auto actual = fs::temp_directory_path() / "siegel.yaml.actual";
  const bool is_equal = written == config::annotated_defaults();
  if (!is_equal) write_file(actual, config::annotated_defaults());
  EXPECT_TRUE(is_equal) << "the schema has changed; look at the difference, then: cp "
                        << actual.string() << " config/siegel.yaml";
}

TEST(Defaults, LoadWithoutAProblem) {
  EXPECT_EQ(told(config::parse(config::annotated_defaults(), "siegel.yaml")), "");
}

TEST(Defaults, LoadWithEveryHiddenKeyTakenIn) {
  const auto loaded = config::parse(with_hidden_keys(config::annotated_defaults()), "siegel.yaml");
  ASSERT_EQ(told(loaded), "");
  EXPECT_EQ(loaded.config->rules.outgoing.size(), 1U);
  EXPECT_EQ(loaded.config->rules.incoming.size(), 1U);
  EXPECT_TRUE(loaded.config->relay.tls.has_value());
  EXPECT_TRUE(loaded.config->relay.world.ca_file.has_value());
}

TEST(Defaults, AreTheDefaultsOfTheStructs) {
  const auto loaded = config::parse(config::annotated_defaults(), "siegel.yaml").config;
  const config::Config plain;
  EXPECT_EQ(loaded->relay.limits.message_octets, plain.relay.limits.message_octets);
  EXPECT_EQ(loaded->relay.retry.after, plain.relay.retry.after);
  EXPECT_EQ(loaded->relay.retry.give_up, plain.relay.retry.give_up);
  EXPECT_EQ(loaded->tags.encrypt, plain.tags.encrypt);
  EXPECT_EQ(loaded->tags.bad, plain.tags.bad);
  EXPECT_EQ(loaded->revocation.grace, plain.revocation.grace);
  EXPECT_EQ(loaded->smime.stale_after, plain.smime.stale_after);
  EXPECT_EQ(loaded->harvest.new_per_domain_and_hour, plain.harvest.new_per_domain_and_hour);
  EXPECT_EQ(loaded->storage.directory, plain.storage.directory);
}

}  // namespace
}  // namespace siegel::tests
