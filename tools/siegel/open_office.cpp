#include "tools/siegel/open_office.h"

#include <iostream>
#include <map>

#include "tools/siegel/user.h"
#include "tools/siegel/workbench.h"

namespace siegel::tools {
namespace {

using pki::enrol::Report;
using pki::enrol::Request;

/// One that is broken stops its own requests only.
std::vector<config::CaProfile> usable_profiles(const config::Config& config) {
  config::Profiles found = config::load_usable_profiles(config);
  if (!found.problems.empty())
    note("these CA profiles cannot be used, and nothing is done by them until they are mended:" +
         found.problems);
  return std::move(found.usable);
}

Json fact_of(const Request& request) {
  return {{"id", request.id},
          {"address", request.wish.mailbox.str()},
          {"purpose", std::string(name(request.purpose))},
          {"state", std::string(name(request.state))}};
}

Json list_of(const Report& report) {
  Json moved = Json::array();
  for (const Request& request : report.moved) moved.push_back(fact_of(request));
  return moved;
}

Json troubles_of(const Report& report) {
  Json troubles = Json::array();
  for (const auto& trouble : report.troubles)
    troubles.push_back({{"about", trouble.about}, {"text", trouble.text}});
  return troubles;
}

void tell_people(const Report& report) {
  std::map<std::string, std::size_t> counts;
  for (const Request& request : report.moved) ++counts[std::string(name(request.state))];
  for (const auto& [state, count] : counts)
    std::cout << count << (count == 1 ? " request is " : " requests are ") << state << '\n';
  if (counts.empty()) std::cout << "nothing was to be done\n";
  for (const auto& trouble : report.troubles)
    std::cerr << trouble.about << ": " << trouble.text << '\n';
}

}  // namespace

OpenOffice::OpenOffice(const Context& context)
    : config_(at_own_workbench(context.config())),
      database_(config_->storage.database_url()),
      store_(database_, pki::Seal::from_file(config_->storage.key_encryption_key), config_, clock_),
      ledger_(database_, clock_),
      office_{ledger_, store_, clock_, usable_profiles(*config_), user_name(), sudo_note()} {
  store_.act_for(office_.actor);
}

pki::enrol::Turn OpenOffice::take_turn() const {
  auto turn = pki::enrol::Turn::take(config_->storage.directory, std::chrono::minutes(1));
  if (!turn)
    throw Error(Fault::world,
                "the relay or another command is making keys or asking an authority, and has not "
                "finished within a minute; nothing was done, try again in some minutes");
  return *std::move(turn);
}

void tell(Context& context, const Report& report, const Json& facts) {
  if (!report.troubles.empty()) context.exit_code = exit_no;
  if (!context.json) return tell_people(report);
  Json all = facts;
  all["moved"] = list_of(report);
  all["troubles"] = troubles_of(report);
  print_json(std::cout, all);
}

}  // namespace siegel::tools
