#include "config/load.h"

#include <utility>

#include "base/error.h"
#include "config/checks.h"
#include "config/read_tree.h"
#include "config/reader.h"
#include "config/text_file.h"

namespace siegel::config {
namespace {

/// What a default can be made from only when the rest is known.
void complete(Config& config) {
  if (config.postmaster.empty() && !config.domains.empty())
    config.postmaster = "postmaster@" + config.domains.front();
  if (!config.transfer) return;
  TransferSettings& transfer = *config.transfer;
  if (transfer.look.name.empty()) transfer.look.name = config.name;
  if (transfer.look.contact.empty()) transfer.look.contact = config.postmaster;
  if (!transfer.sender) transfer.sender = Address::parse(config.postmaster);
}

Config read_config(TreeNode root, Reading& reading) {
  Config config;
  if (!take_as_map(root, "name: gateway.stadt.example", reading.problems)) return config;
  Reader reader(root, {}, reading);
  schema(reader, config);
  reader.finish();
  check_whole(config, root, reading.problems);
  complete(config);
  return config;
}

}  // namespace

Loaded parse(std::string_view yaml, const std::filesystem::path& file) {
  Reading reading{file.parent_path(), {}};
  auto root = read_tree(yaml, {}, reading.problems);
  Loaded loaded;
  if (root) {
    Config config = read_config(std::move(*root), reading);
    config.file = file;
    if (reading.problems.empty()) loaded.config = std::make_shared<const Config>(std::move(config));
  }
  loaded.problems = in_order(std::move(reading.problems));
  return loaded;
}

std::shared_ptr<const Config> load(const std::filesystem::path& file) {
  Loaded loaded = parse(read_text_file(file), file);
  if (loaded.config) return loaded.config;
  std::string lines;
  for (const Problem& problem : loaded.problems) lines += '\n' + describe(problem, file);
  throw Error(Fault::ours, "the configuration cannot be used; mend what is named and try again",
              lines);
}

std::string describe(const Problem& problem, const std::filesystem::path& file) {
  return file.string() + ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column) +
         ": " + problem.text;
}

}  // namespace siegel::config
