#include <iostream>

#include "base/error.h"
#include "gateway/crypt/self_test.h"
#include "pki/asn1.h"
#include "pki/enrol/activation.h"
#include "pki/enrol/batch.h"
#include "pki/enrol/cancel.h"
#include "pki/enrol/key_making.h"
#include "pki/enrol/round.h"
#include "pki/enrol/start.h"
#include "pki/enrol/submit.h"
#include "tools/siegel/enrol_filter.h"
#include "tools/siegel/progress.h"

namespace siegel::tools {
namespace {

namespace enrol = pki::enrol;

struct Arguments {
  FilterArguments filter;
  std::filesystem::path from, to;
  std::vector<std::filesystem::path> files;
  std::filesystem::path password_file;
  std::string ticket, batch, profile, reason;
  bool dry_run = false, good_rows = false, activate = false, although_issued = false, zip = false;
};

// --- start

enrol::Manifest read_manifest(const OpenOffice& office, const std::filesystem::path& file,
                              const std::string& octets) {
  std::vector<enrol::ManifestProblem> problems;
  const bool is_yaml = file.extension() == ".yaml" || file.extension() == ".yml";
  const auto table =
      is_yaml ? enrol::read_yaml(octets, problems) : enrol::read_csv(octets, problems);
  auto manifest = enrol::understand(table, office->profiles, office.config());
  manifest.problems.insert(manifest.problems.begin(), problems.begin(), problems.end());
  return manifest;
}

std::string in_words(const enrol::ManifestProblem& problem, const std::string& file) {
  std::string text = file;
  if (problem.row != 0) text += ", row " + std::to_string(problem.row);
  if (!problem.column.empty()) text += ", " + problem.column;
  return text + ": " + problem.text;
}

enrol::Report as_report(const enrol::Manifest& manifest, const std::string& file) {
  enrol::Report report;
  for (const auto& problem : manifest.problems)
    report.troubles.push_back({"row " + std::to_string(problem.row), in_words(problem, file)});
  return report;
}

Table rows_of(const enrol::Manifest& manifest) {
  Table table({"row", "address", "profile", "key_type", "subject"});
  for (const auto& row : manifest.rows)
    table.add({row.number, row.wish.mailbox.str(), row.wish.profile,
               std::string(name(row.wish.key_type)), row.subject});
  return table;
}

Json problems_of(const enrol::Manifest& manifest) {
  Json problems = Json::array();
  for (const auto& problem : manifest.problems)
    problems.push_back({{"row", problem.row}, {"column", problem.column}, {"text", problem.text}});
  return problems;
}

/// What is in the way; for scripts with all that is not.
void print_problems(const Context& context, const enrol::Manifest& manifest,
                    const std::string& file) {
  if (context.json)
    return print_json(std::cout,
                      {{"rows", rows_of(manifest).json()}, {"problems", problems_of(manifest)}});
  for (const auto& problem : manifest.problems)
    std::cerr << in_words(problem, printable(file)) << '\n';
}

void print_plan(Context& context, const enrol::Manifest& manifest, const std::string& file) {
  if (!manifest.problems.empty()) context.exit_code = exit_no;
  if (!context.json) rows_of(manifest).print(std::cout, context.json);
  print_problems(context, manifest, file);
}

void start(Context& context, const Arguments& arguments) {
  OpenOffice office(context);
  const std::string octets = read_argument(arguments.from);
  const std::string file = arguments.from.string();
  const auto manifest = read_manifest(office, arguments.from, octets);
  if (arguments.dry_run) return print_plan(context, manifest, file);
  if (!manifest.problems.empty() && !arguments.good_rows) {
    print_problems(context, manifest, file);
    throw Error(Fault::peer,
                "nothing was started; mend the rows above, or take the good ones with "
                "--good-rows");
  }
  const std::string evidence = arguments.ticket.empty() ? "manifest " + pki::sha256_hex(octets)
                                                        : "ticket " + printable(arguments.ticket);
  const auto turn = office.take_turn();
  auto report = enrol::start(*office, manifest, evidence);
  report.add(enrol::make_keys(*office, progress_bar("keys")));
  report.add(as_report(manifest, printable(file)));
  tell(context, latest(*office, std::move(report)));
}

// --- the other steps

void authorise(Context& context, const Arguments& arguments) {
  OpenOffice office(context);
  const auto turn = office.take_turn();
  auto report = enrol::authorise(*office, filter_of(arguments.filter),
                                 "ticket " + printable(arguments.ticket));
  report.add(enrol::make_keys(*office, progress_bar("keys")));
  tell(context, latest(*office, std::move(report)));
}

void export_requests(Context& context, const Arguments& arguments) {
  if (arguments.profile.empty() == arguments.batch.empty())
    throw WrongUsage(Error(Fault::peer,
                           "name either --profile, for a new batch, or --batch, to write one once "
                           "more"));
  OpenOffice office(context);
  const auto form = arguments.zip ? enrol::BatchForm::zip : enrol::BatchForm::folder;
  if (!arguments.batch.empty()) {
    const auto place = enrol::export_again(*office, arguments.batch, arguments.to, form);
    if (!place) throw Error(Fault::peer, "there is no batch " + printable(arguments.batch));
    return context.say({{arguments.zip ? "file" : "folder", place->string()}},
                       "written again: " + place->string());
  }
  const auto exported = enrol::export_batch(*office, arguments.profile, arguments.to, form);
  if (exported.batch.empty())
    return context.say({{"batch", nullptr}}, "no request of this CA profile is ready to go");
  tell(context, exported.report,
       {{"batch", exported.batch}, {arguments.zip ? "file" : "folder", exported.place.string()}});
  if (!context.json)
    std::cout << "batch " << exported.batch << " is in " << exported.place.string() << '\n';
}

enrol::SelfTest self_test_of(const OpenOffice& office) {
  return crypt::make_self_test(office.config().smime, office.clock());
}

enrol::Report activated(const OpenOffice& office, const enrol::Filter& filter) {
  return enrol::activate(*office, filter, self_test_of(office), progress_bar("activation"));
}

enrol::Report submitted(const OpenOffice& office, const enrol::Filter& filter) {
  return enrol::submit(*office, enrol::connect_by_profile(office.clock()), filter,
                       progress_bar("requests"));
}

void tell_with_next_round(Context& context, const OpenOffice& office, enrol::Report report) {
  Json facts = Json::object();
  if (const auto next = enrol::next_round(*office)) facts["next_round"] = rfc3339(*next);
  tell(context, latest(*office, std::move(report)), facts);
  if (!context.json && facts.contains("next_round"))
    std::cout << "run this again from " << facts["next_round"].get<std::string>() << " on\n";
}

void submit(Context& context, const Arguments& arguments) {
  OpenOffice office(context);
  const auto turn = office.take_turn();
  auto report = submitted(office, filter_of(arguments.filter));
  if (arguments.activate) report.add(activated(office, filter_of(arguments.filter)));
  tell_with_next_round(context, office, std::move(report));
}

/// All that needs nobody, for a timer.
void run(Context& context, const Arguments& /*arguments*/) {
  OpenOffice office(context);
  const auto turn = office.take_turn();
  tell_with_next_round(
      context, office,
      enrol::run_round(*office, enrol::connect_by_profile(office.clock()), self_test_of(office),
                       [](const std::string& what) { return progress_bar(what); }));
}

void import_returned(Context& context, const Arguments& arguments) {
  OpenOffice office(context);
  const pki::Secret password = read_password(arguments.password_file);
  auto report =
      enrol::import_files(*office, arguments.files, password.text(), progress_bar("certificates"));
  if (arguments.activate) report.add(activated(office, {}));
  tell(context, latest(*office, std::move(report)));
}

void activate(Context& context, const Arguments& arguments) {
  OpenOffice office(context);
  tell(context, activated(office, filter_of(arguments.filter)));
}

void demand_filter(const Arguments& arguments) {
  if (is_empty(arguments.filter))
    throw WrongUsage(
        Error(Fault::peer, "name which requests: --id, --address, --state, --profile or --batch"));
}

std::string reason_or(const Arguments& arguments, const char* otherwise) {
  return arguments.reason.empty() ? otherwise : printable(arguments.reason);
}

void cancel(Context& context, const Arguments& arguments) {
  demand_filter(arguments);
  const auto misfit = arguments.although_issued ? enrol::Misfit::given_up : enrol::Misfit::kept;
  OpenOffice office(context);
  const auto turn = office.take_turn();  // a certificate may be on its way at this moment
  tell(context, enrol::cancel(*office, filter_of(arguments.filter),
                              reason_or(arguments, "given up by the operator"), misfit));
}

void retry(Context& context, const Arguments& arguments) {
  demand_filter(arguments);
  OpenOffice office(context);
  const auto turn = office.take_turn();
  auto report =
      enrol::retry(*office, filter_of(arguments.filter), reason_or(arguments, "to be tried again"));
  report.add(enrol::make_keys(*office, progress_bar("keys")));
  tell(context, latest(*office, std::move(report)));
}

// --- command line

using Verb = void (*)(Context&, const Arguments&);

CLI::App* add_verb(CLI::App& enrol, Context& context, const std::shared_ptr<Arguments>& arguments,
                   std::pair<const char*, const char*> words, Verb verb) {
  CLI::App* command = enrol.add_subcommand(words.first, words.second);
  command->callback([&context, arguments, verb] { verb(context, *arguments); });
  return command;
}

void add_start(CLI::App& enrol, Context& context, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* command = add_verb(enrol, context, arguments,
                               {"start", "make requests and keys from a manifest"}, start);
  command->add_option("--from", arguments->from, "CSV or YAML file")->required();
  command->add_option("--ticket", arguments->ticket, "number of the application, for the record");
  command->add_flag("--dry-run", arguments->dry_run, "only check the manifest and show the names");
  command->add_flag("--good-rows", arguments->good_rows, "start the rows that are right");
  command = add_verb(enrol, context, arguments,
                     {"authorise", "sign off what somebody else has started"}, authorise);
  command->add_option("--ticket", arguments->ticket, "number of the application")->required();
  add_filter(*command, arguments->filter);
}

void add_exchange(CLI::App& enrol, Context& context, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* command =
      add_verb(enrol, context, arguments, {"export", "write a batch of requests into a folder"},
               export_requests);
  command->add_option("--profile", arguments->profile, "CA profile");
  command->add_option("--batch", arguments->batch, "write this batch once more");
  command->add_option("--to", arguments->to, "folder for the batch")->required();
  command->add_flag("--zip", arguments->zip, "one ZIP archive in it");
  command = add_verb(enrol, context, arguments, {"import", "take certificates that came back"},
                     import_returned);
  command->add_option("files", arguments->files, "files, folders or ZIP archives")->required();
  command->add_option("--password-file", arguments->password_file, "for PKCS#12");
  command->add_flag("--activate", arguments->activate, "put what fits into service");
  command = add_verb(enrol, context, arguments,
                     {"submit", "send to and ask the authorities that answer by protocol"}, submit);
  add_filter(*command, arguments->filter);
  command->add_flag("--activate", arguments->activate, "put what fits into service");
}

void add_ends(CLI::App& enrol, Context& context, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* cancels = add_verb(enrol, context, arguments, {"cancel", "give requests up"}, cancel);
  cancels->add_flag("--although-issued", arguments->although_issued,
                    "although a certificate that does not fit stays valid");
  CLI::App* retries =
      add_verb(enrol, context, arguments,
               {"retry", "begin anew what was refused or has failed, with new keys"}, retry);
  for (CLI::App* command : {cancels, retries}) {
    add_filter(*command, arguments->filter);
    command->add_option("--reason", arguments->reason, "for the record");
  }
}

}  // namespace

void add_enrol_commands(CLI::App& app, Context& context) {
  CLI::App* enrol = app.add_subcommand("enrol", "certificates for many mailboxes");
  enrol->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  add_start(*enrol, context, arguments);
  add_exchange(*enrol, context, arguments);
  add_filter(*add_verb(*enrol, context, arguments,
                       {"activate", "put checked certificates into service"}, activate),
             arguments->filter);
  add_verb(*enrol, context, arguments,
           {"run", "one round of everything that needs nobody, for a timer"}, run);
  add_ends(*enrol, context, arguments);
  add_enrol_status(*enrol, context);
}

}  // namespace siegel::tools
