// A manifest, given any octets, read as CSV and as YAML: no crash, tables of one width, and each
// row is either a wish that fits the profile or named by a problem.

#include "pki/enrol/manifest.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "base/utf8.h"

namespace {

using namespace siegel;
using pki::enrol::Manifest;
using pki::enrol::ManifestProblem;
using pki::enrol::Table;

void demand(bool holds) {
  if (!holds) std::abort();
}

const config::Config& installation() {
  static const config::Config config = [] {
    config::Config made;
    made.domains = {"stadt.example"};
    return made;
  }();
  return config;
}

const std::vector<config::CaProfile>& profiles() {
  static const std::vector<config::CaProfile> all = [] {
    std::vector<config::CaProfile> made(2);
    made[0].name = "strict";
    made[0].naming.common_name = "GRP: ([A-Za-z0-9]+ ?)+";
    made[0].naming.printable_only = true;
    made[0].naming.forbidden = {"gmbh"};
    made[1].name = "free";
    made[1].naming.subject = "C=DE, OU={department}, CN={name}, emailAddress={address}";
    made[1].naming.transliterate = false;
    made[1].naming.network_names = true;
    return made;
  }();
  return all;
}

bool is_printable_line(const std::string& text) {
  return text.find('\n') == std::string::npos && text.find('\x1B') == std::string::npos;
}

void check_table(const Table& table, std::size_t size) {
  demand(table.columns.size() <= 64 && table.rows.size() <= 20000);
  for (const auto& row : table.rows) {
    demand(row.cells.size() == table.columns.size());
    demand(row.number >= 1 && row.number <= size + 1);
    for (const auto& cell : row.cells) demand(is_utf8(cell));
  }
}

void check(const Table& table, const std::vector<ManifestProblem>& of_reader, std::size_t size) {
  check_table(table, size);
  const Manifest manifest = pki::enrol::understand(table, profiles(), installation());
  std::set<std::size_t> told;
  bool is_whole_file = false;
  for (const auto& list : {of_reader, manifest.problems}) {
    for (const auto& problem : list) {
      demand(!problem.text.empty() && is_printable_line(problem.text));
      told.insert(problem.row);
      is_whole_file = is_whole_file || problem.row == 0;
    }
  }
  for (const auto& row : manifest.rows) {
    demand(is_utf8(row.subject) && is_printable_line(row.subject) &&
           row.subject.find("CN=") != std::string::npos);
    demand(installation().is_ours(row.wish.mailbox));
    demand(row.wish.sign || row.wish.encrypt);
    told.insert(row.number);
  }
  for (const auto& row : table.rows) demand(is_whole_file || told.contains(row.number));
  demand(!told.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  std::vector<ManifestProblem> problems;
  const Table csv = pki::enrol::read_csv(octets, problems);
  check(csv, problems, size);
  problems.clear();
  const Table yaml = pki::enrol::read_yaml(octets, problems);
  check(yaml, problems, size);
  return 0;
}
