#include <iostream>

#include "base/error.h"
#include "config/load.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

/// A file that cannot be read is no better than one that cannot be understood.
std::string read_config(const Context& context) {
  try {
    return read_argument(context.config_file);
  } catch (const Error& error) {
    throw WrongUsage(error);
  }
}

void check(Context& context) {
  const auto loaded = config::parse(read_config(context), context.config_file);
  if (context.json) {
    Json problems = Json::array();
    for (const config::Problem& each : loaded.problems) {
      problems.push_back({{"line", each.line}, {"column", each.column}, {"text", each.text}});
    }
    print_json(std::cout, {{"file", context.config_file.string()},
                           {"ok", loaded.problems.empty()},
                           {"problems", std::move(problems)}});
  } else {
    for (const config::Problem& each : loaded.problems) {
      std::cout << config::describe(each, context.config_file) << '\n';
    }
    if (loaded.problems.empty()) std::cout << context.config_file.string() << ": ok\n";
  }
  if (!loaded.problems.empty()) context.exit_code = exit_usage;
}

}  // namespace

void add_config_commands(CLI::App& app, Context& context) {
  CLI::App* config = app.add_subcommand("config", "the configuration file");
  config->require_subcommand(1);
  config->add_subcommand("check", "read the file and report every problem with line and column")
      ->callback([&context] { check(context); });
  config->add_subcommand("example", "print every setting at its default, with explanations")
      ->callback([] { std::cout << config::annotated_defaults(); });
}

}  // namespace siegel::tools
