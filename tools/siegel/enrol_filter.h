#pragma once

#include <string>
#include <vector>

#include "tools/siegel/open_office.h"

namespace siegel::tools {

/// Which requests a command is about, as written on the command line.
struct FilterArguments {
  std::string address, profile, batch;
  std::vector<std::string> states;
  std::int64_t id = 0;
};

void add_filter(CLI::App& command, FilterArguments& filter);
/// Throws WrongUsage for an address that is none, or a state that there is not.
[[nodiscard]] pki::enrol::Filter filter_of(const FilterArguments& arguments);
[[nodiscard]] bool is_empty(const FilterArguments& arguments);

/// Each request of the report once, as it stands now.
[[nodiscard]] pki::enrol::Report latest(const pki::enrol::Office& office,
                                        pki::enrol::Report report);

/// `enrol status`, `enrol show` and `enrol stats`.
void add_enrol_status(CLI::App& enrol, Context& context);

}  // namespace siegel::tools
