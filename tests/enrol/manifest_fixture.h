#pragma once

#include <string>
#include <vector>

#include "config/profile.h"
#include "pki/enrol/manifest.h"

namespace siegel::tests {

inline config::CaProfile ca_profile(const std::string& name) {
  config::CaProfile profile;
  profile.name = name;
  profile.naming.organisation = "Stadt Muster";
  profile.keys.types = {"rsa-3072", "rsa-4096"};
  return profile;
}

/// An installation of stadt.example that reads manifests.
struct Office {
  config::Config config = [] {
    config::Config made;
    made.domains = {"stadt.example"};
    return made;
  }();
  std::vector<config::CaProfile> profiles{ca_profile("amt-ca")};

  /// Reading and understanding, with all problems together.
  [[nodiscard]] pki::enrol::Manifest csv(const std::string& octets) const {
    std::vector<pki::enrol::ManifestProblem> problems;
    return with(problems, pki::enrol::read_csv(octets, problems));
  }
  [[nodiscard]] pki::enrol::Manifest yaml(const std::string& octets) const {
    std::vector<pki::enrol::ManifestProblem> problems;
    return with(problems, pki::enrol::read_yaml(octets, problems));
  }

 private:
  [[nodiscard]] pki::enrol::Manifest with(std::vector<pki::enrol::ManifestProblem>& problems,
                                          const pki::enrol::Table& table) const {
    auto manifest = pki::enrol::understand(table, profiles, config);
    manifest.problems.insert(manifest.problems.begin(), problems.begin(), problems.end());
    return manifest;
  }
};

/// One line each: "3 owner: is empty; …"; of the whole file "0 : …".
inline std::vector<std::string> told(const pki::enrol::Manifest& manifest) {
  std::vector<std::string> lines;
  for (const auto& problem : manifest.problems)
    lines.push_back(std::to_string(problem.row) + ' ' + problem.column + ": " + problem.text);
  return lines;
}

}  // namespace siegel::tests
