// DESIGN: folders are floors. A file includes its own folder and lower floors only, and a
// third-party library is included only where it has its home.

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "tests/house/sources.h"

namespace siegel::tests {
namespace {

const std::map<std::string, int>& floors() {
  static const std::map<std::string, int> numbers{
      {"base", 0},           {"config", 1},           {"pki", 2},
      {"pki/enrol", 3},      {"pki/discovery", 3},    {"gateway/mail", 3},
      {"gateway/policy", 4}, {"gateway/smtp", 4},     {"gateway/spool", 4},
      {"gateway/crypt", 5},  {"gateway/transfer", 5}, {"gateway/relay", 6},
      {"gateway/portal", 6}, {"gateway", 7},          {"tools", 7}};
  return numbers;
}

/// The floor's folder that holds `path`: the longest one that fits.
std::string room_of(const std::string& path) {
  std::string best;
  for (const auto& [folder, number] : floors()) {
    if (path.starts_with(folder + "/") && folder.size() > best.size()) best = folder;
  }
  return best;
}

std::vector<std::string> includes_of(const Source& source, const std::regex& form) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(source.text)) {
    std::smatch match;
    if (std::regex_search(line, match, form)) found.push_back(match[1]);
  }
  return found;
}

std::optional<std::string> complaint(const Source& source, const std::string& included) {
  const std::string room = room_of(source.path);
  const std::string other = room_of(included);
  if (other.empty()) return source.path + " includes \"" + included + "\", which is in no room";
  if (other == room || floors().at(other) < floors().at(room)) return std::nullopt;
  return source.path + " includes \"" + included + "\", which is not below it";
}

TEST(Floors, FilesIncludeTheirOwnFolderAndLowerFloorsOnly) {
  const std::regex form(R"re(^\s*#include "([^"]+)")re");
  std::size_t seen = 0;
  for (const Source& source : sources({"base", "config", "pki", "gateway", "tools"})) {
    for (const std::string& included : includes_of(source, form)) {
      ++seen;
      const auto wrong = complaint(source, included);
      EXPECT_FALSE(wrong) << *wrong;
    }
  }
  EXPECT_GT(seen, 100U) << "the check has found no includes: does it still read the right folders?";
}

TEST(Floors, ASiblingOrAHigherFloorIsFound) {
  EXPECT_TRUE(complaint({"gateway/smtp/a.h", ""}, "gateway/policy/decide.h"));
  EXPECT_TRUE(complaint({"base/a.h", ""}, "config/config.h"));
  EXPECT_FALSE(complaint({"gateway/crypt/a.h", ""}, "gateway/policy/verdict.h"));
}

struct Home {
  std::string library;  ///< start of the included name
  std::string allowed;  ///< regular expression of paths
};

TEST(Floors, LibrariesStayAtHome) {
  const std::vector<Home> homes{
      {"openssl/",
       "^(pki/|gateway/crypt/|gateway/(smtp|portal)/(channel|tls)|gateway/portal/oidc_key|"
       "gateway/transfer/|tools/siegel/demo)"},
      {"gmime/", "^gateway/mail/[a-z_]+\\.cpp$"},
      {"yaml-cpp/", "^config/[a-z_]+\\.cpp$"},
      {"Poco/Data/", "^(base/(database|sql)|pki/)"},
      {"Poco/Net/",
       "^(pki/fetch|pki/hurried_socket|pki/tls_socket|pki/look_up|pki/discovery/wkd|pki/enrol/http|"
       "gateway/smtp/"
       "|gateway/transfer/|"
       "gateway/portal/)"},
      {"spdlog/", "^base/log"},
      {"CLI/", "^(tools/|gateway/daemon)"},
      {"csv.h", "^pki/enrol/csv\\.cpp$"},
      {"idn2.h", "^base/address"},
      {"libxml/", "^gateway/crypt/html_text\\.cpp$"},
      {"p11-kit/", "^pki/(cryptoki|token)"},
      {"gpgme.h", "^pki/gpg"},
      {"ldap.h", "^pki/discovery/ldap"},
      {"lber.h", "^pki/discovery/ldap"},
      {"unbound.h", "^pki/discovery/dns"},
      {"openssl/engine.h", "^pki/token_engine\\.cpp$"},
  };
  const std::regex form(R"re(^\s*#include <([^>]+)>)re");
  std::map<std::string, std::set<std::string>> users;
  for (const Source& source : sources({"base", "config", "pki", "gateway", "tools"})) {
    for (const std::string& included : includes_of(source, form)) {
      for (const Home& home : homes) {
        if (!included.starts_with(home.library)) continue;
        users[home.library].insert(source.path);
        EXPECT_TRUE(std::regex_search(source.path, std::regex(home.allowed)))
            << source.path << " includes <" << included << ">, whose home is elsewhere";
      }
    }
  }
  EXPECT_EQ(users["gmime/"].size(), 1U) << "GMime belongs in exactly one file";
  EXPECT_EQ(users["yaml-cpp/"].size(), 1U) << "yaml-cpp belongs in exactly one file";
}

}  // namespace
}  // namespace siegel::tests
